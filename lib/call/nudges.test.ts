import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConductMeter } from "./conduct.ts";
import { Nudges } from "./nudges.ts";

function talkingRep(untilMs: number): ConductMeter {
  const meter = new ConductMeter();
  for (let ms = 0; ms < untilMs; ms += 5000) {
    meter.put({
      segmentId: `r${String(ms)}`,
      role: "rep",
      startMs: ms,
      endMs: ms + 4500,
      words: 12,
      questions: 0,
      fillers: 0,
      isBackchannel: false,
    });
  }
  return meter;
}

describe("nudges", () => {
  it("say that the rep has been speaking for long", () => {
    expect(new Nudges("es").next(talkingRep(60_000), 0)).toBeNull();
    expect(new Nudges("es").next(talkingRep(100_000), 0)).toEqual({ code: "long_monologue", value: 100 });
  });

  it("never come while a card is new", () => {
    const nudges = new Nudges("es");
    nudges.cardShown(95_000);
    expect(nudges.next(talkingRep(100_000), 0)).toBeNull();
    expect(nudges.next(talkingRep(105_000), 0)).not.toBeNull();
  });

  it("come at most once a minute, each sort at most once in five minutes, whatever happens", () => {
    const moment = fc.record({
      afterMs: fc.integer({ min: 500, max: 20_000 }),
      role: fc.constantFrom("rep" as const, "rep" as const, "prospect" as const),
      fillers: fc.integer({ min: 0, max: 5 }),
      open: fc.integer({ min: 0, max: 1 }),
      card: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 120 }), (moments) => {
        const nudges = new Nudges("en");
        const meter = new ConductMeter();
        const told: { code: string; ms: number }[] = [];
        let nowMs = 0;
        let lastCardMs = -Infinity;
        for (const [index, { afterMs, role, fillers, open, card }] of moments.entries()) {
          const startMs = nowMs;
          nowMs += afterMs;
          meter.put({
            segmentId: `s${String(index)}`,
            role,
            startMs,
            endMs: nowMs,
            words: Math.round(afterMs / 250),
            questions: 0,
            fillers,
            isBackchannel: false,
          });
          if (card) {
            nudges.cardShown(nowMs);
            lastCardMs = nowMs;
          }
          const nudge = nudges.next(meter, open);
          if (nudge === null) continue;
          expect(nowMs - lastCardMs).toBeGreaterThanOrEqual(8000);
          expect(nowMs - (told.at(-1)?.ms ?? -Infinity)).toBeGreaterThanOrEqual(60_000);
          const same = told.findLast(({ code }) => code === nudge.code);
          expect(nowMs - (same?.ms ?? -Infinity)).toBeGreaterThanOrEqual(300_000);
          told.push({ code: nudge.code, ms: nowMs });
        }
      }),
    );
  });
});
