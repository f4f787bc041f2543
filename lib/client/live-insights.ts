import type { Conduct, Insight } from "../contract/events.ts";

type Of<K extends Insight["kind"]> = Extract<Insight, { kind: K }>;
export type SignalInsight = Exclude<Insight, { kind: "conduct" | "nudge" }>;
export type NudgeInsight = Of<"nudge">;

/** Signals that a page keeps; older ones are on the call's page afterwards. */
const maxShown = 100;

/** What a page shows beside the transcript and the card. Never changed, only replaced. */
export interface LiveInsights {
  /** Standing ones, in order of `ts_ms`. */
  readonly signals: readonly SignalInsight[];
  readonly conduct: Conduct | null;
  /** The newest. */
  readonly nudge: NudgeInsight | null;
}

export const noInsights: LiveInsights = { signals: [], conduct: null, nudge: null };

export function withInsight(insights: LiveInsights, insight: Insight): LiveInsights {
  switch (insight.kind) {
    case "conduct":
      return { ...insights, conduct: insight.conduct };
    case "nudge":
      return { ...insights, nudge: insight };
    default: {
      const others = insights.signals.filter((known) => known.insight_id !== insight.insight_id);
      if (insight.status === "retracted") return { ...insights, signals: others };
      const after = others.findLastIndex((known) => known.ts_ms <= insight.ts_ms);
      return { ...insights, signals: others.toSpliced(after + 1, 0, insight).slice(-maxShown) };
    }
  }
}
