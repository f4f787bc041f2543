import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConductMeter, type SpokenLine } from "./conduct.ts";

let ids = 0;
function line(
  role: "rep" | "prospect",
  startMs: number,
  endMs: number,
  more: Partial<SpokenLine> = {},
): SpokenLine {
  ids += 1;
  return {
    segmentId: `s${String(ids)}`,
    role,
    startMs,
    endMs,
    words: Math.round((endMs - startMs) / 400),
    questions: 0,
    fillers: 0,
    isBackchannel: false,
    ...more,
  };
}

function conductOf(...lines: readonly SpokenLine[]): ReturnType<ConductMeter["conduct"]> {
  const meter = new ConductMeter();
  for (const one of lines) meter.put(one);
  return meter.conduct();
}

describe("conduct", () => {
  it("is nothing before anybody has spoken", () => {
    expect(conductOf()).toBeNull();
  });

  it("shares the talk by speech, not by silence", () => {
    const conduct = conductOf(line("rep", 0, 30_000), line("prospect", 60_000, 70_000));
    expect(conduct).toMatchObject({ talk_ratio: 0.75, rep: { speech_ms: 30_000, words_per_minute: 150 } });
    expect(conduct?.prospect.words_per_minute).toBe(150);
  });

  it("gives no pace before enough was said", () => {
    expect(conductOf(line("rep", 0, 4000))?.rep.words_per_minute).toBeNull();
  });

  it("lets a monologue go on over pauses and short acknowledgements, which count two seconds at most", () => {
    const conduct = conductOf(
      line("rep", 0, 20_000),
      line("prospect", 20_500, 21_000, { isBackchannel: true, words: 1 }),
      line("rep", 21_500, 40_000),
      line("rep", 50_000, 60_000),
    );
    expect(conduct?.rep.longest_monologue_ms).toBe(20_000 + 1500 + 18_500 + 2000 + 10_000);
    expect(conduct?.prospect.longest_monologue_ms).toBe(0);
  });

  it("ends a monologue when the other side says something", () => {
    const conduct = conductOf(
      line("rep", 0, 20_000),
      line("prospect", 20_500, 22_000),
      line("rep", 22_500, 40_000),
    );
    expect(conduct?.rep.longest_monologue_ms).toBe(20_000);
  });

  it("counts who takes the floor while the other speaks and stops", () => {
    const conduct = conductOf(line("prospect", 0, 5000), line("rep", 4400, 9000));
    expect([conduct?.rep.interruptions, conduct?.prospect.interruptions]).toEqual([1, 0]);
  });

  it.each([
    ["an acknowledgement", line("prospect", 0, 5000), line("rep", 4400, 6000, { isBackchannel: true })],
    ["speech that begins with the other's end", line("prospect", 0, 5000), line("rep", 4900, 9000)],
    ["both beginning together", line("prospect", 0, 2000), line("rep", 300, 9000)],
    ["the other speaking on for long", line("prospect", 0, 9000), line("rep", 4400, 12_000)],
    ["who gives up at once", line("prospect", 0, 5000), line("rep", 4400, 5200)],
  ])("does not call %s an interruption", (_what, spoken, said) => {
    expect(conductOf(spoken, said)?.rep.interruptions).toBe(0);
  });

  it("does not call it an interruption when the other goes on at once", () => {
    const conduct = conductOf(
      line("prospect", 0, 5000),
      line("rep", 4400, 9000),
      line("prospect", 5300, 8000),
    );
    expect(conduct?.rep.interruptions).toBe(0);
  });

  it("replaces a line that is known and forgets one that is removed", () => {
    const meter = new ConductMeter();
    const said = line("rep", 0, 10_000);
    meter.put(said);
    meter.put({ ...said, role: "prospect" });
    expect(meter.conduct()?.talk_ratio).toBe(0);
    meter.remove(said.segmentId);
    expect(meter.conduct()).toBeNull();
  });

  const spoken = fc
    .record({
      role: fc.constantFrom("rep" as const, "prospect" as const),
      startMs: fc.integer({ min: 0, max: 600_000 }),
      lengthMs: fc.integer({ min: 1, max: 30_000 }),
      words: fc.integer({ min: 0, max: 80 }),
      isBackchannel: fc.boolean(),
    })
    .map(({ lengthMs, ...rest }) => ({ ...rest, endMs: rest.startMs + lengthMs, questions: 1, fillers: 1 }));

  it("is the same in whatever order the finals come", () => {
    fc.assert(
      fc.property(fc.array(spoken, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (all, keys) => {
        const lines = all.map((one, index) => ({ ...one, segmentId: `s${String(index)}` }));
        const shuffled = lines
          .map((one) => ({ one, key: Number(keys.next().value) }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(conductOf(...shuffled)).toEqual(conductOf(...lines));
      }),
    );
  });

  it("loses nothing of its sums in a call without end, and remembers no more lines", () => {
    const meter = new ConductMeter();
    const lines = 12_000;
    for (let at = 0; at < lines; at += 1) {
      const role = at % 3 === 0 ? "prospect" : "rep";
      meter.put(line(role, at * 1000, at * 1000 + 900, { words: 2, questions: 1 }));
    }
    const conduct = meter.conduct();
    expect(conduct?.rep).toMatchObject({ speech_ms: 8000 * 900, words: 16_000, questions: 8000 });
    expect(conduct?.prospect.speech_ms).toBe(4000 * 900);
    expect(conduct?.rep.longest_monologue_ms).toBe(1900);
  }, 30_000);
});
