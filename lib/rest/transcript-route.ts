import type { CallAccess } from "../call/call-access.ts";
import type { Logger } from "../call/ports.ts";
import type { TranscriptFormat } from "../contract/vocabulary.ts";
import { answer, callIdOf } from "./answer.ts";
import { noQuery, readQuery } from "./request-query.ts";
import { transcriptReply } from "./transcript-reply.ts";

type TranscriptRoute = (
  request: Request,
  context: { readonly params: Promise<{ readonly id: string }> },
) => Promise<Response>;

/**
 * `GET /calls/{id}/transcript.FORMAT`. The parts are asked for at each request: modules load before the server
 * is composed.
 */
export function transcriptRoute(
  parts: () => { readonly logger: Logger; readonly access: () => Pick<CallAccess, "render"> },
  format: TranscriptFormat,
): TranscriptRoute {
  return (request, { params }) => {
    const { access, logger } = parts();
    return answer(logger, async () => {
      const callId = await callIdOf(params);
      readQuery(request.url, noQuery);
      return transcriptReply(access(), callId, format);
    });
  };
}
