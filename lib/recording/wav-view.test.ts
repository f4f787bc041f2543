import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wavView, type WavViewOptions } from "./wav-view.ts";

function interleaved(...samples: readonly (readonly number[])[]): Uint8Array {
  return new Uint8Array(Int16Array.from(samples.flat()).buffer);
}

function viewOf(audio: Uint8Array, options: Pick<WavViewOptions, "view" | "repChannel">) {
  const sampleBytes = options.repChannel === null ? 2 : 4;
  return wavView({
    ...options,
    sampleRateHz: 16_000,
    samples: audio.byteLength / sampleBytes,
    read: (first, samples) =>
      Promise.resolve(audio.slice(first * sampleBytes, (first + samples) * sampleBytes)),
  });
}

async function bytesOf(view: ReturnType<typeof wavView>, start = 0, end = view.byteLength): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of view.read(start, end)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function samplesOf(view: ReturnType<typeof wavView>): Promise<number[]> {
  const bytes = (await bytesOf(view)).subarray(44);
  return Array.from({ length: bytes.byteLength / 2 }, (_, i) => bytes.readInt16LE(i * 2));
}

const audio = interleaved([1, 100], [-2, 200], [32_767, 32_767], [-32_768, -32_768], [-3, 0], [3, 0]);

describe("a WAV view", () => {
  test("gives the rep as mic and the prospect as loop in both layouts", async () => {
    const first = [1, -2, 32_767, -32_768, -3, 3];
    const second = [100, 200, 32_767, -32_768, 0, 0];
    expect(await samplesOf(viewOf(audio, { view: "mic", repChannel: 0 }))).toEqual(first);
    expect(await samplesOf(viewOf(audio, { view: "loop", repChannel: 0 }))).toEqual(second);
    expect(await samplesOf(viewOf(audio, { view: "mic", repChannel: 1 }))).toEqual(second);
    expect(await samplesOf(viewOf(audio, { view: "loop", repChannel: 1 }))).toEqual(first);
  });

  test("mixes to half of the sum, a tie away from zero, without overflow", async () => {
    const mixed = [51, 99, 32_767, -32_768, -2, 2];
    expect(await samplesOf(viewOf(audio, { view: "mix", repChannel: 0 }))).toEqual(mixed);
    expect(await samplesOf(viewOf(audio, { view: "mix", repChannel: 1 }))).toEqual(mixed);
  });

  test("of a mono call is the mix alone", async () => {
    const mono = interleaved([5, -6, 7]);
    expect(await samplesOf(viewOf(mono, { view: "mix", repChannel: null }))).toEqual([5, -6, 7]);
    for (const view of ["mic", "loop"] as const) {
      expect(() => viewOf(mono, { view, repChannel: null })).toThrow(
        expect.objectContaining({ code: "no_such_channel" }),
      );
    }
  });

  test("has a canonical header, also with no audio at all", async () => {
    const header = await bytesOf(viewOf(audio, { view: "mix", repChannel: 0 }), 0, 44);
    expect(header.toString("latin1", 0, 4) + header.toString("latin1", 8, 16)).toBe("RIFFWAVEfmt ");
    expect(header.readUInt32LE(4)).toBe(36 + 12);
    expect([20, 22, 32, 34].map((at) => header.readUInt16LE(at))).toEqual([1, 1, 2, 16]);
    expect([16, 24, 28, 40].map((at) => header.readUInt32LE(at))).toEqual([16, 16_000, 32_000, 12]);
    const empty = viewOf(new Uint8Array(), { view: "mic", repChannel: 0 });
    expect(empty.byteLength).toBe(44);
    expect((await bytesOf(empty)).readUInt32LE(40)).toBe(0);
  });

  test("any range of bytes is that part of the whole", async () => {
    const view = viewOf(audio, { view: "mix", repChannel: 0 });
    const whole = await bytesOf(view);
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.nat(60), async (start, end) => {
        expect((await bytesOf(view, start, end)).equals(whole.subarray(start, Math.max(start, end)))).toBe(
          true,
        );
      }),
    );
  });

  test("reads long audio piece by piece, across the seams", async () => {
    const samples = 200_000;
    const long = new Uint8Array(Int16Array.from({ length: samples * 2 }, (_, i) => (i * 7) % 30_000).buffer);
    let largest = 0;
    const view = wavView({
      view: "loop",
      repChannel: 0,
      sampleRateHz: 8000,
      samples,
      read: (first, count) => {
        largest = Math.max(largest, count);
        return Promise.resolve(long.slice(first * 4, (first + count) * 4));
      },
    });
    const bytes = await bytesOf(view, 45, view.byteLength - 1);
    expect(bytes.byteLength).toBe(samples * 2 - 2);
    const whole = await samplesOf(view);
    expect(whole.every((value, i) => value === ((i * 2 + 1) * 7) % 30_000)).toBe(true);
    expect(largest).toBeLessThan(samples);
  });

  test("says storage_failed when the recording gives less than it promised", async () => {
    const view = wavView({
      view: "mix",
      repChannel: 0,
      sampleRateHz: 8000,
      samples: 10,
      read: () => Promise.resolve(new Uint8Array(4)),
    });
    await expect(bytesOf(view)).rejects.toMatchObject({ code: "storage_failed" });
  });

  test("refuses audio that no WAV can hold", () => {
    expect(() =>
      wavView({
        view: "mix",
        repChannel: 0,
        sampleRateHz: 48_000,
        samples: 2 ** 31,
        read: () => Promise.reject(new Error("not read")),
      }),
    ).toThrow("too long");
  });
});
