import type {
  ExportedObjection,
  ExportedSegment,
  ExportedSignal,
  ExportedSuggestion,
  TranscriptDocument,
} from "../contract/rest.ts";
import type { Summary } from "../contract/summary.ts";
import type { Language } from "../contract/vocabulary.ts";
import {
  isSignal,
  type StoredCall,
  type StoredObjection,
  type StoredSegment,
  type StoredSignal,
  type StoredSuggestion,
} from "../call/stored-call.ts";
import { clockTime } from "./clock-time.ts";
import { oneLine } from "./transcript-lines.ts";
import { wordingOf, type Wording } from "./wording.ts";

export type Summarise = (stored: StoredCall, language: Language) => Summary;

/**
 * `transcript.json` of a call. A completed call keeps the summary that it was completed with; one that goes
 * on is summed up as far as it has come.
 */
export function transcriptDocument(
  stored: StoredCall,
  options: { readonly summarise: Summarise; readonly exportedAtMs: number },
): TranscriptDocument {
  const { call, segments, objections, suggestions, insights } = stored;
  const wording = wordingOf(call.language);
  const shown = shownObjections(objections, suggestions);
  return {
    call_metadata: {
      call_id: call.callId,
      start_time: new Date(call.startedAtMs).toISOString(),
      end_time: call.endedAtMs === null ? null : new Date(call.endedAtMs).toISOString(),
      duration_ms: Math.round((call.durableSamples * 1000) / call.sampleRateHz),
      exported_at: new Date(options.exportedAtMs).toISOString(),
      title: call.title,
      customer: call.customer,
      language: call.language,
      transcriber: call.transcriber,
      audio_mode: call.audioMode,
      stereo_layout: call.stereoLayout,
      sample_rate: call.sampleRateHz,
      completion_reason: call.completionReason,
      consent: call.consent,
      lost_audio: [...call.lostAudio],
      audio_marks: [...call.audioMarks],
      playbook: call.playbook === null ? null : { name: call.playbook, version: call.playbookVersion },
    },
    segments: segments.map((segment) =>
      exportedSegment(
        segment,
        speakerName(segment, call.customer.name, wording),
        shown.get(segment.segmentId) ?? null,
      ),
    ),
    objections: objections.map(exportedObjection),
    suggestions: suggestions.map(exportedSuggestion),
    insights: insights.filter(isSignal).flatMap(exportedSignal),
    conduct: insights.find((insight) => insight.kind === "conduct")?.conduct ?? null,
    summary: call.summary ?? options.summarise(stored, call.language),
  };
}

/** What was retracted was never said by whom it was put down to. */
function exportedSignal(signal: StoredSignal): readonly ExportedSignal[] {
  const { insight_id, kind, segment_id, speaker, ts_ms, text, evidence, status } = signal;
  if (status === "retracted") return [];
  const { term = null, when = null, answered_by = null } = signal;
  return [{ insight_id, kind, segment_id, speaker, ts_ms, text, evidence, status, term, when, answered_by }];
}

interface ShownObjection {
  readonly type: StoredObjection["type"];
  readonly suggestion: string | null;
}

/** By segment, the first objection that was confirmed, and the suggestion that stood under it. */
function shownObjections(
  objections: readonly StoredObjection[],
  suggestions: readonly StoredSuggestion[],
): ReadonlyMap<string, ShownObjection> {
  const texts = new Map<string, string>();
  for (const suggestion of suggestions) {
    if (suggestion.status === "final") texts.set(suggestion.objectionId, suggestion.text);
  }
  const shown = new Map<string, ShownObjection>();
  for (const { status, segmentId, objectionId, type } of objections) {
    if (status !== "confirmed" || shown.has(segmentId)) continue;
    shown.set(segmentId, { type, suggestion: texts.get(objectionId) ?? null });
  }
  return shown;
}

function speakerName(segment: StoredSegment, customerName: string | undefined, wording: Wording): string {
  if (segment.speaker === 0) return wording.rep;
  if (segment.speaker === 1) return oneLine(customerName ?? "") || wording.prospect;
  return segment.voice === null ? wording.unknown : `${wording.voice} ${String(segment.voice + 1)}`;
}

function exportedSegment(
  segment: StoredSegment,
  name: string,
  objection: ShownObjection | null,
): ExportedSegment {
  return {
    segment_id: segment.segmentId,
    revision: segment.revision,
    speaker: segment.speaker,
    speaker_name: name,
    ...(segment.voice === null ? {} : { voice: segment.voice }),
    ts_ms: segment.tsMs,
    end_ms: segment.endMs,
    text: segment.text,
    confidence: segment.confidence,
    is_final: true,
    timestamp: clockTime(segment.tsMs),
    words: segment.words.map((word) => ({
      text: word.text,
      ts_ms: word.tsMs,
      end_ms: word.endMs,
      confidence: word.confidence,
      ...(word.estimated ? { estimated: true } : {}),
      ...(word.language === undefined ? {} : { language: word.language }),
    })),
    objection_type: objection?.type ?? null,
    suggestion_text: objection?.suggestion ?? null,
  };
}

function exportedObjection(objection: StoredObjection): ExportedObjection {
  return {
    objection_id: objection.objectionId,
    segment_id: objection.segmentId,
    speaker: objection.speaker,
    ts_ms: objection.tsMs,
    type: objection.type,
    text: objection.text,
    evidence: [...objection.evidence],
    confidence: objection.confidence,
    source: objection.source,
    status: objection.status,
    repeat_of: objection.repeatOf,
    latency_ms: objection.latencyMs,
  };
}

function exportedSuggestion(suggestion: StoredSuggestion): ExportedSuggestion {
  return {
    suggestion_id: suggestion.suggestionId,
    objection_id: suggestion.objectionId,
    ts_ms: suggestion.tsMs,
    type: suggestion.type,
    text: suggestion.text,
    source: suggestion.source,
    playbook_entry: suggestion.playbookEntry,
    status: suggestion.status,
    latency_ms: suggestion.latencyMs,
    feedback: suggestion.feedback,
    said:
      suggestion.said === null
        ? null
        : { segment_id: suggestion.said.segmentId, similarity: suggestion.said.similarity },
  };
}
