import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type {
  CallCompleted,
  CallEvent,
  ObjectionDetected,
  SessionStarted,
  Status,
  SuggestionReady,
  TranscriptUpdate,
} from "../contract/events.ts";
import type { TranscriberName } from "../contract/vocabulary.ts";
import { noInsights, withInsight, type LiveInsights } from "./live-insights.ts";

export interface ShownSuggestion extends SuggestionReady {
  readonly feedback: FeedbackVerdict | null;
}

/** What a page shows of a call: everything the events told so far. Never changed, only replaced. */
export interface LiveCallView {
  readonly session: SessionStarted | null;
  /** The highest number seen; replay is asked for from here. */
  readonly lastSeq: number;
  /** Finals and current interims with words in them, by `ts_ms`, then `segment_id`. */
  readonly segments: readonly TranscriptUpdate[];
  /** Not retracted, by segment, in order of `ts_ms`. */
  readonly objections: ReadonlyMap<string, readonly ObjectionDetected[]>;
  /** In order of arrival, newest last; withdrawn ones too, so that they can leave quietly. */
  readonly suggestions: readonly ShownSuggestion[];
  readonly insights: LiveInsights;
  readonly isCoachEnabled: boolean;
  /** The engine at work; null before it is known. */
  readonly transcriber: TranscriberName | null;
  /** Trouble that has not been said to be over, newest last. */
  readonly troubles: readonly Status[];
  readonly completed: CallCompleted | null;
}

export const emptyLiveCall: LiveCallView = {
  session: null,
  lastSeq: 0,
  segments: [],
  objections: new Map(),
  suggestions: [],
  insights: noInsights,
  isCoachEnabled: true,
  transcriber: null,
  troubles: [],
  completed: null,
};

export type LiveCallInput =
  | CallEvent
  | { readonly type: "session_started"; readonly data: SessionStarted }
  | { readonly type: "feedback_given"; readonly suggestionId: string; readonly verdict: FeedbackVerdict }
  /** The person has read it. */
  | { readonly type: "trouble_dismissed"; readonly reason: string };

/** Order of the transcript: by time, then by id, not by arrival. */
function isBefore(a: TranscriptUpdate, b: TranscriptUpdate): boolean {
  return a.ts_ms !== b.ts_ms ? a.ts_ms < b.ts_ms : a.segment_id < b.segment_id;
}

function withSegment(
  segments: readonly TranscriptUpdate[],
  update: TranscriptUpdate,
): readonly TranscriptUpdate[] {
  // What changes is nearly always among the last few.
  let known = segments.length - 1;
  while (known >= 0 && segments[known]?.segment_id !== update.segment_id) known -= 1;
  const before = segments[known];
  // The recogniser never revises a final; only a higher revision may.
  if (before?.is_final === true && update.revision <= before.revision) return segments;
  const isEmpty = update.text.trim() === "";
  if (before?.ts_ms === update.ts_ms && !isEmpty) return segments.with(known, update);
  const others = before === undefined ? [...segments] : segments.toSpliced(known, 1);
  if (isEmpty) return before === undefined ? segments : others;
  let place = others.length;
  for (let previous = others[place - 1]; previous !== undefined && isBefore(update, previous);) {
    place -= 1;
    previous = others[place - 1];
  }
  others.splice(place, 0, update);
  return others;
}

function withObjection(
  objections: LiveCallView["objections"],
  objection: ObjectionDetected,
): LiveCallView["objections"] {
  const changed = new Map(objections);
  for (const [segmentId, held] of objections) {
    if (!held.some((other) => other.objection_id === objection.objection_id)) continue;
    const kept = held.filter((other) => other.objection_id !== objection.objection_id);
    if (kept.length === 0) changed.delete(segmentId);
    else changed.set(segmentId, kept);
  }
  if (objection.status !== "retracted") {
    const held = changed.get(objection.segment_id) ?? [];
    changed.set(
      objection.segment_id,
      [...held, objection].sort((a, b) => a.ts_ms - b.ts_ms),
    );
  }
  return changed;
}

function withSuggestion(
  suggestions: readonly ShownSuggestion[],
  suggestion: SuggestionReady,
): readonly ShownSuggestion[] {
  const known = suggestions.findIndex((other) => other.suggestion_id === suggestion.suggestion_id);
  const before = suggestions[known];
  if (before === undefined) return [...suggestions, { ...suggestion, feedback: null }];
  // A card that was whole and has other words now is another reply: the verdict was on the one before.
  const isExchanged =
    before.status === "final" && (before.text !== suggestion.text || before.source !== suggestion.source);
  return suggestions.with(known, { ...suggestion, feedback: isExchanged ? null : before.feedback });
}

/** What the engine ends when it has caught up; the trouble of disk and database is not its own. */
const endsOfCaughtUp: ReadonlySet<string> = new Set(["backlog", "engine_restart"]);

/** `live` ends the trouble of its reason, or all of it when it names none that is open. */
function withStatus(troubles: readonly Status[], status: Status): readonly Status[] {
  const others = troubles.filter((trouble) => trouble.reason !== status.reason);
  if (status.reason === "time_limit" || status.reason === "audio_lost") return [...others, status];
  if (status.state !== "live") return [...others, status];
  if (status.reason === "caught_up") return troubles.filter(({ reason }) => !endsOfCaughtUp.has(reason));
  return others.length < troubles.length
    ? others
    : troubles.filter((trouble) => trouble.reason === "time_limit" || trouble.reason === "audio_lost");
}

function withEvent(view: LiveCallView, input: CallEvent): LiveCallView {
  // Numbers only grow, on every socket and in every replay: one that does not is a repetition.
  if (input.data.seq <= view.lastSeq) return view;
  const next = { ...view, lastSeq: input.data.seq };
  switch (input.type) {
    case "transcript_update":
      return { ...next, segments: withSegment(view.segments, input.data) };
    case "objection_detected":
      return { ...next, objections: withObjection(view.objections, input.data) };
    case "suggestion_ready":
      return { ...next, suggestions: withSuggestion(view.suggestions, input.data) };
    case "insight":
      return { ...next, insights: withInsight(view.insights, input.data) };
    case "coach_changed":
      return { ...next, isCoachEnabled: input.data.coach_enabled };
    case "status":
      return {
        ...next,
        transcriber: input.data.transcriber ?? view.transcriber,
        troubles: withStatus(view.troubles, input.data),
      };
    case "call_completed":
      return { ...next, completed: input.data, troubles: [] };
  }
}

export function liveCallReducer(view: LiveCallView, input: LiveCallInput): LiveCallView {
  if (input.type === "session_started") {
    return {
      ...view,
      session: input.data,
      isCoachEnabled: input.data.coach_enabled,
      transcriber: input.data.transcriber,
      // The server sends every open interim again; one that it does not is of a process that died.
      segments: view.segments.filter((segment) => segment.is_final),
    };
  }
  if (input.type === "feedback_given") {
    return {
      ...view,
      suggestions: view.suggestions.map((suggestion) =>
        suggestion.suggestion_id === input.suggestionId
          ? { ...suggestion, feedback: input.verdict }
          : suggestion,
      ),
    };
  }
  if (input.type === "trouble_dismissed") {
    return { ...view, troubles: view.troubles.filter((trouble) => trouble.reason !== input.reason) };
  }
  return withEvent(view, input);
}
