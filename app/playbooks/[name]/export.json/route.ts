import { playbookExportQuerySchema } from "../../../../lib/contract/playbook-rest.ts";
import { getContainer, requestPlaybooks } from "../../../../lib/platform/container.ts";
import { answer } from "../../../../lib/rest/answer.ts";
import { attachment } from "../../../../lib/rest/content-disposition.ts";
import { playbookNameOf } from "../../../../lib/rest/playbook-replies.ts";
import { readQuery } from "../../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export function GET(
  request: Request,
  { params }: { readonly params: Promise<{ readonly name: string }> },
): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const name = await playbookNameOf(params);
    const { version } = readQuery(request.url, playbookExportQuerySchema);
    const stored = await requestPlaybooks().readFile(name, version ?? null);
    return new Response(`${JSON.stringify(stored.playbook, null, 2)}\n`, {
      headers: {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": attachment(`${name}-${stored.version.toString()}.json`),
        "Cache-Control": "no-store",
      },
    });
  });
}
