import { CallError } from "./errors.ts";
import type { Logger, OpenPlaybook, Playbooks } from "./ports.ts";
import type { CallRecord } from "./stored-call.ts";

/** The version of the playbook that a call of an earlier process began with; the default one where it is gone. */
export async function playbookOf(
  { callId, playbook, playbookVersion }: CallRecord,
  { logger, playbooks }: { readonly logger: Logger; readonly playbooks: Playbooks },
): Promise<OpenPlaybook> {
  try {
    return await playbooks.open(playbook, playbookVersion);
  } catch (error) {
    if (!(error instanceof CallError) || error.code !== "invalid") throw error;
    logger.warn({ call: callId, err: error }, "the playbook of a call is gone; it gets the default one");
    return await playbooks.open(null, null);
  }
}
