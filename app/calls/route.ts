import { callListQuerySchema, type CallListReply } from "../../lib/contract/rest.ts";
import { getContainer, requestAccess } from "../../lib/platform/container.ts";
import { answer, json } from "../../lib/rest/answer.ts";
import { callListItem, callSearch } from "../../lib/rest/call-replies.ts";
import { readQuery } from "../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(request: Request): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const page = await requestAccess().search(callSearch(readQuery(request.url, callListQuerySchema)));
    return json({ calls: page.rows.map(callListItem), next_cursor: page.nextCursor } satisfies CallListReply);
  });
}
