import { spawn } from "node:child_process";
import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AudioFormat, Clock, Logger, Recorder } from "../call/ports.ts";
import { createRecorder } from "./recorder.ts";

const stereo: AudioFormat = { sampleRateHz: 16_000, channels: 2 };
const mono: AudioFormat = { sampleRateHz: 8000, channels: 1 };
const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => logger,
};

/** Whole samples whose bytes tell where they belong. */
function pcm(format: AudioFormat, samples: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: samples * format.channels * 2 }, (_, i) => (i * 31 + seed * 17 + 1) % 251);
}

describe("the recorder", () => {
  let folder: string;
  let recorder: Recorder;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "recorder-"));
    recorder = createRecorder({ folder: join(folder, "audio"), clock, logger });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("gives back what was appended, in order, whatever was waiting together", async () => {
    const recording = await recorder.create("call_ordered", stereo);
    const frames = Array.from({ length: 50 }, (_, i) => pcm(stereo, 1 + (i % 7), i));
    const appended = frames.map((frame, i) =>
      i === 25 ? recording.appendSilence(10).then(() => recording.append(frame)) : recording.append(frame),
    );
    await Promise.all(appended);
    // Frame 25 was appended when its silence was done: behind all that was waiting already.
    const before = frames.filter((_, i) => i < 25);
    const after = frames.filter((_, i) => i > 25);
    const expected = Buffer.concat([...before, new Uint8Array(40), ...after, frames[25] ?? new Uint8Array()]);
    expect(recording.durableSamples).toBe(expected.byteLength / 4);
    expect(Buffer.from(await recording.read(0, recording.durableSamples)).equals(expected)).toBe(true);
    await recording.close();
  });

  test("reads any part, cut at what is durable", async () => {
    const recording = await recorder.create("call_read_parts", mono);
    const audio = pcm(mono, 10, 3);
    await recording.append(audio);
    expect(await recording.read(2, 3)).toEqual(audio.slice(4, 10));
    expect(await recording.read(8, 100)).toEqual(audio.slice(16));
    expect(await recording.read(10, 5)).toEqual(new Uint8Array());
    expect(await recording.read(50, 5)).toEqual(new Uint8Array());
    await recording.close();
  });

  test("refuses a piece that is not whole samples and keeps nothing of it", async () => {
    const recording = await recorder.create("call_misaligned", stereo);
    await recording.append(pcm(stereo, 3, 1));
    await expect(recording.append(new Uint8Array(6))).rejects.toMatchObject({
      code: "audio_misaligned",
      nextSample: 3,
    });
    expect(recording.durableSamples).toBe(3);
    await recording.close();
  });

  test("holds an hour of silence in next to no space, and reads it at once", async () => {
    const recording = await recorder.create("call_silence", stereo);
    await recording.append(pcm(stereo, 2, 1));
    await recording.appendSilence(3600 * 16_000);
    await recording.append(pcm(stereo, 2, 2));
    expect(await recording.read(1_000_000, 4)).toEqual(new Uint8Array(16));
    expect(await recording.read(2 + 3600 * 16_000, 9)).toEqual(pcm(stereo, 2, 2));
    const { blocks } = await stat(join(folder, "audio", "call_silence", "audio.pcm"));
    expect(blocks * 512).toBeLessThan(1_000_000);
    await recording.close();
  });

  test("opens what another left, cut back to whole samples, and goes on from there", async () => {
    const first = await recorder.create("call_left", stereo);
    await first.append(pcm(stereo, 5, 1));
    await first.close();
    await appendFile(join(folder, "audio", "call_left", "audio.pcm"), new Uint8Array([1, 2, 3]));
    const second = await recorder.open("call_left");
    expect(second?.format).toEqual(stereo);
    expect(second?.durableSamples).toBe(5);
    await second?.append(pcm(stereo, 2, 2));
    expect(await second?.read(0, 99)).toEqual(Uint8Array.from([...pcm(stereo, 5, 1), ...pcm(stereo, 2, 2)]));
    await second?.close();
  });

  test("opens to whole samples whatever byte the tail was torn or spoiled at, and goes on from there", async () => {
    const whole = Buffer.from(pcm(stereo, 40, 3));
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: whole.byteLength }),
        fc.uint8Array({ maxLength: 11 }),
        async (torn, spoiled) => {
          calls += 1;
          const callId = `call_torn_${String(calls).padStart(6, "0")}`;
          const first = await recorder.create(callId, stereo);
          await first.append(whole);
          await first.close();
          const file = join(folder, "audio", callId, "audio.pcm");
          await writeFile(file, Buffer.concat([whole.subarray(0, torn), spoiled]));
          const opened = await recorder.open(callId);
          if (opened === null) throw new Error("nothing was opened");
          const samples = Math.floor((torn + spoiled.byteLength) / 4);
          expect(opened.durableSamples).toBe(samples);
          const kept = Math.min(Math.floor(torn / 4), samples);
          expect(Buffer.from(await opened.read(0, kept)).equals(whole.subarray(0, kept * 4))).toBe(true);
          await opened.append(whole.subarray(0, 8));
          expect(opened.durableSamples).toBe(samples + 2);
          expect(Buffer.from(await opened.read(samples, 2)).equals(whole.subarray(0, 8))).toBe(true);
          await opened.close();
        },
      ),
    );
  });

  test("opens nothing where nothing was created, also after a creation that was cut short", async () => {
    expect(await recorder.open("call_unknown")).toBeNull();
    const recording = await recorder.create("call_cut_short", mono);
    await recording.close();
    await rm(join(folder, "audio", "call_cut_short", "format.json"));
    expect(await recorder.open("call_cut_short")).toBeNull();
    const again = await recorder.create("call_cut_short", stereo);
    expect(again.durableSamples).toBe(0);
    await again.close();
  });

  test("does not create a recording over another", async () => {
    const recording = await recorder.create("call_twice_made", mono);
    await recording.append(pcm(mono, 4, 1));
    await expect(recorder.create("call_twice_made", mono)).rejects.toMatchObject({ code: "wrong_state" });
    expect(recording.durableSamples).toBe(4);
    await recording.close();
  });

  test("removes all of a call, also what is not there", async () => {
    const recording = await recorder.create("call_removed", mono);
    await recording.append(pcm(mono, 4, 1));
    await recording.close();
    await recorder.delete("call_removed");
    await recorder.delete("call_removed");
    expect(await recorder.open("call_removed")).toBeNull();
    // Until it is told that nothing else is left either.
    expect(await recorder.deletions()).toEqual(["call_removed"]);
    await recorder.deleted("call_removed");
    await recorder.deleted("call_removed");
    expect(await recorder.deletions()).toEqual([]);
    expect(await readdir(join(folder, "audio"), { recursive: true })).toEqual([".deletions"]);
  });

  test.each(["../escape_me", "short", "a/b/c/d/e", "..", "call_with.dot", ""])(
    "never takes %j for the name of a folder",
    async (callId) => {
      await expect(recorder.create(callId, mono)).rejects.toMatchObject({ code: "call_not_found" });
      await expect(recorder.open(callId)).rejects.toMatchObject({ code: "call_not_found" });
      await expect(recorder.delete(callId)).rejects.toMatchObject({ code: "call_not_found" });
    },
  );

  test("says storage_failed when the folder cannot be made", async () => {
    await writeFile(join(folder, "file"), "");
    const blocked = createRecorder({ folder: join(folder, "file"), clock, logger });
    await expect(blocked.create("call_blocked", mono)).rejects.toMatchObject({ code: "storage_failed" });
  });

  test("whatever is appended and however often it is opened again, the content is what was appended", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(mono, stereo),
        fc.array(
          fc.oneof(
            fc.record({ kind: fc.constant("append" as const), samples: fc.integer({ min: 0, max: 400 }) }),
            fc.record({ kind: fc.constant("silence" as const), samples: fc.integer({ min: 0, max: 400 }) }),
            fc.record({ kind: fc.constant("reopen" as const), samples: fc.constant(0) }),
            fc.record({ kind: fc.constant("torn" as const), samples: fc.constant(1) }),
          ),
          { maxLength: 30 },
        ),
        async (format, steps) => {
          const callId = `call_property_${String(run++)}`;
          let recording = await recorder.create(callId, format);
          const expected: Uint8Array[] = [];
          let waiting: Promise<void>[] = [];
          for (const [i, { kind, samples }] of steps.entries()) {
            if (kind === "append") {
              const frame = pcm(format, samples, i);
              expected.push(frame);
              waiting.push(recording.append(frame));
            } else if (kind === "silence") {
              expected.push(new Uint8Array(samples * 2 * format.channels));
              waiting.push(recording.appendSilence(samples));
            } else {
              await Promise.all(waiting);
              waiting = [];
              await recording.close();
              // What a process leaves that dies in the middle of a write.
              if (kind === "torn") await appendFile(join(folder, "audio", callId, "audio.pcm"), "x");
              const opened = await recorder.open(callId);
              if (opened === null) throw new Error("the recording is gone");
              recording = opened;
            }
          }
          await Promise.all(waiting);
          const content = Buffer.concat(expected);
          expect(recording.durableSamples).toBe(content.byteLength / 2 / format.channels);
          expect(Buffer.from(await recording.read(0, recording.durableSamples)).equals(content)).toBe(true);
          await recording.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  test("keeps every sample that it called durable when its process is killed", async () => {
    const source = new URL("recorder.ts", import.meta.url).href;
    const script = `
      import { createRecorder } from ${JSON.stringify(source)};
      const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger };
      const clock = { nowMs: Date.now, monotonicMs: () => performance.now(), after: () => () => {} };
      const recorder = createRecorder({ folder: ${JSON.stringify(join(folder, "audio"))}, clock, logger });
      const callId = process.env.CALL_ID;
      const recording = (await recorder.open(callId)) ?? (await recorder.create(callId, { sampleRateHz: 16000, channels: 2 }));
      for (;;) {
        const first = recording.durableSamples;
        const frame = new Uint32Array(Array.from({ length: 160 }, (_, i) => first + i));
        await recording.append(new Uint8Array(frame.buffer));
        process.stdout.write(recording.durableSamples + "\\n");
      }`;
    let durable = 0;
    for (let kill = 0; kill < 3; kill++) {
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
        env: { ...process.env, CALL_ID: "call_killed" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const gone = new Promise((resolve) => child.once("close", resolve));
      const told: number[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        told.push(Number(line));
        if (told.length === 40 + kill * 30) child.kill("SIGKILL");
      }
      await gone;
      const recording = await recorder.open("call_killed");
      if (recording === null) throw new Error("the recording is gone");
      expect(told.at(-1)).toBeGreaterThan(durable);
      durable = recording.durableSamples;
      expect(durable).toBeGreaterThanOrEqual(told.at(-1) ?? Number.NaN);
      // Every sample is its own position, across all lives of the process.
      const bytes = await recording.read(0, durable);
      const positions = new Uint32Array(bytes.buffer, bytes.byteOffset, durable);
      expect(positions.every((value, i) => value === i)).toBe(true);
      await recording.close();
    }
  });
});
