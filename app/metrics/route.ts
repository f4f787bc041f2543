import { getContainer } from "../../lib/platform/container.ts";
import { answer } from "../../lib/rest/answer.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(): Promise<Response> {
  const { logger, metrics } = getContainer();
  return answer(logger, async () => {
    const headers = { "Content-Type": metrics.contentType, "Cache-Control": "no-store" };
    return new Response(await metrics.text(), { headers });
  });
}
