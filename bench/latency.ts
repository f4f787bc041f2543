import type { CallEventPayloads, CallEventType } from "../lib/contract/events.ts";
import { plainWord, plainWords, wordErrors, type AlignedLine } from "../eval/alignment.ts";
import type { HeardEvent } from "./live-call.ts";

/** Longest utterance that counts, in milliseconds: what a rep can be expected to wait for. */
const longestMs = 6000;

export interface LatencyMeasures {
  /** From the end of each line's first word to its first appearance in an interim or final. */
  readonly firstWord: number[];
  /** From the end of the deciding words to the objection. */
  readonly objection: number[];
  readonly suggestion: number[];
  /** From the end of a line of at most two words to its final. */
  readonly shortFinal: number[];
  /** From the end of any line to its final. */
  readonly final: number[];
  readonly missed: string[];
  readonly falseCards: string[];
  /** Word errors of the finals over the words said. */
  readonly wordErrorRate: number;
}

interface Heard<T extends CallEventType> {
  readonly data: CallEventPayloads[T];
  readonly atMs: number;
}

function eventsOf<T extends CallEventType>(events: readonly HeardEvent[], type: T): Heard<T>[] {
  return events.flatMap(({ message, atMs }) =>
    message.type === type ? [{ data: message.data as CallEventPayloads[T], atMs }] : [],
  );
}

/** Latencies on the listener's side, against the true ends of the words. */
export function measure(events: readonly HeardEvent[], lines: readonly AlignedLine[]): LatencyMeasures {
  const updates = eventsOf(events, "transcript_update");
  const objections = eventsOf(events, "objection_detected");
  const suggestions = eventsOf(events, "suggestion_ready");
  const measures = {
    firstWord: [] as number[],
    objection: [] as number[],
    suggestion: [] as number[],
    shortFinal: [] as number[],
    final: [] as number[],
    missed: [] as string[],
    falseCards: [] as string[],
  };

  for (const line of lines) {
    const speaker = line.speaker === "rep" ? 0 : 1;
    const near = updates.filter(
      ({ data }) =>
        data.speaker === speaker && data.end_ms > line.start_ms - 300 && data.ts_ms < line.end_ms + 300,
    );
    const [firstWord] = line.words;
    const shown = near.find(({ data }) => data.text !== "");
    if (shown === undefined || firstWord === undefined) measures.missed.push(line.text);
    else if (line.end_ms - line.start_ms <= longestMs) measures.firstWord.push(shown.atMs - firstWord.end_ms);
    const final = near.filter(({ data }) => data.is_final && data.text !== "").at(-1);
    if (final !== undefined) {
      measures.final.push(final.atMs - line.end_ms);
      if (line.words.length <= 2) measures.shortFinal.push(final.atMs - line.end_ms);
    }
    if (line.objection === null || line.objection === undefined) continue;
    const raised = objections.find(
      ({ data }) =>
        data.speaker === speaker && data.ts_ms >= line.start_ms - 500 && data.ts_ms <= line.end_ms + 500,
    );
    if (raised === undefined) {
      measures.missed.push(`[${line.objection}] ${line.text}`);
      continue;
    }
    const decidedMs = endOfWords(line, raised.data.text);
    measures.objection.push(raised.atMs - decidedMs);
    const card = suggestions.find(({ data }) => data.objection_id === raised.data.objection_id);
    if (card === undefined) measures.missed.push(`[suggestion] ${line.text}`);
    else measures.suggestion.push(card.atMs - decidedMs);
  }

  for (const { data } of objections) {
    const rightful = lines.some(
      (line) =>
        line.objection === data.type && data.ts_ms >= line.start_ms - 500 && data.ts_ms <= line.end_ms + 500,
    );
    if (!rightful && data.status !== "retracted") measures.falseCards.push(`[${data.type}] ${data.text}`);
  }
  return { ...measures, wordErrorRate: errorRate(updates, lines) };
}

/** True end of the last of the deciding words, looked for from the back of the line. */
function endOfWords(line: AlignedLine, decidingText: string): number {
  const wanted = new Set(plainWords(decidingText));
  return line.words.findLast((word) => wanted.has(plainWord(word.text)))?.end_ms ?? line.end_ms;
}

function errorRate(updates: readonly Heard<"transcript_update">[], lines: readonly AlignedLine[]): number {
  let errors = 0;
  let words = 0;
  for (const [role, speaker] of [
    ["rep", 0],
    ["prospect", 1],
  ] as const) {
    const said = lines.filter((line) => line.speaker === role).flatMap((line) => plainWords(line.text));
    const heard = updates
      .filter(({ data }) => data.is_final && data.speaker === speaker)
      .sort((a, b) => a.data.ts_ms - b.data.ts_ms)
      .flatMap(({ data }) => plainWords(data.text));
    errors += wordErrors(said, heard);
    words += said.length;
  }
  return errors / words;
}

export interface Spread {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** Nearest-rank percentiles, whole milliseconds. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (p: number): number =>
    Math.round(sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN);
  return { n: sorted.length, p50: rank(50), p95: rank(95), max: Math.round(sorted.at(-1) ?? Number.NaN) };
}
