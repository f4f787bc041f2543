import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UtteranceSegmenter, type SegmenterEvent, type SegmenterSettings } from "./utterance-segmenter.ts";

/** Windows of ten samples, so that positions are easy to read. */
const settings: SegmenterSettings = {
  windowSamples: 10,
  openingWindows: 2,
  paddingSamples: 30,
  pauseSamples: 20,
  endpointSamples: 50,
  longSamples: 200,
  longEndpointSamples: 20,
  limitSamples: 300,
  cutReachSamples: 100,
};

type Ended = Extract<SegmenterEvent, { type: "ended" }>;

/** `#` is a window with voice, `.` one without, `_` voice that is nearly silent. */
function segment(picture: string): {
  events: SegmenterEvent[];
  ended: Ended[];
  segmenter: UtteranceSegmenter;
} {
  const segmenter = new UtteranceSegmenter(settings);
  const events = Array.from(picture).flatMap((mark) =>
    segmenter.push(mark !== ".", mark === "#" ? 100 : mark === "_" ? 1 : 0),
  );
  events.push(...segmenter.flush());
  return { events, ended: events.filter((event) => event.type === "ended"), segmenter };
}

describe("the utterance segmenter", () => {
  it("begins an utterance before its first voice and ends it after its last one", () => {
    const { ended } = segment("......#####......");
    expect(ended).toEqual([
      { type: "ended", startSample: 30, endSample: 130, voiced: [{ start: 60, end: 110 }], cut: false },
    ]);
  });

  it("does not take a click for speech", () => {
    expect(segment("....#......#....").events).toEqual([]);
  });

  it("keeps one utterance over a short silence and says that it paused and went on", () => {
    const { events, ended } = segment("...####....####......");
    expect(events.map(({ type }) => type)).toEqual(["opened", "paused", "resumed", "paused", "ended"]);
    expect(ended[0]?.voiced).toEqual([
      { start: 30, end: 70 },
      { start: 110, end: 150 },
    ]);
  });

  it("announces at the pause where the utterance will end if the silence lasts", () => {
    const { events, ended } = segment("...####.......");
    const paused = events.find((event) => event.type === "paused");
    expect(paused).toEqual({ type: "paused", endSample: ended[0]?.endSample });
  });

  it("never lets an utterance begin inside the one before", () => {
    const { ended } = segment("..####.....####......");
    expect(ended.map(({ startSample, endSample }) => [startSample, endSample])).toEqual([
      [0, 80],
      [80, 170],
    ]);
  });

  it("ends a long utterance at a silence that would not end a short one", () => {
    const { ended } = segment(`..${"#".repeat(20)}..####......`);
    expect(ended).toHaveLength(2);
  });

  it("cuts at the quietest place near the limit, and goes on where it cut", () => {
    const { ended } = segment(`...${"#".repeat(24)}_${"#".repeat(10)}......`);
    expect(ended.map(({ startSample, endSample, cut }) => [startSample, endSample, cut])).toEqual([
      [0, 275, true],
      [275, 400, false],
    ]);
  });

  it("ends what is open when the audio is over", () => {
    const { ended } = segment("...####");
    expect(ended.map(({ endSample }) => endSample)).toEqual([70]);
  });

  it("covers every stretch of voice once, whatever is said", () => {
    const picture = fc
      .array(fc.tuple(fc.constantFrom("#", "_", "."), fc.integer({ min: 1, max: 40 })), { maxLength: 20 })
      .map((runs) => runs.map(([mark, times]) => mark.repeat(times)).join(""));
    fc.assert(
      fc.property(picture, (marks) => {
        const { ended } = segment(marks);
        let until = 0;
        for (const { startSample, endSample } of ended) {
          expect(startSample).toBeGreaterThanOrEqual(until);
          expect(endSample).toBeGreaterThan(startSample);
          expect(endSample - startSample).toBeLessThanOrEqual(settings.limitSamples + settings.windowSamples);
          until = endSample;
        }
        for (let window = 0; window + 1 < marks.length; window++) {
          if (marks[window] === "." || marks[window + 1] === ".") continue;
          const middle = window * 10 + 5;
          expect(
            ended.filter(({ startSample, endSample }) => startSample <= middle && middle < endSample),
          ).toHaveLength(1);
        }
      }),
    );
  });

  it("promises that nothing will begin before what it calls quiet", () => {
    const windows = fc.array(fc.boolean(), { maxLength: 120 });
    fc.assert(
      fc.property(windows, (voices) => {
        const segmenter = new UtteranceSegmenter(settings);
        let quiet = 0;
        for (const voiced of voices) {
          for (const event of segmenter.push(voiced, 1)) {
            if (event.type === "opened") expect(event.startSample).toBeGreaterThanOrEqual(quiet);
          }
          if (segmenter.openStartSample === null) quiet = segmenter.quietUntilSample;
        }
      }),
    );
  });
});
