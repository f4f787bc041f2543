import { readFileSync } from "node:fs";
import { z } from "zod";
import { OpenQuestions } from "../lib/call/open-questions.ts";
import type { SpeechReader } from "../lib/call/ports.ts";
import { createSpeechReader } from "../lib/objections/signals/speech-reader.ts";
import { languages, type EvalLanguage } from "./labelled.ts";

const splits = ["dev", "test"] as const;
type Split = (typeof splits)[number];

const kinds = ["buying_signal", "commitment"] as const;
type Kind = (typeof kinds)[number];

const sentenceSchema = z.strictObject({
  text: z.string().min(1),
  /** Null: neither. A sentence that is both has the one that it is first of all. */
  label: z.enum(kinds).nullable(),
  split: z.enum(splits),
  family: z.string().min(1),
});

const dialogueSchema = z.strictObject({
  /** Of the first question of the prospect; `none`: it wants no answer. */
  label: z.enum(["answered", "open", "none"]),
  turns: z.array(z.strictObject({ role: z.enum(["rep", "prospect"]), text: z.string().min(1) })).min(1),
});
type Dialogue = z.infer<typeof dialogueSchema>;

interface Counts {
  readonly said: number;
  readonly found: number;
  readonly right: number;
}

interface KindReport extends Counts {
  readonly kind: Kind | "unanswered_question";
}

export interface SignalReport {
  readonly language: EvalLanguage;
  /** Dialogues have no splits: they are few, and all were looked at. */
  readonly split: Split | "all";
  readonly kinds: readonly KindReport[];
  readonly mistakes: readonly string[];
}

function read<T>(name: string, schema: z.ZodType<T>): readonly T[] {
  const file = new URL(`../data/signals/${name}.jsonl`, import.meta.url);
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => schema.parse(JSON.parse(line)));
}

export function precisionOf({ found, right }: Counts): number | null {
  return found === 0 ? null : right / found;
}

export function recallOf({ said, right }: Counts): number | null {
  return said === 0 ? null : right / said;
}

/** Signals in the labelled sentences, and questions left open in the labelled dialogues. */
export function evaluateSignals(reader: SpeechReader = createSpeechReader()): readonly SignalReport[] {
  return languages.flatMap((language) => [
    ...splits.map((split) => sentences(reader, language, split)),
    dialogues(reader, language),
  ]);
}

function sentences(reader: SpeechReader, language: EvalLanguage, split: Split): SignalReport {
  const labelled = read(language, sentenceSchema).filter((one) => one.split === split);
  const mistakes: string[] = [];
  const reports = kinds.map((kind): KindReport => {
    let [said, found, right] = [0, 0, 0];
    for (const { text, label } of labelled) {
      const isFound = reader.read(text, language).signals.some((signal) => signal.kind === kind);
      if (label === kind) said += 1;
      // In a sentence of the other kind both may be true: it is neither counted for nor against.
      if (isFound && (label === kind || label === null)) found += 1;
      if (isFound && label === kind) right += 1;
      if (isFound && label === null) mistakes.push(`not ${kind}: ${text}`);
      if (!isFound && label === kind) mistakes.push(`missed ${kind}: ${text}`);
    }
    return { kind, said, found, right };
  });
  return { language, split, kinds: reports, mistakes };
}

function isLeftOpen(reader: SpeechReader, language: EvalLanguage, { turns }: Dialogue): boolean {
  const questions = new OpenQuestions();
  for (const [index, { role, text }] of turns.entries()) {
    const { asked, isBackchannel, answer } = reader.read(text, language);
    questions.put({ segmentId: String(index), role, startMs: index * 1000, asked, isBackchannel, answer });
  }
  return questions.states().some(({ line, state }) => line.segmentId === "0" && state === "open");
}

function dialogues(reader: SpeechReader, language: EvalLanguage): SignalReport {
  const mistakes: string[] = [];
  let [said, found, right] = [0, 0, 0];
  for (const dialogue of read(`${language}-questions`, dialogueSchema)) {
    const isOpen = isLeftOpen(reader, language, dialogue);
    const isRight = dialogue.label === "open";
    if (isRight) said += 1;
    if (isOpen) found += 1;
    if (isOpen && isRight) right += 1;
    if (isOpen !== isRight)
      mistakes.push(`${isOpen ? "not open" : "open"}: ${dialogue.turns[0]?.text ?? ""}`);
  }
  return { language, split: "all", kinds: [{ kind: "unanswered_question", said, found, right }], mistakes };
}

/** What `npm run eval` prints about signals. */
export function renderSignals(reports: readonly SignalReport[]): string {
  const share = (value: number | null): string => (value === null ? "–" : value.toFixed(3)).padStart(10);
  const rows = reports.flatMap(({ language, split, kinds: found }) =>
    found.map((one) =>
      [
        `${language} ${split} ${one.kind}`.padEnd(32),
        String(one.said).padStart(6),
        share(precisionOf(one)),
        share(recallOf(one)),
      ].join(""),
    ),
  );
  const head = `${"signals".padEnd(32)}${"said".padStart(6)}${"precision".padStart(10)}${"recall".padStart(10)}`;
  const details = reports.flatMap(({ language, split, mistakes }) =>
    mistakes.map((mistake) => `  ${language} ${split}, ${mistake}`),
  );
  return `${[head, ...rows, ...details].join("\n")}\n`;
}
