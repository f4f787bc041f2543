import { CallError } from "../errors.ts";
import type { UnsavedWrites } from "../unsaved.ts";
import type { CallWrite } from "../stored-call.ts";

/** Unsaved writes in memory that can be made to fail; it outlives a registry as files outlive a process. */
export class MemoryUnsaved implements UnsavedWrites {
  kept: CallWrite[] = [];
  refused: CallWrite[] = [];
  failing = false;

  keep(write: CallWrite): Promise<void> {
    if (this.failing) return Promise.reject(new CallError("storage_failed", "The disk is full."));
    this.kept.push(structuredClone(write));
    return Promise.resolve();
  }

  calls(): Promise<readonly string[]> {
    return Promise.resolve([...new Set(this.kept.map(({ callId }) => callId))]);
  }

  of(callId: string): Promise<readonly CallWrite[]> {
    return Promise.resolve(this.kept.filter((write) => write.callId === callId));
  }

  clear(callId: string): Promise<void> {
    this.kept = this.kept.filter((write) => write.callId !== callId);
    return Promise.resolve();
  }

  setAside(write: CallWrite): Promise<void> {
    this.refused.push(structuredClone(write));
    return Promise.resolve();
  }

  async forget(callId: string): Promise<void> {
    await this.clear(callId);
    this.refused = this.refused.filter((write) => write.callId !== callId);
  }
}
