import type { TranscriptDocument } from "../contract/rest.ts";
import { clockTime } from "./clock-time.ts";
import { headerLines, summaryLines, titleLine, type LabelledLine } from "./summary-lines.ts";
import { oneLine, transcriptLines, type TranscriptLine } from "./transcript-lines.ts";
import { objectionName, wordingOf, type Wording } from "./wording.ts";

/** Plain text: header, `[mm:ss] Speaker: text` with objections and suggestions beneath, summary. */
export function toTxt(document: TranscriptDocument): string {
  const wording = wordingOf(document.call_metadata.language);
  const title = titleLine(document);
  const lines = transcriptLines(document).flatMap((line) => spoken(line, wording));
  const parts = [
    [title, "=".repeat(title.length), ...headerLines(document).flatMap(labelled)],
    lines.length === 0 ? [wording.nothingSaid] : lines,
    [wording.summary, "-".repeat(wording.summary.length), ...summaryLines(document).flatMap(labelled)],
  ];
  return `${parts.map((part) => part.join("\n")).join("\n\n")}\n`;
}

function spoken(line: TranscriptLine, wording: Wording): readonly string[] {
  const time = `[${clockTime(line.startMs)}]`;
  if (line.kind === "lost") return [`${time} [${line.note}]`];
  const { speaker_name, text, objection_type, suggestion_text } = line.segment;
  const said = `${time} ${oneLine(speaker_name)}: ${oneLine(text)}`;
  if (objection_type === null) return [said];
  return [
    said,
    // The marker is the same in every language, for programs; the name of the type is for people.
    `    [OBJECTION: ${objection_type}] ${objectionName(objection_type, line.isRepeat, wording)}`,
    ...(suggestion_text === null ? [] : [`    ${wording.suggestion}: ${oneLine(suggestion_text)}`]),
  ];
}

function labelled({ label, values }: LabelledLine): readonly string[] {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return [`${label}: ${only}`];
  return [`${label}:`, ...values.map((value) => `  - ${value}`)];
}
