import { readFileSync } from "node:fs";
import { z } from "zod";
import type { RedactedSpan, RedactionKind, Redactor } from "../lib/call/ports.ts";
import { createRedactor } from "../lib/privacy/redaction/redactor.ts";
import { languages, type EvalLanguage } from "./labelled.ts";

const redactionKinds = [
  "card",
  "account",
  "email",
  "phone",
  "id",
] as const satisfies readonly RedactionKind[];
/** `dev`: phrases that the rules were written by. `test`, `late`: written afterwards; a class that they showed to be missed was mended. */
const redactionSplits = ["dev", "test", "late"] as const;

const labelledCallSchema = z.strictObject({
  split: z.enum(redactionSplits),
  family: z.string().min(1),
  turns: z.array(
    z.strictObject({
      role: z.enum(["rep", "prospect"]),
      text: z.string().min(1),
      secrets: z.array(z.strictObject({ start: z.int(), end: z.int(), kind: z.enum(redactionKinds) })),
    }),
  ),
});
type LabelledCall = z.infer<typeof labelledCallSchema>;

function readRedactionCalls(language: EvalLanguage): readonly LabelledCall[] {
  const file = new URL(`../data/redaction/${language}.jsonl`, import.meta.url);
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => labelledCallSchema.parse(JSON.parse(line)));
}

interface Judged {
  readonly call: LabelledCall;
  /** Numbers of the call by kind, and of those the ones of which nothing is left. */
  readonly secrets: readonly {
    readonly kind: RedactionKind;
    readonly gone: boolean;
    readonly rightMark: boolean;
  }[];
  readonly words: number;
  /** Words outside of every number that are gone all the same. */
  readonly wordsLost: number;
  readonly shown: readonly string[];
  readonly timesMs: readonly number[];
}

const turnMs = 4000;

/** Plays a call through the redactor as the call session does: every turn as growing interims, then as a final. */
function play(redactor: Redactor, language: EvalLanguage, call: LabelledCall): Judged {
  const redaction = redactor.call(language);
  const spans = new Map<string, readonly RedactedSpan[]>();
  const timesMs: number[] = [];
  call.turns.forEach(({ role, text }, i) => {
    const heard = {
      utteranceId: String(i),
      channel: role === "rep" ? 0 : 1,
      startMs: i * turnMs,
      endMs: (i + 1) * turnMs,
      text,
      isFinal: true,
    };
    const startMs = performance.now();
    const step = redaction.hear(heard);
    timesMs.push(performance.now() - startMs);
    spans.set(heard.utteranceId, step.spans);
    for (const { heard: earlier, spans: now } of step.revised) spans.set(earlier.utteranceId, now);
  });
  for (const { heard, spans: now } of redaction.end().revised) spans.set(heard.utteranceId, now);
  const secrets: { kind: RedactionKind; gone: boolean; rightMark: boolean }[] = [];
  let words = 0;
  let wordsLost = 0;
  const shown = call.turns.map((turn, i) => {
    const gone = spans.get(String(i)) ?? [];
    const covers = (at: number): RedactedSpan | undefined =>
      gone.find((span) => span.start <= at && span.end > at);
    for (const { start, end, kind } of turn.secrets) {
      const letters = [...turn.text.slice(start, end).matchAll(/[\p{L}\d]/gu)].map(
        (match) => start + match.index,
      );
      const marks = new Set(letters.map((at) => covers(at)?.mark));
      secrets.push({
        kind,
        gone: !marks.has(undefined),
        rightMark: marks.size === 1 && marks.has(`[${kind}]`),
      });
    }
    for (const match of turn.text.matchAll(/[\p{L}\d]+/gu)) {
      if (
        turn.secrets.some(
          (secret) => secret.start < match.index + match[0].length && secret.end > match.index,
        )
      )
        continue;
      words++;
      if (covers(match.index) !== undefined) wordsLost++;
    }
    return [...gone]
      .reverse()
      .reduce((text, span) => text.slice(0, span.start) + span.mark + text.slice(span.end), turn.text);
  });
  return { call, secrets, words, wordsLost, shown, timesMs };
}

export interface RedactionReport {
  readonly language: EvalLanguage;
  readonly split: LabelledCall["split"];
  readonly byKind: readonly {
    readonly kind: RedactionKind;
    readonly numbers: number;
    /** Share of which nothing is left. */
    readonly recall: number | null;
    /** Share of those under the mark of their kind. */
    readonly rightMark: number | null;
  }[];
  readonly recall: number | null;
  /** Sentences and calls without any number of ours, and those in which something was taken out all the same. */
  readonly harmless: number;
  readonly harmlessTouched: number;
  readonly words: number;
  readonly wordsLost: number;
  readonly misses: readonly string[];
  readonly falseMarks: readonly string[];
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Judges the committed list with everything switched on. */
export function evaluateRedaction(): readonly RedactionReport[] {
  const redactor = createRedactor(new Set(redactionKinds));
  return languages.flatMap((language) => {
    const calls = readRedactionCalls(language);
    return redactionSplits.flatMap((split) => {
      const judged = calls
        .filter((call) => call.split === split)
        .map((call) => play(redactor, language, call));
      return judged.length === 0 ? [] : [reportOf(language, split, judged)];
    });
  });
}

function reportOf(
  language: EvalLanguage,
  split: LabelledCall["split"],
  judged: readonly Judged[],
): RedactionReport {
  const secrets = judged.flatMap((one) => one.secrets);
  const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const harmless = judged.filter((one) => one.secrets.length === 0);
  const touched = harmless.filter((one) => one.wordsLost > 0);
  const timesMs = judged.flatMap((one) => one.timesMs).sort((a, b) => a - b);
  const percentile = (at: number): number => timesMs[Math.floor((timesMs.length - 1) * at)] ?? 0;
  return {
    language,
    split,
    byKind: redactionKinds.map((kind) => {
      const all = secrets.filter((secret) => secret.kind === kind);
      const gone = all.filter((secret) => secret.gone);
      return {
        kind,
        numbers: all.length,
        recall: share(gone.length, all.length),
        rightMark: share(gone.filter((secret) => secret.rightMark).length, gone.length),
      };
    }),
    recall: share(secrets.filter((secret) => secret.gone).length, secrets.length),
    harmless: harmless.length,
    harmlessTouched: touched.length,
    words: judged.reduce((sum, one) => sum + one.words, 0),
    wordsLost: judged.reduce((sum, one) => sum + one.wordsLost, 0),
    misses: judged
      .filter((one) => one.secrets.some((secret) => !secret.gone))
      .map((one) => one.shown.join(" | ")),
    falseMarks: judged.filter((one) => one.wordsLost > 0).map((one) => one.shown.join(" | ")),
    medianMs: percentile(0.5),
    p99Ms: percentile(0.99),
  };
}
