import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import { readWav } from "./wav-reader.ts";
import { wavHeader } from "./wav-view.ts";

function wav(pcm: Uint8Array, patch: (view: DataView) => void = () => undefined): Uint8Array {
  const file = new Uint8Array([...wavHeader(pcm.byteLength, 16_000), ...pcm]);
  patch(new DataView(file.buffer));
  return file;
}

describe("reading a WAV file", () => {
  it("gives back what was written into one", () => {
    const pcm = Uint8Array.from({ length: 64 }, (_, i) => i);
    expect(readWav(wav(pcm))).toEqual({ format: { sampleRateHz: 16_000, channels: 1 }, pcm });
  });

  it("passes over chunks it does not know, padded to an even length", () => {
    const plain = wav(new Uint8Array(8));
    const odd = new Uint8Array([...new TextEncoder().encode("LIST"), 3, 0, 0, 0, 1, 2, 3, 0]);
    const file = new Uint8Array([...plain.subarray(0, 12), ...odd, ...plain.subarray(12)]);
    expect(readWav(file).pcm.byteLength).toBe(8);
  });

  it("gives whole samples of a file that was cut off", () => {
    const stereo = wav(new Uint8Array(64), (view) => {
      view.setUint16(22, 2, true);
    });
    expect(readWav(stereo.subarray(0, 44 + 31)).pcm.byteLength).toBe(28);
  });

  it.each([
    ["8-bit audio", 34, 8],
    ["compressed audio", 20, 7],
    ["three channels", 22, 3],
    ["a rate of 7999", 24, 7999],
  ])("refuses %s and says what to do", (_, at, value) => {
    const file = wav(new Uint8Array(8), (view) => {
      view.setUint16(at, value, true);
    });
    expect(() => readWav(file)).toThrow(/sox/);
  });

  it("never fails in another way, whatever the bytes are", () => {
    const near = fc.tuple(fc.uint8Array({ maxLength: 80 }), fc.nat(60)).map(([noise, at]) => {
      const file = wav(new Uint8Array(40));
      file.set(noise.subarray(0, Math.max(0, file.byteLength - at)), at);
      return file;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), near), (bytes) => {
        try {
          readWav(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CallError);
        }
      }),
    );
  });
});
