import { expect, it } from "vitest";
import { evaluateSignals, precisionOf, recallOf } from "./signals.ts";

it("what is told beyond objections is right nine times in ten, on the project's own sentences", () => {
  for (const { language, split, kinds } of evaluateSignals()) {
    for (const one of kinds) {
      const where = `${language} ${split} ${one.kind}`;
      expect([where, (precisionOf(one) ?? 0) >= 0.9]).toEqual([where, true]);
      expect([where, (recallOf(one) ?? 0) >= 0.7]).toEqual([where, true]);
    }
  }
});
