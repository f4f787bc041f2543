import type { TranscriptDocument } from "../contract/rest.ts";
import { subtitleTime } from "./clock-time.ts";
import { oneLine, transcriptLines } from "./transcript-lines.ts";

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  /** Null for what nobody said. */
  readonly name: string | null;
  readonly text: string;
}

/** A cue that is over before it can be drawn is dropped by players, and one without length is refused. */
const shortestCueMs = 500;

/** SubRip: numbered cues, a comma before the milliseconds, names in the text. */
export function toSrt(document: TranscriptDocument): string {
  const blocks = cues(document).map((cue, index) => {
    const time = `${subtitleTime(cue.startMs, ",")} --> ${subtitleTime(cue.endMs, ",")}`;
    const text = cue.name === null ? cue.text : `${cue.name}: ${cue.text}`;
    return `${String(index + 1)}\n${time}\n${srtText(text)}\n`;
  });
  return blocks.join("\n");
}

/** WebVTT (W3C): a voice tag names who speaks. */
export function toVtt(document: TranscriptDocument): string {
  const blocks = cues(document).map((cue, index) => {
    const time = `${subtitleTime(cue.startMs, ".")} --> ${subtitleTime(cue.endMs, ".")}`;
    const text = cue.name === null ? vttText(cue.text) : `<v ${vttName(cue.name)}>${vttText(cue.text)}</v>`;
    return `${String(index + 1)}\n${time}\n${text}\n`;
  });
  return ["WEBVTT\n", ...blocks].join("\n");
}

function cues(document: TranscriptDocument): readonly Cue[] {
  return transcriptLines(document).flatMap((line) => {
    const text = line.kind === "lost" ? `[${line.note}]` : oneLine(line.segment.text);
    if (text === "") return [];
    return {
      startMs: line.startMs,
      endMs: Math.max(line.endMs, line.startMs + shortestCueMs),
      name: line.kind === "lost" ? null : oneLine(line.segment.speaker_name),
      text,
    };
  });
}

/** SubRip has no escape: what players would take for a tag or a time line is written with look-alikes. */
function srtText(text: string): string {
  return text
    .replace(/-->/g, "→")
    .replace(/</g, "‹")
    .replace(/>/g, "›")
    .replace(/\{/g, "(")
    .replace(/\}/g, ")");
}

/** A dash before the end of the tag would look like the arrow of a time line. */
function vttName(name: string): string {
  return vttText(name).replace(/-$/, "- ");
}

function vttText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
