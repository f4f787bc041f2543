import { getContainer } from "../../lib/platform/container.ts";
import { answer, json } from "../../lib/rest/answer.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** Alive: the process answers. Whether it can take calls is `/readyz`. */
export function GET(): Promise<Response> {
  const { activeCalls, logger, version } = getContainer();
  return answer(logger, () => json({ ok: true, version, sessions_active: activeCalls() }));
}
