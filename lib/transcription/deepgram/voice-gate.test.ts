import { describe, expect, it } from "vitest";
import { quietCut, VoiceGate } from "./voice-gate.ts";

const rate = 16_000;
const at = (seconds: number): number => Math.round(seconds * rate);

/** Stereo: noise of so much loudness on each channel, by stretches of seconds. */
function audio(
  ...stretches: readonly (readonly [seconds: number, left: number, right: number])[]
): Uint8Array {
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 1_073_741_823.5 - 1;
  const values = stretches.flatMap(([seconds, left, right]) =>
    Array.from({ length: at(seconds) }, () => [
      Math.round(random() * left),
      Math.round(random() * right),
    ]).flat(),
  );
  return new Uint8Array(Int16Array.from(values).buffer);
}

function gateAfter(pcm: Uint8Array, frameBytes = 6400): VoiceGate {
  const gate = new VoiceGate({
    channels: 2,
    sampleRateHz: rate,
    firstSample: 0,
    holdMs: 3000,
    threshold: null,
  });
  for (let from = 0; from < pcm.byteLength; from += frameBytes)
    gate.listen(pcm.subarray(from, from + frameBytes));
  return gate;
}

describe("what is sent of a call", () => {
  it("ends three seconds behind a voice, and begins half a second before the next", () => {
    const gate = gateAfter(audio([1, 3000, 0], [9, 2, 2], [1, 0, 3000], [1, 0, 0]));
    expect(gate.spanFrom(0)).toMatchObject({ from: 0, until: at(4) });
    const second = gate.spanFrom(at(4));
    expect(second?.from).toBeGreaterThan(at(9.4));
    expect(second?.from).toBeLessThanOrEqual(at(9.5));
    expect(second?.until).toBe(at(14));
  });

  it("is the same whatever the size of the frames", () => {
    const pcm = audio([0.5, 0, 0], [1, 2500, 0], [6, 3, 3], [0.6, 0, 2500]);
    const [whole, tiny] = [gateAfter(pcm, pcm.byteLength), gateAfter(pcm, 4 * 37)];
    for (const seconds of [0, 2, 5, 7])
      expect(tiny.spanFrom(at(seconds))).toEqual(whole.spanFrom(at(seconds)));
  });

  it("holds a soft voice after a minute of a loud one on the other channel", () => {
    const gate = gateAfter(audio([60, 8000, 0], [10, 0, 0], [1, 0, 180]));
    expect(gate.hasVoice(at(70), at(71))).toBe(true);
  });

  it("is all of a stretch of speech, however long, that has a voice's rise and fall", () => {
    const speech = Array.from({ length: 200 }, () => [
      [0.35, 2000, 0] as const,
      [0.15, 60, 0] as const,
    ]).flat();
    const gate = gateAfter(audio(...speech));
    expect(gate.spanFrom(at(50))?.until).toBeGreaterThan(at(99));
  });

  it("is not the steady noise of a room", () => {
    const gate = gateAfter(audio([2, 3000, 0], [40, 60, 60]));
    expect(gate.spanFrom(at(12))).toBeNull();
  });

  it("is not a click", () => {
    const gate = gateAfter(audio([8, 0, 0], [0.01, 9000, 0], [8, 0, 0]));
    expect(gate.spanFrom(at(4))).toBeNull();
  });
});

describe("where a channel is cut", () => {
  const options = { fromSample: at(10), channels: 2, sampleRateHz: rate };

  it("is the newest quiet moment of that channel", () => {
    const pcm = audio([1, 3000, 3000], [0.4, 0, 3000], [1, 3000, 3000]);
    const cut = quietCut(pcm, { ...options, channel: 0 });
    expect(cut).toBeGreaterThan(at(11));
    expect(cut).toBeLessThan(at(11.4));
  });

  it("is the quietest there is where nobody pauses", () => {
    const cut = quietCut(audio([1, 3000, 0], [0.4, 700, 0], [1, 3000, 0]), { ...options, channel: 0 });
    expect(cut).toBeGreaterThan(at(11));
    expect(cut).toBeLessThan(at(11.4));
  });
});
