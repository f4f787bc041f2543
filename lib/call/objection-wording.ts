import type { Evidence } from "../contract/events.ts";
import type { Claim } from "./card-policy.ts";
import type { ObjectionUpdate } from "./coach-steps.ts";
import type { SegmentUpdate } from "./transcript.ts";

/** End of the last word of the evidence, in milliseconds of call audio; the segment's end without words. */
export function evidenceEndMs(segment: SegmentUpdate, evidence: readonly Evidence[]): number {
  return wordsAt(segment, evidence).at(-1)?.end_ms ?? segment.end_ms;
}

export function wordsAt(segment: SegmentUpdate, evidence: readonly Evidence[]): SegmentUpdate["words"] {
  let searchFrom = 0;
  return segment.words.filter((word) => {
    const start = segment.text.indexOf(word.text, searchFrom);
    if (start < 0) return false;
    searchFrom = start + word.text.length;
    return evidence.some((span) => span.start < searchFrom && span.end > start);
  });
}

export function claimOf(
  segment: SegmentUpdate,
  { type, ts_ms: tsMs, text }: Pick<ObjectionUpdate, "type" | "ts_ms" | "text">,
): Claim {
  return {
    segmentId: segment.segment_id,
    speaker: segment.speaker,
    voice: segment.voice,
    type,
    tsMs,
    startMs: segment.ts_ms,
    endMs: segment.end_ms,
    text,
  };
}

export function notRepeated(objection: ObjectionUpdate): ObjectionUpdate {
  const first = { ...objection };
  delete first.repeat_of;
  return first;
}

export function evidenceText(text: string, evidence: readonly Evidence[]): string {
  return evidence.map((span) => text.slice(span.start, span.end)).join(" … ");
}

/** Where words quoted from a text stand in it, whatever their case; all of it where they do not. */
export function evidenceOfQuote(text: string, quote: string): readonly Evidence[] {
  const wanted = quote.trim();
  const start = wanted === "" ? -1 : text.toLocaleLowerCase().indexOf(wanted.toLocaleLowerCase());
  return start < 0 || start + wanted.length > text.length
    ? [{ start: 0, end: text.length }]
    : [{ start, end: start + wanted.length }];
}
