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
 * its cards would be false. On ordinary sentences (es, en) this leaves 1.1 and 0.9 false cards of 100 harmless ones, where
 * there were 2.8 and 3.3, and finds 85 and 83 of 100 objections, where it found 97 and 96; on the test split 2 and 3 where
 * there were 9 and 10, and 55 and 51 where it found 80 and 76.
 */
export const leastConfidenceOfTalk = 0.9;
/** What an interim needs where no rule agrees. */
const decisiveAlone = 0.97;
const decisiveWords = 5;
/** A rep who says no more than this is listening. */
const listeningWords = 1;
/** Words before it in the same turn that an utterance is judged with: few turns that the model knows are longer. */
const turnWords = 45;
/**
 * What has to be left of an objection when its turn is judged as a whole, and when it is judged by what the rep said before the
 * turn. Of turns of the test split, cut into their sentences, a fifth of the false cards do not pass, and one in thirty others
 * (at 0.8).
 */
const leastInTurn = 0.6;

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
    const begun = begunBefore(input.context, known);
    if (begun?.endsOpen === true) return fromTwoHalves(known, input, begun);
    const decision = known.judge(input.text, input.context);
    if (decision !== null && isEnough(decision, known, input) && standsInTurn(known, input)) {
      return detectionOf(decision);
    }
    return input.isFinal && begun !== null ? fromTwoHalves(known, input, begun) : null;
  };
  return {
    detect,
    doubt(input) {
      const known = languageOf(input);
      // What goes on is judged with what follows.
      if (known === undefined || !input.isFinal || known.endsOpen(input.text)) return null;
      if (detect(input) !== null) return null;
      const decision = doubtedIn(known, input);
      return decision === null || decision.confidence < known.header.doubtFrom
        ? null
        : { type: decision.type, confidence: decision.confidence };
    },
  };
}

/** Whether it is still an objection with all that the prospect has said since the rep last spoke. */
function standsInTurn({ judge }: Judged, { context, role, text }: DetectionInput): boolean {
  if (role !== "prospect" || context.at(-1)?.role !== "prospect") return true;
  const first = context.findLastIndex((turn) => turn.role !== "prospect" && !isListening(turn)) + 1;
  const own = context.slice(first).filter((turn) => turn.role === "prospect");
  const words = own.flatMap((turn) => turn.text.trim().split(/\s+/u)).slice(-turnWords);
  const before = context.slice(0, first);
  const holds = (said: string): boolean => (judge(said, before)?.confidence ?? 0) >= leastInTurn;
  return holds([...words, text].join(" ")) && holds(text);
}

/** What there is to doubt: both halves of a sentence, or the second one where the first was told of. */
function doubtedIn(known: Judged, input: DetectionInput): Decision | null {
  const begun = begunBefore(input.context, known);
  if (begun?.endsOpen !== true) return known.judge(input.text, input.context);
  const told = toldOf(known, begun);
  if (told === null) return judgeWhole(known, input, begun);
  const alone = known.judge(input.text, input.context);
  return alone?.type === told.type ? null : alone;
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
 * More words may follow: either the rules see what the model sees, or it is surer than it has to be, of words enough. Of the
 * first cards that the beginnings of ordinary sentences raise so, 95 and 97 of 100 belong to an objection (es, en), of the
 * test split 92 and 88. Of those that only a rule is certain of it would be one of two: its certainty does not count here.
 */
function isDecisive({ probability, source, isAnswer, words }: Decision, threshold: number): boolean {
  if (isAnswer) return false;
  return source === "rule"
    ? probability >= threshold
    : probability >= decisiveAlone && words >= decisiveWords;
}

function createJudge(language: "es" | "en", model: ObjectionModel): Judge {
  const { rules, concepts } = languageKnowledge[language];
  const read = createReadUtterance(rules, concepts);
  return (text, context) => decideUtterance(read(text, context), model);
}

function detectionOf({ type, confidence, source, evidence }: Decision): Detection {
  return { type, confidence, source, evidence };
}

/** What the prospect has said of a sentence that is not over. */
interface Begun {
  readonly text: string;
  /** The turns before it. */
  readonly earlier: readonly Turn[];
  readonly endsOpen: boolean;
}

/** What the prospect said last, where it does not end as sentences end; the rep may have said "mm" in between. */
function begunBefore(context: readonly Turn[], { endsOpen }: Judged): Begun | null {
  let at = context.length - 1;
  while (at > 0 && isListening(context[at])) at -= 1;
  const last = context[at];
  if (last === undefined || last.role === "rep" || last.text.trim() === "") return null;
  const begun = { text: last.text, earlier: context.slice(0, at), endsOpen: endsOpen(last.text) };
  const isUnmarked = at === context.length - 1 && !/[.?!]\s*$/u.test(last.text);
  return begun.endsOpen || isUnmarked ? begun : null;
}

function isListening(turn: Turn | undefined): boolean {
  return turn?.role === "rep" && turn.text.trim().split(/\s+/u).length <= listeningWords;
}

function judgeWhole({ judge }: Judged, { text }: DetectionInput, begun: Begun): Decision | null {
  return judge(`${begun.text} ${text}`, begun.earlier);
}

/** The objection that was told of when the first half was all there was. */
function toldOf(known: Judged, begun: Begun): Decision | null {
  const decision = known.judge(begun.text, begun.earlier);
  return decision !== null && isEnough(decision, known, { isFinal: true, text: begun.text })
    ? decision
    : null;
}

/** The recogniser cut one sentence in two: it is judged whole, what is reported lies in this half. */
function fromTwoHalves(known: Judged, input: DetectionInput, begun: Begun): Detection | null {
  const { context, text } = input;
  if (text.trim() === "") return null;
  const told = toldOf(known, begun);
  if (told !== null) {
    // Enough was said for a card. What follows may be another reason; half a sentence has to be decisive for that.
    const alone = begun.endsOpen ? known.judge(text, context) : null;
    const isOther =
      alone !== null && alone.type !== told.type && isDecisive(alone, known.header.interimThreshold);
    return isOther ? detectionOf(alone) : null;
  }
  const whole = judgeWhole(known, input, begun);
  if (whole === null || !isEnough(whole, known, input)) return null;
  const offset = begun.text.length + 1;
  const evidence = whole.evidence
    .map(({ start, end }) => ({ start: Math.max(0, start - offset), end: end - offset }))
    .filter(({ start, end }) => end > start);
  if (evidence.length > 0) return detectionOf({ ...whole, evidence });
  // The deciding words may lie in a half that nothing was told of because it was open.
  return begun.endsOpen ? detectionOf({ ...whole, evidence: [{ start: 0, end: text.length }] }) : null;
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
