import type { SegmentUpdate } from "./transcript.ts";

/** When the word at this offset of the segment's text begins; the segment's own start without words. */
export function startOfWordAt(
  segment: Pick<SegmentUpdate, "text" | "words" | "ts_ms">,
  offset: number,
): number {
  let searchFrom = 0;
  for (const word of segment.words) {
    const start = segment.text.indexOf(word.text, searchFrom);
    if (start < 0) continue;
    searchFrom = start + word.text.length;
    if (searchFrom > offset) return word.ts_ms;
  }
  return segment.ts_ms;
}
