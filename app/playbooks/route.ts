import { playbookCreateRequestSchema } from "../../lib/contract/playbook-rest.ts";
import { getContainer, requestPlaybooks } from "../../lib/platform/container.ts";
import { answer, json } from "../../lib/rest/answer.ts";
import { maxPlaybookBytes, playbookListReply, playbookReply } from "../../lib/rest/playbook-replies.ts";
import { readJsonBody } from "../../lib/rest/request-body.ts";
import { noQuery, readQuery } from "../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(request: Request): Promise<Response> {
  return answer(getContainer().logger, async () => {
    readQuery(request.url, noQuery);
    return json(playbookListReply(await requestPlaybooks().list()));
  });
}

export function POST(request: Request): Promise<Response> {
  return answer(getContainer().logger, async () => {
    readQuery(request.url, noQuery);
    const access = requestPlaybooks();
    access.requireChange();
    const { playbook } = await readJsonBody(request, playbookCreateRequestSchema, {
      maxBytes: maxPlaybookBytes,
    });
    return json(playbookReply(await access.create(playbook, "created")), 201);
  });
}
