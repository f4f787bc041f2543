import type { CallReading } from "../call/call-access.ts";
import type { ModelUsage } from "../call/stored-call.ts";
import type { CallListRow, CallSearch } from "../call/ports.ts";
import type { CallListItem, CallListQuery, CallReply } from "../contract/rest.ts";

/** `GET /calls/{id}`: the stored document and the state of the call. */
export function callReply({ document, status }: CallReading): CallReply {
  return {
    ...document,
    status: status.state,
    next_sample: status.nextSample,
    notes: status.call.notes,
    coach_enabled: status.coachEnabled,
    consent: status.call.consent,
    billed_seconds: Math.round(status.call.billedSeconds * 1000) / 1000,
    language_model: modelUsageOf(status.call.modelUsage),
  };
}

function modelUsageOf({
  completionTokens,
  promptTokens,
  requests,
  unmetered,
}: ModelUsage): CallReply["language_model"] {
  if (requests === 0) return null;
  return { requests, prompt_tokens: promptTokens, completion_tokens: completionTokens, unmetered };
}

/** One line of `GET /calls`. */
export function callListItem({ call, ownerName, segmentCount, objections }: CallListRow): CallListItem {
  return {
    call_id: call.callId,
    title: call.title,
    customer: call.customer,
    started_at: new Date(call.startedAtMs).toISOString(),
    ended_at: call.endedAtMs === null ? null : new Date(call.endedAtMs).toISOString(),
    duration_ms: Math.round((call.durableSamples * 1000) / call.sampleRateHz),
    status: call.status,
    language: call.language,
    transcriber: call.transcriber,
    segments: segmentCount,
    objections: { ...objections },
    ...(ownerName === null ? {} : { owner: { name: ownerName } }),
  };
}

const dayMs = 24 * 60 * 60 * 1000;

/** A day without time begins at midnight UTC; as the end of a span it is meant to its last millisecond. */
export function callSearch(query: CallListQuery): Omit<CallSearch, "ownerId"> {
  const isDay = (text: string): boolean => !text.includes("T");
  const words = query.q?.trim() ?? "";
  return {
    query: words === "" ? null : words,
    fromMs: query.from === undefined ? null : Date.parse(query.from),
    toMs: query.to === undefined ? null : Date.parse(query.to) + (isDay(query.to) ? dayMs - 1 : 0),
    objection: query.objection ?? null,
    status: query.status ?? null,
    limit: query.limit,
    cursor: query.cursor ?? null,
  };
}
