import type { CallEvent } from "../contract/events.ts";
import type {
  CallRecord,
  CallWrite,
  StoredInsight,
  StoredObjection,
  StoredSegment,
  StoredSignal,
  StoredSuggestion,
} from "../call/stored-call.ts";

// Calls for the tests of everything that stores or reads them.

export function sampleCall(callId: string, changes: Partial<CallRecord> = {}): CallRecord {
  return {
    callId,
    ownerId: null,
    status: "live",
    startedAtMs: Date.UTC(2026, 2, 9, 10, 0, 0),
    endedAtMs: null,
    completionReason: null,
    language: "es",
    transcriber: "scripted",
    audioMode: "stereo",
    stereoLayout: "LR",
    sampleRateHz: 16_000,
    coachEnabled: true,
    title: "",
    customer: {},
    notes: "",
    playbook: null,
    playbookVersion: null,
    consent: null,
    expiresAtMs: Date.UTC(2026, 2, 9, 14, 0, 0),
    durableSamples: 0,
    settledSample: 0,
    reservedSeq: 0,
    lostAudio: [],
    audioMarks: [],
    billedSeconds: 0,
    modelUsage: { requests: 0, promptTokens: 0, completionTokens: 0, unmetered: 0 },
    repVoice: null,
    summary: null,
    ...changes,
  };
}

export function sampleSegment(
  segmentId: string,
  text: string,
  changes: Partial<StoredSegment> = {},
): StoredSegment {
  return {
    segmentId,
    revision: 1,
    speaker: 1,
    voice: null,
    tsMs: 1000,
    endMs: 2500,
    text,
    confidence: 0.9,
    words: [{ text, tsMs: 1000, endMs: 2500, confidence: null, estimated: true }],
    ...changes,
  };
}

export function sampleObjection(
  objectionId: string,
  changes: Partial<StoredObjection> = {},
): StoredObjection {
  return {
    objectionId,
    segmentId: "s1",
    speaker: 1,
    tsMs: 1000,
    type: "price",
    text: "es caro",
    evidence: [{ start: 0, end: 7 }],
    confidence: 0.8,
    source: "rule",
    status: "confirmed",
    repeatOf: null,
    latencyMs: 120.5,
    ...changes,
  };
}

export function sampleSuggestion(
  suggestionId: string,
  changes: Partial<StoredSuggestion> = {},
): StoredSuggestion {
  return {
    suggestionId,
    objectionId: "o1",
    tsMs: 1000,
    type: "price",
    text: "Pregunte con qué lo compara.",
    source: "playbook",
    playbookEntry: "price-1",
    status: "final",
    latencyMs: 130,
    feedback: null,
    said: null,
    ...changes,
  };
}

export function sampleInsight(insightId: string, changes: Partial<StoredSignal> = {}): StoredInsight {
  return {
    insight_id: insightId,
    kind: "commitment",
    segment_id: "s1",
    speaker: 1,
    ts_ms: 1000,
    text: "le llamo mañana",
    evidence: [{ start: 0, end: 15 }],
    status: "noted",
    when: "mañana",
    ...changes,
  };
}

export function sampleEvent(callId: string, seq: number): CallEvent {
  return { type: "coach_changed", data: { call_id: callId, seq, coach_enabled: seq % 2 === 0 } };
}

export function sampleWrite(callId: string, parts: Partial<CallWrite> = {}): CallWrite {
  return { callId, events: [], segments: [], objections: [], suggestions: [], changes: {}, ...parts };
}
