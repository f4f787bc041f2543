import type { TranscriptDocument } from "../contract/rest.ts";
import type { TranscriptFormat } from "../contract/vocabulary.ts";
import type { TranscriptLibrary } from "../call/ports.ts";
import type { StoredCall } from "../call/stored-call.ts";
import { toCsv } from "./csv.ts";
import { transcriptDocument, type Summarise } from "./document.ts";
import { downloadName } from "./download-name.ts";
import { toMarkdown } from "./md.ts";
import { toSrt, toVtt } from "./subtitles.ts";
import { toTxt } from "./txt.ts";

interface ExportFormat {
  readonly contentType: string;
  readonly render: (document: TranscriptDocument) => string;
}

/** A new format is a file with a pure function and a line here. */
const formats: Readonly<Record<TranscriptFormat, ExportFormat>> = {
  txt: { contentType: "text/plain; charset=utf-8", render: toTxt },
  json: {
    contentType: "application/json; charset=utf-8",
    render: (document) => `${JSON.stringify(document, null, 2)}\n`,
  },
  srt: { contentType: "application/x-subrip; charset=utf-8", render: toSrt },
  vtt: { contentType: "text/vtt; charset=utf-8", render: toVtt },
  csv: { contentType: "text/csv; charset=utf-8; header=present", render: toCsv },
  md: { contentType: "text/markdown; charset=utf-8", render: toMarkdown },
};

export interface TranscriptLibraryOptions {
  readonly load: (callId: string) => Promise<StoredCall | null>;
  readonly summarise: Summarise;
  readonly nowMs: () => number;
}

export function createTranscriptLibrary({
  load,
  summarise,
  nowMs,
}: TranscriptLibraryOptions): TranscriptLibrary {
  async function document(callId: string): Promise<TranscriptDocument | null> {
    const stored = await load(callId);
    return stored === null ? null : transcriptDocument(stored, { summarise, exportedAtMs: nowMs() });
  }
  return {
    document,
    async render(callId, format) {
      const rendered = await document(callId);
      if (rendered === null) return null;
      const { contentType, render } = formats[format];
      return {
        fileName: downloadName(rendered, format),
        contentType,
        body: new TextEncoder().encode(render(rendered)),
      };
    },
  };
}
