import { getContainer } from "../../../../lib/platform/container.ts";
import { answer, callIdOf } from "../../../../lib/rest/answer.ts";
import { noQuery, readQuery } from "../../../../lib/rest/request-query.ts";
import { transcriptReply } from "../../../../lib/rest/transcript-reply.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  const { library, logger } = getContainer();
  return answer(logger, async () => {
    const callId = await callIdOf(params);
    readQuery(request.url, noQuery);
    return transcriptReply(library, callId, "vtt");
  });
}
