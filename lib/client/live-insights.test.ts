import { describe, expect, it } from "vitest";
import { noInsights, withInsight, type SignalInsight } from "./live-insights.ts";

const signal = (id: string, more: Partial<SignalInsight> = {}): SignalInsight => ({
  call_id: "call_00000001",
  seq: 1,
  insight_id: id,
  kind: "commitment",
  segment_id: "s1",
  speaker: 0,
  ts_ms: 1000,
  text: "le llamo mañana",
  evidence: [{ start: 0, end: 15 }],
  status: "noted",
  ...more,
});

describe("what a page shows beside the card", () => {
  it("keeps signals in the order of the call, the newest version of each, and none that is retracted", () => {
    let shown = noInsights;
    const told = [
      signal("b", { ts_ms: 5000 }),
      signal("a", { kind: "unanswered_question", status: "open" }),
      signal("a", { kind: "unanswered_question", status: "answered" }),
      signal("c", { ts_ms: 7000 }),
      signal("c", { ts_ms: 7000, status: "retracted" }),
    ];
    for (const one of told) shown = withInsight(shown, one);
    expect(shown.signals.map(({ insight_id: id, status }) => [id, status])).toEqual([
      ["a", "answered"],
      ["b", "noted"],
    ]);
  });

  it("keeps no more than a page can use", () => {
    let shown = noInsights;
    for (let at = 0; at < 300; at += 1) shown = withInsight(shown, signal(`s${String(at)}`, { ts_ms: at }));
    expect(shown.signals).toHaveLength(100);
    expect(shown.signals.at(-1)?.insight_id).toBe("s299");
  });
});
