import { CallError } from "../../../lib/call/errors.ts";
import { callPatchSchema, type CallReply } from "../../../lib/contract/rest.ts";
import { getContainer } from "../../../lib/platform/container.ts";
import { answer, callIdOf, json } from "../../../lib/rest/answer.ts";
import { callReply } from "../../../lib/rest/call-replies.ts";
import { readJsonBody } from "../../../lib/rest/request-body.ts";
import { noQuery, readQuery } from "../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

interface Context {
  readonly params: Promise<{ readonly id: string }>;
}

async function readCall(callId: string): Promise<CallReply> {
  const { desk, library } = getContainer();
  const status = await desk.status(callId);
  const document = await library.document(callId);
  // It may have been deleted in between.
  if (document === null) throw new CallError("call_not_found", "there is no call with this id");
  return callReply(document, status);
}

export function GET(request: Request, { params }: Context): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const callId = await callIdOf(params);
    readQuery(request.url, noQuery);
    return json(await readCall(callId));
  });
}

export function PATCH(request: Request, { params }: Context): Promise<Response> {
  const { desk, logger } = getContainer();
  return answer(logger, async () => {
    const callId = await callIdOf(params);
    readQuery(request.url, noQuery);
    await desk.patch(callId, await readJsonBody(request, callPatchSchema));
    return json(await readCall(callId));
  });
}

export function DELETE(request: Request, { params }: Context): Promise<Response> {
  const { desk, logger } = getContainer();
  return answer(logger, async () => {
    const callId = await callIdOf(params);
    readQuery(request.url, noQuery);
    await desk.delete(callId);
    return new Response(null, { status: 204 });
  });
}
