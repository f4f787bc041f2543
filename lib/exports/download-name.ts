import type { TranscriptDocument } from "../contract/rest.ts";
import type { TranscriptFormat } from "../contract/vocabulary.ts";

const maxTitleLetters = 60;

/**
 * Day, title and ending, as `2026-03-09-demo-con-acme.txt`: lower-case ASCII letters, digits and dashes, safe
 * in every file system and in a header without quoting. A title without such letters gives way to the id.
 */
export function downloadName(
  document: {
    readonly call_metadata: Pick<TranscriptDocument["call_metadata"], "call_id" | "title" | "start_time">;
  },
  format: TranscriptFormat,
): string {
  const { call_id, title, start_time } = document.call_metadata;
  const slug = title
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, maxTitleLetters)
    .replace(/^-+|-+$/g, "");
  return `${start_time.slice(0, 10)}-${slug === "" ? call_id : slug}.${format}`;
}
