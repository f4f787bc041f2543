import type { CallCompleted } from "../contract/events.ts";
import type { CompletionReason } from "../contract/vocabulary.ts";
import { samplesToMs } from "./audio-axis.ts";
import type { Summary } from "../contract/summary.ts";
import type { CallRepository, Recorder } from "./ports.ts";
import type { UnsavedWrites } from "./unsaved.ts";
import type { CallChanges, CallRecord, StoredCall } from "./stored-call.ts";
import { downloadsOf } from "./records.ts";

export interface CompletionFacts {
  readonly call: CallRecord;
  /** What was said; null when nothing of the call is kept. */
  readonly stored: StoredCall | null;
  readonly summary: Summary;
  readonly reason: CompletionReason;
  readonly samples: number;
  /** The transcript is complete up to here. */
  readonly heardUntilSample: number;
  /** The number of `call_completed`, the call's last. */
  readonly seq: number;
  readonly endedAtMs: number;
}

/**
 * Nothing is left of the call. Audio first: rows that are left can be deleted again, audio would be forgotten. What is
 * cut short in between is finished at the next start.
 */
export async function eraseCall(
  callId: string,
  {
    recorder,
    repository,
    unsaved,
  }: { readonly recorder: Recorder; readonly repository: CallRepository; readonly unsaved: UnsavedWrites },
): Promise<void> {
  await recorder.delete(callId);
  await unsaved.forget(callId);
  await repository.delete(callId);
  await recorder.deleted(callId);
}

/** The last event of a call and what is written with it. */
export function completionOf(facts: CompletionFacts): { event: CallCompleted; changes: CallChanges } {
  const { call, stored, summary, reason, samples, seq } = facts;
  return {
    event: {
      call_id: call.callId,
      seq,
      reason,
      duration_ms: samplesToMs(samples, call.sampleRateHz),
      summary,
      downloads: stored === null ? {} : downloadsOf(call),
    },
    changes: {
      status: "completed",
      completionReason: reason,
      endedAtMs: facts.endedAtMs,
      durableSamples: samples,
      settledSample: Math.min(facts.heardUntilSample, samples),
      reservedSeq: seq,
      billedSeconds: call.billedSeconds,
      modelUsage: call.modelUsage,
      summary,
    },
  };
}
