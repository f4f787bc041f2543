import { playbookTrialRequestSchema } from "../../../../lib/contract/playbook-rest.ts";
import { getContainer, requestPlaybooks } from "../../../../lib/platform/container.ts";
import { answer, json } from "../../../../lib/rest/answer.ts";
import {
  maxPlaybookBytes,
  playbookNameOf,
  playbookTrialReply,
} from "../../../../lib/rest/playbook-replies.ts";
import { readJsonBody } from "../../../../lib/rest/request-body.ts";
import { noQuery, readQuery } from "../../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly name: string }> },
): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const name = await playbookNameOf(params);
    readQuery(request.url, noQuery);
    const access = requestPlaybooks();
    const trial = await readJsonBody(request, playbookTrialRequestSchema, { maxBytes: maxPlaybookBytes });
    return json(playbookTrialReply(await access.tryOut(name, trial)));
  });
}
