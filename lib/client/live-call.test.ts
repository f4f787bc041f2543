import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallEvent, ObjectionDetected, SuggestionReady, TranscriptUpdate } from "../contract/events.ts";
import { emptyLiveCall, liveCallReducer, type LiveCallView } from "./live-call.ts";

const callId = "call_12345678";

function segment(seq: number, change: Partial<TranscriptUpdate> = {}): CallEvent {
  return {
    type: "transcript_update",
    data: {
      call_id: callId,
      seq,
      segment_id: "s1",
      revision: 1,
      speaker: 1,
      role: "prospect",
      ts_ms: 1000,
      end_ms: 2000,
      text: "es caro",
      is_final: false,
      confidence: null,
      words: [],
      ...change,
    },
  };
}

function objection(seq: number, change: Partial<ObjectionDetected> = {}): CallEvent {
  return {
    type: "objection_detected",
    data: {
      call_id: callId,
      seq,
      objection_id: "o1",
      segment_id: "s1",
      speaker: 1,
      ts_ms: 1000,
      type: "price",
      text: "caro",
      evidence: [{ start: 3, end: 7 }],
      confidence: 0.9,
      source: "rule",
      status: "provisional",
      latency_ms: 400,
      ...change,
    },
  };
}

function suggestion(seq: number, change: Partial<SuggestionReady> = {}): CallEvent {
  return {
    type: "suggestion_ready",
    data: {
      call_id: callId,
      seq,
      suggestion_id: "g1",
      objection_id: "o1",
      ts_ms: 1000,
      type: "price",
      text: "¿Caro respecto a qué?",
      source: "playbook",
      playbook_entry: null,
      status: "final",
      latency_ms: 500,
      ...change,
    },
  };
}

function status(seq: number, state: "live" | "degraded" | "reconnecting", reason: string): CallEvent {
  return { type: "status", data: { call_id: callId, seq, state, reason, detail: "" } };
}

function after(...events: readonly CallEvent[]): LiveCallView {
  return events.reduce<LiveCallView>(liveCallReducer, emptyLiveCall);
}

describe("the view of a live call", () => {
  it("replaces an interim by its final under the same id", () => {
    const view = after(segment(1, { text: "es" }), segment(2, { text: "es caro.", is_final: true }));
    expect(view.segments.map(({ text, is_final: isFinal }) => [text, isFinal])).toEqual([["es caro.", true]]);
  });

  it("ignores a number that it has seen", () => {
    const view = after(segment(5, { text: "uno" }));
    expect(liveCallReducer(view, segment(5, { text: "otro" }))).toBe(view);
    expect(liveCallReducer(view, segment(4, { text: "otro" }))).toBe(view);
  });

  it("takes a missing number for no loss", () => {
    expect(after(segment(1), segment(900, { text: "más" })).lastSeq).toBe(900);
  });

  it("lets an interim that came to nothing disappear", () => {
    expect(after(segment(1), segment(2, { text: "", is_final: true })).segments).toEqual([]);
  });

  it("never lets a late interim take the place of a final", () => {
    const view = after(segment(1, { text: "final", is_final: true }), segment(2, { text: "interim" }));
    expect(view.segments[0]?.text).toBe("final");
  });

  it("takes a higher revision of a final", () => {
    const view = after(
      segment(1, { is_final: true }),
      segment(2, { is_final: true, revision: 2, text: "corregido", reason: "edit" }),
    );
    expect(view.segments[0]?.text).toBe("corregido");
  });

  it("orders by time and then by id, whatever the order of arrival", () => {
    const spans = fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 0, max: 99 }), ts: fc.integer({ min: 0, max: 5 }) }),
      { selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(spans, (list) => {
        const view = after(
          ...list.map(({ id, ts }, index) =>
            segment(index + 1, {
              segment_id: `s${id.toString().padStart(2, "0")}`,
              ts_ms: ts,
              end_ms: ts + 1,
            }),
          ),
        );
        const shown = view.segments.map((one) => `${one.ts_ms.toString()} ${one.segment_id}`);
        expect(shown).toEqual([...shown].sort());
        expect(shown).toHaveLength(list.length);
      }),
    );
  });

  it("moves a line whose start was corrected", () => {
    const view = after(
      segment(1, { segment_id: "a", ts_ms: 1000 }),
      segment(2, { segment_id: "b", ts_ms: 2000 }),
      segment(3, { segment_id: "a", ts_ms: 3000, is_final: true }),
    );
    expect(view.segments.map(({ segment_id: id }) => id)).toEqual(["b", "a"]);
  });

  it("lets go of interims on a new connection, which sends the open ones again", () => {
    const view = after(segment(1, { is_final: true }), segment(2, { segment_id: "s2", ts_ms: 3000 }));
    const again = liveCallReducer(view, {
      type: "session_started",
      data: {
        call_id: callId,
        state: "live",
        role: "host",
        next_sample: 0,
        last_seq: 2,
        sample_rate: 16_000,
        channels: 2,
        stereo_layout: "LR",
        language: "es",
        transcriber: "embedded",
        coach_enabled: true,
        protocol: 1,
        message: "",
        timestamp: "2026-01-01T00:00:00Z",
      },
    });
    expect(again.segments.map(({ segment_id: id }) => id)).toEqual(["s1"]);
  });

  it("confirms an objection in its place and takes a retracted one away", () => {
    const confirmed = after(objection(1), objection(2, { status: "confirmed" }));
    expect(confirmed.objections.get("s1")?.map((one) => one.status)).toEqual(["confirmed"]);
    const retracted = liveCallReducer(confirmed, objection(3, { status: "retracted" }));
    expect(retracted.objections.size).toBe(0);
  });

  it("keeps what was said of a suggestion when the server tells it again", () => {
    let view = after(suggestion(1, { status: "partial" }));
    view = liveCallReducer(view, { type: "feedback_given", suggestionId: "g1", verdict: "used" });
    view = liveCallReducer(view, suggestion(2));
    expect(view.suggestions.map(({ feedback, status: s }) => [feedback, s])).toEqual([["used", "final"]]);
  });

  it("keeps no verdict on a reply that has given its card to another one", () => {
    let view = after(suggestion(1));
    view = liveCallReducer(view, { type: "feedback_given", suggestionId: "g1", verdict: "wrong" });
    view = liveCallReducer(view, suggestion(2, { text: "¿Qué haría falta?", source: "llm" }));
    expect(view.suggestions.map(({ feedback, text }) => [feedback, text])).toEqual([
      [null, "¿Qué haría falta?"],
    ]);
  });

  it("ends trouble when the server is live again", () => {
    expect(after(status(1, "degraded", "backlog"), status(2, "live", "backlog")).troubles).toEqual([]);
    expect(after(status(1, "reconnecting", "engine"), status(2, "live", "recovered")).troubles).toEqual([]);
  });

  it("lets an engine that has caught up end its own trouble only", () => {
    const view = after(
      status(1, "degraded", "storage"),
      status(2, "reconnecting", "engine_restart"),
      status(3, "degraded", "backlog"),
      status(4, "live", "caught_up"),
    );
    expect(view.troubles.map(({ reason }) => reason)).toEqual(["storage"]);
  });

  it("keeps the warning of the time limit until it is dismissed", () => {
    const view = after(status(1, "live", "time_limit"), status(2, "live", "recovered"));
    expect(view.troubles.map(({ reason }) => reason)).toEqual(["time_limit"]);
    expect(liveCallReducer(view, { type: "trouble_dismissed", reason: "time_limit" }).troubles).toEqual([]);
  });
});
