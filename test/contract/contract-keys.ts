/** The names of section 5, by hand from the contract: what a client reads must be called this. */
const eventKeys: Readonly<Record<string, readonly string[]>> = {
  transcript_update: [
    "call_id",
    "seq",
    "segment_id",
    "revision",
    "speaker",
    "role",
    "ts_ms",
    "end_ms",
    "text",
    "is_final",
    "confidence",
    "words",
  ],
  objection_detected: [
    "call_id",
    "seq",
    "objection_id",
    "segment_id",
    "speaker",
    "ts_ms",
    "type",
    "text",
    "evidence",
    "confidence",
    "source",
    "status",
    "latency_ms",
  ],
  suggestion_ready: [
    "call_id",
    "seq",
    "suggestion_id",
    "objection_id",
    "ts_ms",
    "type",
    "text",
    "source",
    "playbook_entry",
    "status",
    "latency_ms",
  ],
  insight: ["call_id", "seq", "insight_id", "kind", "ts_ms"],
  coach_changed: ["call_id", "seq", "coach_enabled"],
  status: ["call_id", "seq", "state", "reason", "detail"],
  call_completed: ["call_id", "seq", "reason", "duration_ms", "summary", "downloads"],
  session_started: [
    "call_id",
    "state",
    "role",
    "next_sample",
    "last_seq",
    "sample_rate",
    "channels",
    "stereo_layout",
    "language",
    "transcriber",
    "coach_enabled",
    "protocol",
    "message",
    "timestamp",
  ],
  audio_ack: ["call_id", "next_sample"],
  ping: ["call_id", "timestamp"],
  pong: ["call_id", "timestamp"],
  error: ["call_id", "code", "message", "retryable"],
};

/** Connection events carry no `seq`. */
const connectionEvents = new Set(["session_started", "audio_ack", "ping", "pong", "error"]);

/** Throws with the missing names. */
export function expectContractKeys(type: string, data: unknown): void {
  if (typeof data !== "object" || data === null) throw new Error("the data is no object");
  expectKeys(data, eventKeys[type] ?? []);
  if (connectionEvents.has(type) && "seq" in data) throw new Error("a connection event has a seq");
  if (type === "transcript_update" && "words" in data && Array.isArray(data.words)) {
    for (const word of data.words as unknown[]) expectKeys(word, ["text", "ts_ms", "end_ms", "confidence"]);
  }
  if (type === "call_completed" && "summary" in data) expectKeys(data.summary, summaryKeys);
}

export const summaryKeys = [
  "total_segments",
  "total_objections",
  "objection_types",
  "speakers_time",
  "top_topics",
  "next_steps",
  "confidence_score",
] as const;

export function expectKeys(value: unknown, keys: readonly string[]): void {
  if (typeof value !== "object" || value === null) throw new Error("this is no object");
  const missing = keys.filter((key) => !(key in value));
  if (missing.length > 0) throw new Error(`missing: ${missing.join(", ")}`);
}
