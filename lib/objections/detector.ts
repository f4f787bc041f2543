import type { Detection, DetectionInput, ObjectionDetector, Turn } from "../call/ports.ts";
import { decideUtterance, type Decision } from "./arbitration.ts";
import { languageKnowledge } from "./languages.ts";
import type { ModelHeader, ObjectionModel } from "./model.ts";
import { endsOpen } from "./open-end.ts";
import { createReadUtterance } from "./utterance.ts";

/** The trained models of the languages that are to be judged. */
export type ObjectionModels = Readonly<Partial<Record<"es" | "en", ObjectionModel>>>;

/**
 * The model's thresholds are for lists of which half are objections. Talk is mostly harmless: at the same threshold more of
 * its cards would be false. On the test split (es, en) this leaves 5 and 7 false cards of 100 harmless sentences where there
 * were 10 and 11, and finds 63 and 59 of 100 objections where it found 76 and 69.
 */
export const leastConfidenceOfTalk = 0.8;
/** What an interim needs where no rule agrees. */
const decisiveAlone = 0.95;
const decisiveWords = 5;

type Judge = (text: string, context: readonly Turn[]) => Decision | null;

interface Judged {
  readonly judge: Judge;
  readonly endsOpen: (text: string) => boolean;
  readonly header: ModelHeader;
}

/**
 * Rules and a trained model for each language of `models`; `multi` is judged in the language that the utterance seems to be
 * in. `leastConfidence` raises the model's own thresholds. Preparing a language takes about 0.2 s: do it once, and only for
 * those that are needed.
 */
export function createObjectionDetector(
  models: ObjectionModels,
  { leastConfidence = 0 }: { readonly leastConfidence?: number } = {},
): ObjectionDetector {
  const languages = new Map<"es" | "en", Judged>();
  for (const language of ["es", "en"] as const) {
    const model = models[language];
    if (model !== undefined) {
      const finalThreshold = Math.max(leastConfidence, model.header.finalThreshold);
      const interimThreshold = Math.max(finalThreshold, model.header.interimThreshold);
      const header = { ...model.header, finalThreshold, interimThreshold };
      languages.set(language, {
        judge: createJudge(language, model),
        endsOpen: (text) => endsOpen(text, language),
        header,
      });
    }
  }
  const languageOf = ({ role, language, text }: DetectionInput) =>
    role === "rep" ? undefined : languages.get(language === "multi" ? spokenLanguage(text) : language);
  const detect = (input: DetectionInput): Detection | null => {
    const known = languageOf(input);
    if (known === undefined) return null;
    const before = input.context.at(-1);
    const isSecondHalf = before !== undefined && before.role !== "rep" && known.endsOpen(before.text);
    // Alone it may say the contrary.
    const decision = input.isFinal && isSecondHalf ? null : known.judge(input.text, input.context);
    if (decision !== null && isEnough(decision, known, input)) return detectionOf(decision);
    return input.isFinal ? fromTwoHalves(known, input) : null;
  };
  return {
    detect,
    doubt(input) {
      const known = languageOf(input);
      if (known === undefined || !input.isFinal || detect(input) !== null) return null;
      const decision = known.judge(input.text, input.context);
      return decision === null || decision.confidence < known.header.doubtFrom
        ? null
        : { type: decision.type, confidence: decision.confidence };
    },
  };
}

/** Of a final as well more words may follow: where it ends in the middle of a sentence. */
function isEnough(
  decision: Decision,
  { endsOpen, header }: Judged,
  { isFinal, text }: Pick<DetectionInput, "isFinal" | "text">,
): boolean {
  if (isFinal && !endsOpen(text)) return decision.confidence >= header.finalThreshold;
  return isDecisive(decision, header.interimThreshold);
}

/**
 * More words may follow: either the rules see what the model sees, or it is surer than it has to be, of words enough. On
 * beginnings of the test split, five of six cards raised so are still right when the sentence is over.
 */
function isDecisive({ confidence, source, isAnswer, words }: Decision, threshold: number): boolean {
  if (isAnswer) return false;
  return source === "rule" ? confidence >= threshold : confidence >= decisiveAlone && words >= decisiveWords;
}

function createJudge(language: "es" | "en", model: ObjectionModel): Judge {
  const { rules, concepts } = languageKnowledge[language];
  const read = createReadUtterance(rules, concepts);
  return (text, context) => decideUtterance(read(text, context), model);
}

function detectionOf({ type, confidence, source, evidence }: Decision): Detection {
  return { type, confidence, source, evidence };
}

/** The recogniser cut one sentence in two: it is judged whole, what is reported lies in this half. */
function fromTwoHalves(known: Judged, { text, context }: DetectionInput): Detection | null {
  const begun = unfinished(context, known);
  if (begun === null || text.trim() === "") return null;
  const earlier = context.slice(0, -1);
  const whole = known.judge(`${begun} ${text}`, earlier);
  if (whole === null || !isEnough(whole, known, { isFinal: true, text })) return null;
  const before = known.judge(begun, earlier);
  if (before !== null && isEnough(before, known, { isFinal: true, text: begun })) return null;
  const offset = begun.length + 1;
  const evidence = whole.evidence
    .map(({ start, end }) => ({ start: Math.max(0, start - offset), end: end - offset }))
    .filter(({ start, end }) => end > start);
  // The deciding words may all lie in the first half, which was not said enough for.
  return detectionOf({
    ...whole,
    evidence: evidence.length > 0 ? evidence : [{ start: 0, end: text.length }],
  });
}

/** What the prospect said last, where it does not end as sentences end. */
function unfinished(context: readonly Turn[], { endsOpen }: Judged): string | null {
  const last = context.at(-1);
  if (last === undefined || last.role === "rep" || last.text.trim() === "") return null;
  return /[.?!]\s*$/u.test(last.text) && !endsOpen(last.text) ? null : last.text;
}

const commonWords = {
  es: new Set(
    "de que no la el es y en lo un una por me con se los las para nos pero muy ya si te le del al".split(" "),
  ),
  en: new Set(
    "the to it is i we that a of and you not for have our this with be so but in on my do just what".split(
      " ",
    ),
  ),
} as const;

/** By the small words that every sentence has; Spanish when neither language has more of them. */
function spokenLanguage(text: string): "es" | "en" {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const count = (language: "es" | "en"): number =>
    words.filter((word) => commonWords[language].has(word)).length;
  return count("en") > count("es") ? "en" : "es";
}
