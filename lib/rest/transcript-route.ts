import type { Logger, TranscriptLibrary } from "../call/ports.ts";
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
  parts: () => { readonly library: TranscriptLibrary; readonly logger: Logger },
  format: TranscriptFormat,
): TranscriptRoute {
  return (request, { params }) => {
    const { library, logger } = parts();
    return answer(logger, async () => {
      const callId = await callIdOf(params);
      readQuery(request.url, noQuery);
      return transcriptReply(library, callId, format);
    });
  };
}
