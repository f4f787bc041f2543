import { getContainer } from "../../lib/platform/container.ts";
import { answer } from "../../lib/rest/answer.ts";
import { docsContentSecurityPolicy, docsPage } from "../../lib/rest/docs-page.ts";
import { openApiDocument } from "../../lib/rest/openapi.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(): Promise<Response> {
  const { logger, version } = getContainer();
  return answer(logger, () => {
    const headers = {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": docsContentSecurityPolicy,
      "Cache-Control": "no-store",
    };
    return new Response(docsPage(openApiDocument(version)), { headers });
  });
}
