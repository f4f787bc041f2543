import { getContainer } from "../../lib/platform/container.ts";
import { answer, json } from "../../lib/rest/answer.ts";
import { openApiDocument } from "../../lib/rest/openapi.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(): Promise<Response> {
  const { logger, version } = getContainer();
  return answer(logger, () => json(openApiDocument(version)));
}
