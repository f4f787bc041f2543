import { getContainer, requestAccess } from "../../../../lib/platform/container.ts";
import { transcriptRoute } from "../../../../lib/rest/transcript-route.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export const GET = transcriptRoute(() => ({ logger: getContainer().logger, access: requestAccess }), "srt");
