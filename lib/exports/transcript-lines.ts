import type { ExportedSegment, LostAudio, TranscriptDocument } from "../contract/rest.ts";
import { wordingOf } from "./wording.ts";

/** What stands in a transcript, in the order of the call: lines said, and audio that was lost between them. */
export type TranscriptLine =
  | {
      readonly kind: "said";
      readonly startMs: number;
      readonly endMs: number;
      readonly segment: ExportedSegment;
      /** Its objection was raised before in the call. */
      readonly isRepeat: boolean;
    }
  | { readonly kind: "lost"; readonly startMs: number; readonly endMs: number; readonly note: string };

export function transcriptLines(document: TranscriptDocument): readonly TranscriptLine[] {
  const isRepeat = new Map<string, boolean>();
  for (const { segment_id: id, status, repeat_of: repeatOf } of document.objections) {
    if (status === "confirmed" && !isRepeat.has(id)) isRepeat.set(id, repeatOf !== null);
  }
  const said = document.segments.map((segment): TranscriptLine => ({
    kind: "said",
    startMs: segment.ts_ms,
    endMs: segment.end_ms,
    segment,
    isRepeat: isRepeat.get(segment.segment_id) ?? false,
  }));
  const lost = document.call_metadata.lost_audio.map((span): TranscriptLine => ({
    kind: "lost",
    startMs: span.ts_ms,
    endMs: span.end_ms,
    note: lostNote(document, span),
  }));
  // Stable: lines said at one moment keep the order of the call.
  return [...said, ...lost].sort((a, b) => a.startMs - b.startMs);
}

function lostNote(document: TranscriptDocument, span: LostAudio): string {
  const wording = wordingOf(document.call_metadata.language);
  const length = wording.seconds(((span.end_ms - span.ts_ms) / 1000).toFixed(1));
  return `${wording.lostAudio}: ${length}, ${oneLine(span.reason)}`;
}

/**
 * Marks and overrides of writing direction (Unicode UAX #9, section 2): one in a title turns round what stands after
 * it, so that a line reads otherwise than it is.
 */
const directionMarks = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

export function withoutDirectionMarks(text: string): string {
  return text.replace(directionMarks, "");
}

/** One line of plain text: line ends, tabs and other control characters become single spaces. */
export function oneLine(text: string): string {
  return withoutDirectionMarks(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim();
}
