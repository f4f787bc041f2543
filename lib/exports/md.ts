import type { TranscriptDocument } from "../contract/rest.ts";
import { clockTime } from "./clock-time.ts";
import { headerLines, summaryLines, titleLine, type LabelledLine } from "./summary-lines.ts";
import { oneLine, transcriptLines, type TranscriptLine } from "./transcript-lines.ts";
import { objectionName, wordingOf, type Wording } from "./wording.ts";

/** CommonMark with nothing in it that was not put there by this file: what people said or typed is escaped. */
export function toMarkdown(document: TranscriptDocument): string {
  const wording = wordingOf(document.call_metadata.language);
  const lines = transcriptLines(document).map((line) => spoken(line, wording));
  const parts = [
    `# ${escaped(titleLine(document))}`,
    headerLines(document).map(labelled).join("\n"),
    `## ${wording.transcript}`,
    ...(lines.length === 0 ? [wording.nothingSaid] : lines),
    `## ${wording.summary}`,
    summaryLines(document).map(labelled).join("\n"),
  ];
  return `${parts.join("\n\n")}\n`;
}

function spoken(line: TranscriptLine, wording: Wording): string {
  const time = clockTime(line.startMs);
  if (line.kind === "lost") return `**${time}** *${escaped(line.note)}*`;
  const { speaker_name, text, objection_type, suggestion_text } = line.segment;
  const said = `**${time} ${escaped(oneLine(speaker_name))}:** ${escaped(oneLine(text))}`;
  if (objection_type === null) return said;
  const quote = [
    `> **\\[OBJECTION: ${objection_type}\\]** ${objectionName(objection_type, line.isRepeat, wording)}`,
    ...(suggestion_text === null
      ? []
      : [">", `> ${wording.suggestion}: ${escaped(oneLine(suggestion_text))}`]),
  ];
  return `${said}\n\n${quote.join("\n")}`;
}

function labelled({ label, values }: LabelledLine): string {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return `- **${label}:** ${escaped(only)}`;
  return [`- **${label}:**`, ...values.map((value) => `  - ${escaped(value)}`)].join("\n");
}

/**
 * Text as text, wherever it stands in a line: emphasis, links, images, HTML, entities, tables, maths and the
 * addresses that renderers turn into links by themselves.
 */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_{}[\]#|~!$&]/g, "\\$&")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/:(?=\/\/)|@/g, "\\$&")
    .replace(/\bwww\./gi, (prefix) => `${prefix.slice(0, 3)}\\.`)
    .replace(/^([-+=]|\d+[.)])/, (marker) => `${marker.slice(0, -1)}\\${marker.slice(-1)}`);
}
