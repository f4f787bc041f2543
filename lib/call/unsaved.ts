import { CallError } from "./errors.ts";
import type { CallRepository, Logger } from "./ports.ts";
import type { CallWrite } from "./stored-call.ts";

/**
 * Writes that the database does not take at the moment, kept beside it so that they outlive the process.
 * Every method rejects with `CallError("storage_failed")` when the disk does.
 */
export interface UnsavedWrites {
  /** Kept behind the earlier ones of its call; survives the death of the process when it resolves. */
  keep(write: CallWrite): Promise<void>;
  /** Calls of which something is kept. */
  calls(): Promise<readonly string[]>;
  /** In the order in which they were kept. */
  of(callId: string): Promise<readonly CallWrite[]>;
  /** What was kept of the call is in the database now. */
  clear(callId: string): Promise<void>;
  /** Keeps what the database refuses for good, for whoever looks into it. */
  setAside(write: CallWrite): Promise<void>;
  /** Nothing is left of the call, what was set aside included. */
  forget(callId: string): Promise<void>;
}

/** Writes what an earlier process kept beside a database that did not answer, before anything is read of it. */
export async function writeUnsaved(options: {
  readonly repository: CallRepository;
  readonly unsaved: UnsavedWrites;
  readonly logger: Logger;
}): Promise<void> {
  const { logger, repository, unsaved } = options;
  for (const callId of await unsaved.calls()) {
    const writes = await unsaved.of(callId);
    for (const write of writes) {
      try {
        await repository.write(write);
      } catch (error) {
        if (!(error instanceof CallError) || !(error.refused || error.code === "call_not_found")) throw error;
        logger.error({ call: callId, err: error }, "the database refuses a kept write; it is set aside");
        await unsaved.setAside(write);
      }
    }
    await unsaved.clear(callId);
    logger.warn({ call: callId, writes: writes.length }, "what was kept beside the database is in it now");
  }
}
