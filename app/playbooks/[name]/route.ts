import { getContainer, requestPlaybooks } from "../../../lib/platform/container.ts";
import { answer, json } from "../../../lib/rest/answer.ts";
import { playbookNameOf, playbookReply } from "../../../lib/rest/playbook-replies.ts";
import { noQuery, readQuery } from "../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(
  request: Request,
  { params }: { readonly params: Promise<{ readonly name: string }> },
): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const name = await playbookNameOf(params);
    readQuery(request.url, noQuery);
    return json(playbookReply(await requestPlaybooks().read(name, null)));
  });
}
