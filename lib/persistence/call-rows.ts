import type { CallEvent } from "../contract/events.ts";
import type { Consent, RecordedConsent } from "../contract/rest.ts";
import type {
  CallRecord,
  StoredInsight,
  StoredObjection,
  StoredSegment,
  StoredSuggestion,
  StoredWord,
} from "../call/stored-call.ts";
import type {
  Call,
  CallEvent as CallEventRow,
  Insight,
  Objection,
  Segment,
  Suggestion,
} from "./generated/sqlite/client.ts";

// The rows were written by this product from checked values; they are trusted when they come back.

export function callRecordOf(row: Call): CallRecord {
  return {
    callId: row.callId,
    ownerId: row.ownerId,
    status: row.status as CallRecord["status"],
    startedAtMs: Number(row.startedAtMs),
    endedAtMs: row.endedAtMs === null ? null : Number(row.endedAtMs),
    completionReason: row.completionReason as CallRecord["completionReason"],
    language: row.language as CallRecord["language"],
    transcriber: row.transcriber as CallRecord["transcriber"],
    audioMode: row.audioMode as CallRecord["audioMode"],
    stereoLayout: row.stereoLayout as CallRecord["stereoLayout"],
    sampleRateHz: row.sampleRateHz,
    coachEnabled: row.coachEnabled,
    title: row.title,
    customer: {
      ...(row.customerName === null ? {} : { name: row.customerName }),
      ...(row.customerCompany === null ? {} : { company: row.customerCompany }),
    },
    notes: row.notes,
    playbook: row.playbook,
    playbookVersion: row.playbookVersion,
    consent: row.consentJson === null ? null : consentOf(row.consentJson, Number(row.startedAtMs)),
    expiresAtMs: Number(row.expiresAtMs),
    durableSamples: Number(row.durableSamples),
    settledSample: Number(row.settledSample),
    reservedSeq: Number(row.reservedSeq),
    lostAudio: JSON.parse(row.lostAudioJson) as CallRecord["lostAudio"],
    audioMarks: JSON.parse(row.audioMarksJson) as CallRecord["audioMarks"],
    billedSeconds: row.billedSeconds,
    modelUsage: {
      requests: row.modelRequests,
      promptTokens: row.modelPromptTokens,
      completionTokens: row.modelCompletionTokens,
      unmetered: row.modelUnmetered,
    },
    repVoice: row.repVoice,
    summary: row.summaryJson === null ? null : (JSON.parse(row.summaryJson) as CallRecord["summary"]),
  };
}

/** Calls of earlier versions, which had no sign-in, kept neither time nor name. */
function consentOf(json: string, startedAtMs: number): RecordedConsent {
  const at = new Date(startedAtMs).toISOString();
  return { at, by: "local", ...(JSON.parse(json) as Consent & Partial<RecordedConsent>) };
}

export type ColumnValue = string | number | bigint | boolean | null;

/** SQLite's text functions and this driver end a text at U+0000; it is stored as the sign for "unreadable". */
function storable<T extends ColumnValue>(value: T): T | string {
  return typeof value === "string" ? value.replaceAll("\u0000", "\ufffd") : value;
}

/** Columns of `calls` for the given part of a record. */
export function callColumnsOf(changes: Partial<CallRecord>): readonly (readonly [string, ColumnValue])[] {
  const columns: (readonly [string, ColumnValue])[] = [];
  const put = <T>(name: string, value: T | undefined, encode: (value: T) => ColumnValue) => {
    if (value !== undefined) columns.push([name, encode(value)]);
  };
  const same = (value: string | number | boolean | null): ColumnValue => storable(value);
  const whole = (value: number | null): ColumnValue => (value === null ? null : BigInt(Math.round(value)));
  const json = (value: unknown): ColumnValue => (value === null ? null : JSON.stringify(value));
  put("call_id", changes.callId, same);
  put("owner_id", changes.ownerId, same);
  put("status", changes.status, same);
  put("started_at_ms", changes.startedAtMs, whole);
  put("ended_at_ms", changes.endedAtMs, whole);
  put("completion_reason", changes.completionReason, same);
  put("language", changes.language, same);
  put("transcriber", changes.transcriber, same);
  put("audio_mode", changes.audioMode, same);
  put("stereo_layout", changes.stereoLayout, same);
  put("sample_rate_hz", changes.sampleRateHz, same);
  put("coach_enabled", changes.coachEnabled, same);
  put("title", changes.title, same);
  put("customer_name", changes.customer, (customer) => storable(customer.name ?? null));
  put("customer_company", changes.customer, (customer) => storable(customer.company ?? null));
  put("notes", changes.notes, same);
  put("playbook", changes.playbook, same);
  put("playbook_version", changes.playbookVersion, same);
  put("consent_json", changes.consent, json);
  put("expires_at_ms", changes.expiresAtMs, whole);
  put("durable_samples", changes.durableSamples, whole);
  put("settled_sample", changes.settledSample, whole);
  put("reserved_seq", changes.reservedSeq, whole);
  put("lost_audio_json", changes.lostAudio, json);
  put("audio_marks_json", changes.audioMarks, json);
  put("billed_seconds", changes.billedSeconds, same);
  put("model_requests", changes.modelUsage?.requests, same);
  put("model_prompt_tokens", changes.modelUsage?.promptTokens, same);
  put("model_completion_tokens", changes.modelUsage?.completionTokens, same);
  put("model_unmetered", changes.modelUsage?.unmetered, same);
  put("rep_voice", changes.repVoice, same);
  put("summary_json", changes.summary, json);
  return columns;
}

export function segmentOf(row: Segment): StoredSegment {
  return {
    segmentId: row.segmentId,
    revision: row.revision,
    speaker: row.speaker as StoredSegment["speaker"],
    voice: row.voice,
    tsMs: row.tsMs,
    endMs: row.endMs,
    text: row.text,
    confidence: row.confidence,
    words: JSON.parse(row.wordsJson) as StoredWord[],
  };
}

export function objectionOf(row: Objection): StoredObjection {
  return {
    objectionId: row.objectionId,
    segmentId: row.segmentId,
    speaker: row.speaker as StoredObjection["speaker"],
    tsMs: row.tsMs,
    type: row.type as StoredObjection["type"],
    text: row.text,
    evidence: JSON.parse(row.evidenceJson) as StoredObjection["evidence"],
    confidence: row.confidence,
    source: row.source as StoredObjection["source"],
    status: row.status as StoredObjection["status"],
    repeatOf: row.repeatOf,
    latencyMs: row.latencyMs,
  };
}

export function suggestionOf(row: Suggestion): StoredSuggestion {
  return {
    suggestionId: row.suggestionId,
    objectionId: row.objectionId,
    tsMs: row.tsMs,
    type: row.type as StoredSuggestion["type"],
    text: row.text,
    source: row.source as StoredSuggestion["source"],
    playbookEntry: row.playbookEntry,
    status: row.status as StoredSuggestion["status"],
    latencyMs: row.latencyMs,
    feedback: row.feedback as StoredSuggestion["feedback"],
    said:
      row.saidSegment === null || row.saidSimilarity === null
        ? null
        : { segmentId: row.saidSegment, similarity: row.saidSimilarity },
  };
}

export function insightOf(row: Insight): StoredInsight {
  return JSON.parse(row.payloadJson) as StoredInsight;
}

export function eventOf(row: CallEventRow): CallEvent {
  return { type: row.type, data: JSON.parse(row.payloadJson) as unknown } as CallEvent;
}

// Rows for `json_each`, in the order of the columns of the statements that take them.

export function segmentRow(segment: StoredSegment): readonly ColumnValue[] {
  return [
    segment.segmentId,
    segment.revision,
    segment.speaker,
    segment.voice,
    segment.tsMs,
    segment.endMs,
    segment.text,
    segment.confidence,
    JSON.stringify(segment.words),
  ].map(storable);
}

export function objectionRow(objection: StoredObjection): readonly ColumnValue[] {
  return [
    objection.objectionId,
    objection.segmentId,
    objection.speaker,
    objection.tsMs,
    objection.type,
    objection.text,
    JSON.stringify(objection.evidence),
    objection.confidence,
    objection.source,
    objection.status,
    objection.repeatOf,
    objection.latencyMs,
  ].map(storable);
}

export function suggestionRow(suggestion: StoredSuggestion): readonly ColumnValue[] {
  return [
    suggestion.suggestionId,
    suggestion.objectionId,
    suggestion.tsMs,
    suggestion.type,
    suggestion.text,
    suggestion.source,
    suggestion.playbookEntry,
    suggestion.status,
    suggestion.latencyMs,
    suggestion.feedback,
  ].map(storable);
}

export function insightRow(insight: StoredInsight): readonly ColumnValue[] {
  return [
    insight.insight_id,
    insight.kind,
    "segment_id" in insight ? insight.segment_id : null,
    insight.ts_ms,
    JSON.stringify(insight),
  ].map(storable);
}

export function eventRow(event: CallEvent): readonly ColumnValue[] {
  return [event.data.seq, event.type, JSON.stringify(event.data)].map(storable);
}
