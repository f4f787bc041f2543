import type { ExportedSegment, LostAudio, TranscriptDocument } from "../contract/rest.ts";
import { wordingOf } from "./wording.ts";

/** What stands in a transcript, in the order of the call: lines said, and audio that was lost between them. */
export type TranscriptLine =
  | {
      readonly kind: "said";
      readonly startMs: number;
      readonly endMs: number;
      readonly segment: ExportedSegment;
    }
  | { readonly kind: "lost"; readonly startMs: number; readonly endMs: number; readonly note: string };

export function transcriptLines(document: TranscriptDocument): readonly TranscriptLine[] {
  const said = document.segments.map((segment): TranscriptLine => ({
    kind: "said",
    startMs: segment.ts_ms,
    endMs: segment.end_ms,
    segment,
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

/** One line of plain text: line ends, tabs and other control characters become single spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
}
