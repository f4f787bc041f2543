import { playbookSchema } from "../../../../lib/contract/playbook.ts";
import { playbookImportQuerySchema } from "../../../../lib/contract/playbook-rest.ts";
import { getContainer, requestPlaybooks } from "../../../../lib/platform/container.ts";
import { answer, json } from "../../../../lib/rest/answer.ts";
import { maxPlaybookBytes, playbookNameOf, playbookReply } from "../../../../lib/rest/playbook-replies.ts";
import { readJsonBody } from "../../../../lib/rest/request-body.ts";
import { readQuery } from "../../../../lib/rest/request-query.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The body is the file itself; it is stored under the name of the address. */
export function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly name: string }> },
): Promise<Response> {
  return answer(getContainer().logger, async () => {
    const name = await playbookNameOf(params);
    const { based_on } = readQuery(request.url, playbookImportQuerySchema);
    const access = requestPlaybooks();
    access.requireChange();
    const file = await readJsonBody(request, playbookSchema, { maxBytes: maxPlaybookBytes });
    const playbook = { ...file, name };
    return json(
      playbookReply(
        await (based_on === undefined
          ? access.create(playbook, "imported")
          : access.save(playbook, based_on, "imported")),
      ),
      201,
    );
  });
}
