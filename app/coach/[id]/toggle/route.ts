import { getContainer, requestAccess } from "../../../../lib/platform/container.ts";
import { answer, callIdOf, json } from "../../../../lib/rest/answer.ts";
import { coachToggleQuery } from "../../../../lib/rest/coach-toggle-query.ts";
import { readQuery } from "../../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly id: string }> },
): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const callId = await callIdOf(params);
    const { enabled } = readQuery(request.url, coachToggleQuery);
    return json({ coach_enabled: await requestAccess().toggleCoach(callId, enabled === "true") });
  });
}
