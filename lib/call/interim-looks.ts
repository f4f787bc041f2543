import type { SegmentUpdate } from "./transcript.ts";

/** Of call audio: an engine may rewrite an interim for every frame, and the final is looked at in any case. */
const everyMs = 250;

/** What of a text a detector would hear anew: its words, not how they are written. */
function wordsOf(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.join(" ");
}

/** Which interims are worth the detector's time (SPEC O7). */
export class InterimLooks {
  /** By segment that has no final yet: what was looked at last. */
  readonly #last = new Map<string, { readonly words: string; readonly endMs: number }>();

  /** True when it is to be looked at now: a final always, an interim that has other words than at the last look. */
  take({ segment_id: id, is_final: isFinal, end_ms: endMs, text }: SegmentUpdate): boolean {
    if (isFinal) return true;
    const last = this.#last.get(id);
    if (last !== undefined && Math.abs(endMs - last.endMs) < everyMs) return false;
    const words = wordsOf(text);
    if (words === last?.words) return false;
    this.#last.set(id, { words, endMs });
    return true;
  }

  /** It has had its final. */
  forget(segmentId: string): void {
    this.#last.delete(segmentId);
  }
}
