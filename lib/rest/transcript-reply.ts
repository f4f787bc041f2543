import { CallError } from "../call/errors.ts";
import type { TranscriptLibrary } from "../call/ports.ts";
import type { TranscriptFormat } from "../contract/vocabulary.ts";
import { attachment } from "./content-disposition.ts";

/** `GET /calls/{id}/transcript.FORMAT`: a download under the name the library gives it. */
export async function transcriptReply(
  library: TranscriptLibrary,
  callId: string,
  format: TranscriptFormat,
): Promise<Response> {
  const transcript = await library.render(callId, format);
  if (transcript === null) throw new CallError("call_not_found", "there is no call with this id");
  return new Response(Buffer.from(transcript.body), {
    headers: {
      "Content-Type": transcript.contentType,
      "Content-Disposition": attachment(transcript.fileName),
      "Cache-Control": "private, no-store",
    },
  });
}
