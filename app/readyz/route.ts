import { getContainer } from "../../lib/platform/container.ts";
import { answer, json } from "../../lib/rest/answer.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(): Promise<Response> {
  const { logger, readiness } = getContainer();
  return answer(logger, () => {
    const { ok, missing } = readiness();
    return json({ ok, missing }, ok ? 200 : 503);
  });
}
