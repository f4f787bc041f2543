import { playbookSaveRequestSchema } from "../../../../lib/contract/playbook-rest.ts";
import { getContainer, requestPlaybooks } from "../../../../lib/platform/container.ts";
import { answer, json } from "../../../../lib/rest/answer.ts";
import {
  maxPlaybookBytes,
  playbookNameOf,
  playbookReply,
  playbookVersionsReply,
} from "../../../../lib/rest/playbook-replies.ts";
import { readJsonBody } from "../../../../lib/rest/request-body.ts";
import { noQuery, readQuery } from "../../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

interface Context {
  readonly params: Promise<{ readonly name: string }>;
}

export function GET(request: Request, { params }: Context): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const name = await playbookNameOf(params);
    readQuery(request.url, noQuery);
    return json(playbookVersionsReply(name, await requestPlaybooks().versions(name)));
  });
}

export function POST(request: Request, { params }: Context): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const name = await playbookNameOf(params);
    readQuery(request.url, noQuery);
    const access = requestPlaybooks();
    access.requireChange();
    const { based_on, playbook } = await readJsonBody(request, playbookSaveRequestSchema, {
      maxBytes: maxPlaybookBytes,
    });
    return json(playbookReply(await access.save({ ...playbook, name }, based_on, "edited")), 201);
  });
}
