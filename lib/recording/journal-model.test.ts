import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Clock, Logger, Recording } from "../call/ports.ts";
import { createRecorder } from "./recorder.ts";

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => logger,
};
/** Nobody waits for a flush here: what a killed process leaves is in the page cache. */
const clock: Clock = { nowMs: () => 0, monotonicMs: () => 0, after: () => () => undefined };
const format = { sampleRateHz: 16_000, channels: 2 } as const;
const sampleBytes = 4;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("append"), a: fc.nat(500), b: fc.integer({ min: 1, max: 255 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lost"), a: fc.nat(500), b: fc.constant(0) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("silence"), a: fc.nat(900), b: fc.nat(900) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("read"), a: fc.nat(1200), b: fc.nat(1200) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("misaligned"), a: fc.nat(30), b: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("kill", "close"), a: fc.nat(11), b: fc.constant(0xee) }),
  },
);

it("holds what a list of bytes holds, through kills, torn ends and silences", async () => {
  const folder = await mkdtemp(join(tmpdir(), "journal-model-"));
  const recorder = createRecorder({ folder, clock, logger });
  let runs = 0;
  const asked = fc.readConfigureGlobal().numRuns ?? 100;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const callId = `call_model_${String((runs += 1))}`;
        const abandoned: Recording[] = [];
        let recording = await recorder.create(callId, format);
        let model = Buffer.alloc(0);
        for (const { do: what, a, b } of steps) {
          switch (what) {
            case "append": {
              const pcm = Buffer.alloc(a * sampleBytes, b);
              // In two, the second of which is asked for before the first is written.
              const cut = (a >> 1) * sampleBytes;
              await Promise.all([
                recording.append(pcm.subarray(0, cut)),
                recording.append(pcm.subarray(cut)),
              ]);
              model = Buffer.concat([model, pcm]);
              break;
            }
            case "lost":
              await recording.appendSilence(a);
              model = Buffer.concat([model, Buffer.alloc(a * sampleBytes)]);
              break;
            case "silence":
              await recording.silence([{ channel: a % 2, firstSample: a, samples: b }]);
              for (let sample = a; sample < Math.min(a + b, model.byteLength / sampleBytes); sample += 1) {
                model.fill(0, sample * sampleBytes + (a % 2) * 2, sample * sampleBytes + (a % 2) * 2 + 2);
              }
              break;
            case "read":
              expect(
                Buffer.from(await recording.read(a, b)).equals(
                  model.subarray(a * sampleBytes, (a + b) * sampleBytes),
                ),
              ).toBe(true);
              break;
            case "misaligned":
              await expect(recording.append(Buffer.alloc(a * sampleBytes + b))).rejects.toMatchObject({
                code: "audio_misaligned",
                nextSample: model.byteLength / sampleBytes,
              });
              break;
            default: {
              if (what === "close") await recording.close();
              else {
                abandoned.push(recording);
                // The write under way when it died: whole samples of it are there, the rest is cut off.
                const torn = Buffer.alloc(a, b);
                await appendFile(join(folder, callId, "audio.pcm"), torn);
                model = Buffer.concat([model, torn.subarray(0, a - (a % sampleBytes))]);
              }
              const again = await recorder.open(callId);
              if (again === null) throw new Error("the recording is gone");
              recording = again;
            }
          }
          expect(recording.durableSamples).toBe(model.byteLength / sampleBytes);
        }
        expect(Buffer.from(await recording.read(0, 1e6)).equals(model)).toBe(true);
        await Promise.all([recording, ...abandoned].map((one) => one.close()));
        await recorder.delete(callId);
        expect(await recorder.open(callId)).toBeNull();
      }),
      // Files cost more than memory.
      { numRuns: Math.min(asked, 2000) },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
