import { playbookRestoreRequestSchema } from "../../../../../../lib/contract/playbook-rest.ts";
import { getContainer, requestPlaybooks } from "../../../../../../lib/platform/container.ts";
import { answer, json } from "../../../../../../lib/rest/answer.ts";
import {
  playbookNameOf,
  playbookReply,
  playbookVersionOf,
} from "../../../../../../lib/rest/playbook-replies.ts";
import { readJsonBody } from "../../../../../../lib/rest/request-body.ts";
import { noQuery, readQuery } from "../../../../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly name: string; readonly version: string }> },
): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const name = await playbookNameOf(params);
    const version = await playbookVersionOf(params);
    readQuery(request.url, noQuery);
    const access = requestPlaybooks();
    access.requireChange();
    const { based_on } = await readJsonBody(request, playbookRestoreRequestSchema);
    return json(playbookReply(await access.restore(name, version, based_on)), 201);
  });
}
