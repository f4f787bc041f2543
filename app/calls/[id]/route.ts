import { callPatchSchema } from "../../../lib/contract/rest.ts";
import { getContainer, requestAccess } from "../../../lib/platform/container.ts";
import { answer, callIdOf, json } from "../../../lib/rest/answer.ts";
import { callReply } from "../../../lib/rest/call-replies.ts";
import { readJsonBody } from "../../../lib/rest/request-body.ts";
import { noQuery, readQuery } from "../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

interface Context {
  readonly params: Promise<{ readonly id: string }>;
}

export function GET(request: Request, { params }: Context): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const callId = await callIdOf(params);
    readQuery(request.url, noQuery);
    return json(callReply(await requestAccess().read(callId)));
  });
}

export function PATCH(request: Request, { params }: Context): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const callId = await callIdOf(params);
    readQuery(request.url, noQuery);
    const patch = await readJsonBody(request, callPatchSchema);
    return json(callReply(await requestAccess().patch(callId, patch)));
  });
}

export function DELETE(request: Request, { params }: Context): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const callId = await callIdOf(params);
    readQuery(request.url, noQuery);
    await requestAccess().delete(callId);
    return new Response(null, { status: 204 });
  });
}
