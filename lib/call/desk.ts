import type { CallPatch, SessionStartRequest } from "../contract/rest.ts";
import type { CallState } from "../contract/vocabulary.ts";
import type { AudioFormat } from "./ports.ts";
import type { Principal } from "./principal.ts";
import type { CallRecord } from "./stored-call.ts";

/** A frozen view of a call's durable audio, safe to read while the call goes on. */
export interface RecordingSnapshot {
  readonly format: AudioFormat;
  /** The channel of the rep (microphone) and of the prospect (loop); null in mono. */
  readonly repChannel: 0 | 1 | null;
  /** Durable samples at the time of the snapshot. */
  readonly samples: number;
  /** Interleaved PCM16 of [firstSample, firstSample + samples). */
  read(firstSample: number, samples: number): Promise<Uint8Array>;
  /** Lets go of the file. Idempotent. */
  close(): Promise<void>;
}

export interface CallStatus {
  readonly call: CallRecord;
  readonly state: CallState;
  readonly nextSample: number;
  readonly coachEnabled: boolean;
}

/** What REST does with calls. All methods reject with `CallError`. */
export interface CallDesk {
  /** `too_many_calls`, `language_not_supported`, `transcriber_not_available`, `consent_required`, `draining`, `invalid`. */
  start(request: SessionStartRequest, by?: Principal): Promise<CallRecord>;
  /** `call_not_found`. */
  status(callId: string): Promise<CallStatus>;
  /** `call_not_found`. */
  patch(callId: string, patch: CallPatch): Promise<void>;
  /** `call_not_found`, `call_not_completed`. */
  delete(callId: string): Promise<void>;
  /** `call_not_found`, `wrong_state` once the call is completing or completed. */
  toggleCoach(callId: string, enabled: boolean): Promise<boolean>;
  /** `call_not_found`. A call without audio yet gives a snapshot of 0 samples. */
  recording(callId: string): Promise<RecordingSnapshot>;
  /** Calls that are not completed. */
  activeCalls(): number;
}
