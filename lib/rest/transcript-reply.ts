import type { CallAccess } from "../call/call-access.ts";
import type { TranscriptFormat } from "../contract/vocabulary.ts";
import { attachment } from "./content-disposition.ts";

/** `GET /calls/{id}/transcript.FORMAT`: a download under the name the library gives it. */
export async function transcriptReply(
  access: Pick<CallAccess, "render">,
  callId: string,
  format: TranscriptFormat,
): Promise<Response> {
  const transcript = await access.render(callId, format);
  return new Response(Buffer.from(transcript.body), {
    headers: {
      "Content-Type": transcript.contentType,
      "Content-Disposition": attachment(transcript.fileName),
      "Cache-Control": "private, no-store",
    },
  });
}
