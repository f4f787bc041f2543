import type { CallDesk } from "../../call/desk.ts";
import { callNotFound } from "../../call/errors.ts";
import type { CallRecord } from "../../call/stored-call.ts";
import type { CallPatch, SessionStartRequest, TranscriptDocument } from "../../contract/rest.ts";

export const nowMs = Date.UTC(2030, 0, 1);
export const notedCallId = "call_12345678";

export const notedCall: CallRecord = {
  callId: notedCallId,
  ownerId: null,
  status: "completed",
  startedAtMs: nowMs,
  endedAtMs: nowMs + 60_000,
  completionReason: "stopped",
  language: "es",
  transcriber: "embedded",
  audioMode: "stereo",
  stereoLayout: "LR",
  sampleRateHz: 16_000,
  coachEnabled: true,
  title: "Primera llamada",
  customer: { name: "Núria", company: "Acme" },
  notes: "volver a llamar",
  playbook: null,
  playbookVersion: null,
  consent: { obtained: true, method: "verbal", at: new Date(nowMs).toISOString(), by: "Ana" },
  expiresAtMs: nowMs + 14_520_000,
  durableSamples: 960_000,
  settledSample: 960_000,
  reservedSeq: 10,
  lostAudio: [],
  audioMarks: [],
  billedSeconds: 0,
  modelUsage: { requests: 0, promptTokens: 0, completionTokens: 0, unmetered: 0 },
  repVoice: null,
  summary: null,
};

export const notedDocument: TranscriptDocument = {
  call_metadata: {
    call_id: notedCallId,
    start_time: new Date(nowMs).toISOString(),
    end_time: null,
    duration_ms: 60_000,
    exported_at: new Date(nowMs).toISOString(),
    title: "Primera llamada",
    customer: {},
    language: "es",
    transcriber: "embedded",
    audio_mode: "stereo",
    stereo_layout: "LR",
    sample_rate: 16_000,
    completion_reason: "stopped",
    consent: null,
    lost_audio: [],
    audio_marks: [],
    playbook: null,
  },
  segments: [],
  objections: [],
  suggestions: [],
  insights: [],
  conduct: null,
  summary: {
    total_segments: 0,
    total_objections: 0,
    objection_types: {},
    speakers_time: { rep: 0, prospect: 0, unknown: 0 },
    top_topics: [],
    next_steps: [],
    confidence_score: null,
  },
};

const known = (callId: string): void => {
  if (callId !== notedCallId) throw callNotFound();
};

const unused = (): never => {
  throw new Error("not asked for here");
};

/** A desk that knows one call and notes what it is asked. */
export class NotingDesk implements CallDesk {
  readonly started: SessionStartRequest[] = [];
  readonly patches: CallPatch[] = [];
  readonly toggles: boolean[] = [];
  readonly touched: string[] = [];
  failure: Error | null = null;

  start(request: SessionStartRequest): Promise<CallRecord> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.started.push(request);
    return Promise.resolve(notedCall);
  }
  status(callId: string) {
    this.touched.push(callId);
    return Promise.resolve().then(() => {
      known(callId);
      return { call: notedCall, state: "completed", nextSample: 960_000, coachEnabled: true } as const;
    });
  }
  patch(callId: string, patch: CallPatch): Promise<void> {
    return Promise.resolve().then(() => {
      known(callId);
      this.patches.push(patch);
    });
  }
  delete(callId: string): Promise<void> {
    this.touched.push(callId);
    return this.failure === null ? Promise.resolve() : Promise.reject(this.failure);
  }
  toggleCoach(callId: string, enabled: boolean): Promise<boolean> {
    return Promise.resolve().then(() => {
      known(callId);
      this.toggles.push(enabled);
      return enabled;
    });
  }
  readonly recording = unused;
  activeCalls(): number {
    return 3;
  }
}
