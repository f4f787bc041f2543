import type { TranscriptDocument } from "../contract/rest.ts";
import { clockTime } from "./clock-time.ts";
import { transcriptLines, withoutDirectionMarks, type TranscriptLine } from "./transcript-lines.ts";

const columns = [
  "segment_id",
  "timestamp",
  "ts_ms",
  "end_ms",
  "speaker",
  "speaker_name",
  "text",
  "confidence",
  "objection_type",
  "suggestion_text",
] as const;

/** RFC 4180: a header, CRLF, quotes doubled. Cells that a spreadsheet would run begin with an apostrophe. */
export function toCsv(document: TranscriptDocument): string {
  const rows = [columns, ...transcriptLines(document).map(cells)];
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cells(line: TranscriptLine): readonly (string | number | null)[] {
  const times = [clockTime(line.startMs), line.startMs, line.endMs];
  if (line.kind === "lost") return [null, ...times, null, null, `[${line.note}]`, null, null, null];
  const { segment } = line;
  return [
    segment.segment_id,
    ...times,
    segment.speaker,
    segment.speaker_name,
    segment.text,
    segment.confidence,
    segment.objection_type,
    segment.suggestion_text,
  ];
}

/** What begins a formula, in full width too, also behind blanks that spreadsheets skip. */
const formulaStart = /^\s*[=+\-@\t\r＝＋－＠]|^[\t\r\n]/u;
/** Where decimals have commas, spreadsheets part cells at semicolons, inside of quotes that they do not see as such. */
const formulaAfterSemicolon = /;(?=\s*[=+\-@＝＋－＠])/gu;

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const plain = withoutDirectionMarks(value).replace(formulaAfterSemicolon, ";'");
  const safe = formulaStart.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replace(/"/g, '""')}"` : safe;
}
