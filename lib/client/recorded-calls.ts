import { z } from "zod";
import { languageSchema } from "../contract/vocabulary.ts";
import { CaptureError } from "./capture-error.ts";

const recordedCallSchema = z.object({
  name: z.string(),
  language: languageSchema,
  title: z.string(),
  duration_ms: z.int().nonnegative(),
  file: z.string(),
  /** `test` for machines, `demo` for people. */
  purpose: z.string(),
});
export type RecordedCall = z.infer<typeof recordedCallSchema>;

/** The recorded calls to try it on; an empty list where the server has none. */
export async function listRecordedCalls(): Promise<readonly RecordedCall[]> {
  const reply = await fetch("/recorded-calls/index.json").catch(() => null);
  if (reply?.ok !== true) return [];
  const parsed = z.array(recordedCallSchema).safeParse(await reply.json().catch(() => null));
  return parsed.success ? parsed.data : [];
}

export async function fetchRecordedCall(call: Pick<RecordedCall, "name" | "file">): Promise<ArrayBuffer> {
  const reply = await fetch(`/recorded-calls/${call.name}/${call.file}`).catch(() => null);
  if (reply?.ok !== true) throw new CaptureError("recording_unavailable");
  return reply.arrayBuffer();
}
