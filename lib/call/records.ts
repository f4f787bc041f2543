import type { SessionStarted } from "../contract/events.ts";
import type { CallPatch } from "../contract/rest.ts";
import {
  audioChannelViews,
  type CallState,
  type ConnectionRole,
  protocolVersion,
  type Speaker,
  type TranscriberName,
  transcriptFormats,
} from "../contract/vocabulary.ts";
import type { AudioFormat } from "./ports.ts";
import type {
  CallChanges,
  CallRecord,
  StoredObjection,
  StoredSegment,
  StoredSuggestion,
} from "./stored-call.ts";
import { SaidSpans } from "./said-spans.ts";
import type { ObjectionUpdate, SuggestionUpdate } from "./coach-steps.ts";

export function audioFormatOf(call: Pick<CallRecord, "audioMode" | "sampleRateHz">): AudioFormat {
  return { sampleRateHz: call.sampleRateHz, channels: call.audioMode === "stereo" ? 2 : 1 };
}

/** The channel that carries the rep; null in mono, where both voices share one. */
export function repChannelOf(call: Pick<CallRecord, "audioMode" | "stereoLayout">): 0 | 1 | null {
  if (call.audioMode === "mono") return null;
  return call.stereoLayout === "LR" ? 0 : 1;
}

/** Where a speaker is heard. */
export function channelOf(speaker: Speaker, call: Pick<CallRecord, "audioMode" | "stereoLayout">): 0 | 1 {
  const repChannel = repChannelOf(call);
  if (repChannel === null) return 0;
  return speaker === 0 ? repChannel : repChannel === 0 ? 1 : 0;
}

/** Where these segments lie, in samples. */
export function saidSpansOf(
  call: Pick<CallRecord, "audioMode" | "stereoLayout" | "sampleRateHz">,
  segments: readonly Pick<StoredSegment, "speaker" | "tsMs" | "endMs">[],
): SaidSpans {
  const sampleOf = (ms: number): number => Math.round((ms * call.sampleRateHz) / 1000);
  const said = new SaidSpans();
  for (const { speaker, tsMs, endMs } of segments) {
    said.add(channelOf(speaker, call), sampleOf(tsMs), sampleOf(endMs));
  }
  return said;
}

export function storedObjectionOf(update: ObjectionUpdate): StoredObjection {
  return {
    objectionId: update.objection_id,
    segmentId: update.segment_id,
    speaker: update.speaker,
    tsMs: update.ts_ms,
    type: update.type,
    text: update.text,
    evidence: update.evidence,
    confidence: update.confidence,
    source: update.source,
    status: update.status,
    repeatOf: update.repeat_of ?? null,
    latencyMs: update.latency_ms,
  };
}

export function storedSuggestionOf(update: SuggestionUpdate): StoredSuggestion {
  return {
    suggestionId: update.suggestion_id,
    objectionId: update.objection_id,
    tsMs: update.ts_ms,
    type: update.type,
    text: update.text,
    source: update.source,
    playbookEntry: update.playbook_entry,
    status: update.status,
    latencyMs: update.latency_ms,
    feedback: null,
    said: null,
  };
}

/** The other way round: what was published of a stored objection. */
export function objectionUpdateOf(stored: StoredObjection): ObjectionUpdate {
  return {
    objection_id: stored.objectionId,
    segment_id: stored.segmentId,
    speaker: stored.speaker,
    ts_ms: stored.tsMs,
    type: stored.type,
    text: stored.text,
    evidence: [...stored.evidence],
    confidence: stored.confidence,
    source: stored.source,
    status: stored.status,
    ...(stored.repeatOf === null ? {} : { repeat_of: stored.repeatOf }),
    latency_ms: stored.latencyMs,
  };
}

export function suggestionUpdateOf(stored: StoredSuggestion): SuggestionUpdate {
  return {
    suggestion_id: stored.suggestionId,
    objection_id: stored.objectionId,
    ts_ms: stored.tsMs,
    type: stored.type,
    text: stored.text,
    source: stored.source,
    playbook_entry: stored.playbookEntry,
    status: stored.status,
    latency_ms: stored.latencyMs,
  };
}

/** Addresses of everything that can be downloaded of a call, by name. */
export function downloadsOf(call: Pick<CallRecord, "callId" | "audioMode">): Record<string, string> {
  const base = `/calls/${call.callId}`;
  const views = call.audioMode === "stereo" ? audioChannelViews : (["mix"] as const);
  const addresses: [string, string][] = [
    ...transcriptFormats.map((format): [string, string] => [format, `${base}/transcript.${format}`]),
    ...views.map((view): [string, string] => [view, `${base}/audio/${view}.wav`]),
  ];
  return Object.fromEntries(addresses);
}

export function sessionStartedOf(
  call: CallRecord,
  now: {
    readonly role: ConnectionRole;
    readonly state: CallState;
    readonly nextSample: number;
    readonly lastSeq: number;
    readonly nowMs: number;
    readonly message: string;
    /** The engine at work, where it is another one than the call's own. */
    readonly transcriber?: TranscriberName;
  },
): SessionStarted {
  return {
    call_id: call.callId,
    state: now.state,
    role: now.role,
    next_sample: now.nextSample,
    last_seq: now.lastSeq,
    sample_rate: call.sampleRateHz,
    channels: audioFormatOf(call).channels,
    stereo_layout: call.stereoLayout,
    language: call.language,
    transcriber: now.transcriber ?? call.transcriber,
    coach_enabled: call.coachEnabled,
    protocol: protocolVersion,
    message: now.message,
    timestamp: new Date(now.nowMs).toISOString(),
  };
}

/** The named changes of a patch, and nothing else. */
export function changesOfPatch(patch: CallPatch): CallChanges {
  return {
    ...(patch.title === undefined ? {} : { title: patch.title }),
    ...(patch.customer === undefined ? {} : { customer: patch.customer }),
    ...(patch.notes === undefined ? {} : { notes: patch.notes }),
  };
}

const maxAudioMarks = 1000;

/** The call's marks with one more; a call that is resumed more often than 1000 times keeps the first ones. */
export function markedAt(call: CallRecord, sample: number, nowMs: number): CallChanges {
  const mark = { sample, wall_clock: new Date(nowMs).toISOString() };
  return { audioMarks: [...call.audioMarks, mark].slice(0, maxAudioMarks) };
}
