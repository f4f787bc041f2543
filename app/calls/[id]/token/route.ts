import { tokenReplySchema, tokenRequestSchema } from "../../../../lib/contract/rest.ts";
import { getContainer, requestAccess } from "../../../../lib/platform/container.ts";
import { answer, callIdOf, json } from "../../../../lib/rest/answer.ts";
import { readJsonBody } from "../../../../lib/rest/request-body.ts";
import { noQuery, readQuery } from "../../../../lib/rest/request-query.ts";
import { socketAddress } from "../../../../lib/rest/socket-address.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  const { config, logger } = getContainer();
  return answer(logger, async () => {
    const callId = await callIdOf(params);
    readQuery(request.url, noQuery);
    const { role } = await readJsonBody(request, tokenRequestSchema);
    const { token, expiresAtMs } = await requestAccess().issueToken(callId, role);
    const host = request.headers.get("host") ?? `${config.host}:${config.port}`;
    return json(
      tokenReplySchema.parse({
        token,
        expires_at: new Date(expiresAtMs).toISOString(),
        ws_url: socketAddress({ host, publicUrl: config.publicUrl, callId, token }),
      }),
    );
  });
}
