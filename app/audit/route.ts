import { auditQuerySchema } from "../../lib/contract/rest.ts";
import { getContainer, requestAccess } from "../../lib/platform/container.ts";
import { answer, json } from "../../lib/rest/answer.ts";
import { auditQuery, auditReply } from "../../lib/rest/audit-reply.ts";
import { readQuery } from "../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(request: Request): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const query = auditQuery(readQuery(request.url, auditQuerySchema));
    return json(auditReply(await requestAccess().auditEntries(query), query.limit));
  });
}
