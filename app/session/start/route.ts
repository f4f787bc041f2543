import { sessionStartRequestSchema, type SessionStartReply } from "../../../lib/contract/rest.ts";
import { getContainer, requestAccess } from "../../../lib/platform/container.ts";
import { answer, json } from "../../../lib/rest/answer.ts";
import { readJsonBody } from "../../../lib/rest/request-body.ts";
import { noQuery, readQuery } from "../../../lib/rest/request-query.ts";
import { socketAddress } from "../../../lib/rest/socket-address.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function POST(request: Request): Promise<Response> {
  const { config, logger } = getContainer();
  return answer(logger, async () => {
    readQuery(request.url, noQuery);
    const wanted = await readJsonBody(request, sessionStartRequestSchema, { mayBeEmpty: true });
    const { call, token, expiresAtMs } = await requestAccess().start(wanted);
    const { callId } = call;
    const host = request.headers.get("host") ?? `${config.host}:${config.port}`;
    return json({
      call_id: callId,
      ws_url: socketAddress({ host, publicUrl: config.publicUrl, callId, token }),
      status: "started",
      token,
      expires_at: new Date(expiresAtMs).toISOString(),
      socket: { path: "/socket.io/" },
    } satisfies SessionStartReply);
  });
}
