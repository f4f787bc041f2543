import { describe, expect, test } from "vitest";
import type { Clock, Logger } from "../call/ports.ts";
import { createAudioJournal, type JournalFile } from "./audio-journal.ts";

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => logger,
};

/** A disk in memory that fails, writes in part and counts its flushes as told. */
function scriptedFile() {
  let content = new Uint8Array();
  const file = {
    failWrites: 0,
    failTruncates: 0,
    failFlushes: 0,
    writes: 0,
    flushes: 0,
    closed: false,
    /** Bytes taken per write at most. */
    takes: Infinity,
    content: () => content,
    async write(buffer: Uint8Array, offset: number, length: number, position: number) {
      await Promise.resolve();
      file.writes++;
      const bytesWritten = Math.min(length, file.takes);
      const grown = new Uint8Array(Math.max(content.byteLength, position + bytesWritten));
      grown.set(content);
      grown.set(buffer.subarray(offset, offset + bytesWritten), position);
      content = grown;
      if (file.failWrites > 0) {
        file.failWrites--;
        throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      }
      return { bytesWritten };
    },
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      await Promise.resolve();
      const part = content.subarray(position, position + length);
      buffer.set(part, offset);
      return { bytesRead: part.byteLength };
    },
    async truncate(length: number) {
      await Promise.resolve();
      if (file.failTruncates > 0) {
        file.failTruncates--;
        throw new Error("not now");
      }
      const cut = new Uint8Array(length);
      cut.set(content.subarray(0, length));
      content = cut;
    },
    async datasync() {
      await Promise.resolve();
      if (file.failFlushes > 0) {
        file.failFlushes--;
        throw new Error("not flushed");
      }
      file.flushes++;
    },
    async close() {
      await Promise.resolve();
      file.closed = true;
    },
  } satisfies JournalFile & Record<string, unknown>;
  return file;
}

/** Time that passes when told. */
function handMovedClock() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => now,
    monotonicMs: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  return {
    clock,
    async pass(ms: number) {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const timer of due) timer.run();
      await new Promise((resolve) => setImmediate(resolve));
    },
    waiting: () => timers.length,
  };
}

function journal(channels: 1 | 2 = 1) {
  const file = scriptedFile();
  const time = handMovedClock();
  const recording = createAudioJournal({
    format: { sampleRateHz: 16_000, channels },
    file,
    bytes: 0,
    clock: time.clock,
    logger,
  });
  return { file, time, recording };
}

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("the audio journal", () => {
  test("writes what waits together in one piece", async () => {
    const { file, recording } = journal();
    await Promise.all([
      recording.append(bytes(1, 1)),
      recording.append(bytes(2, 2)),
      recording.append(bytes(3, 3)),
    ]);
    expect(file.writes).toBe(1);
    expect(file.content()).toEqual(bytes(1, 1, 2, 2, 3, 3));
  });

  test("silences one channel in place, flushed, and leaves the other one and what is beside it", async () => {
    const { file, recording } = journal(2);
    await recording.append(bytes(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6));
    const flushed = file.flushes;
    await recording.silence([{ channel: 1, firstSample: 1, samples: 1 }]);
    expect(file.content()).toEqual(bytes(1, 1, 2, 2, 3, 3, 0, 0, 5, 5, 6, 6));
    expect(file.flushes).toBe(flushed + 1);
    await Promise.all([
      recording.silence([{ channel: 0, firstSample: 0, samples: 1 }]),
      recording.silence([{ channel: 1, firstSample: 0, samples: 3 }]),
      recording.append(bytes(7, 7, 8, 8)),
    ]);
    expect(file.content()).toEqual(bytes(0, 0, 0, 0, 3, 3, 0, 0, 5, 5, 0, 0, 7, 7, 8, 8));
    expect(recording.durableSamples).toBe(4);
  });

  test("says so when audio could not be silenced, and can do it again", async () => {
    const { file, recording } = journal();
    await recording.append(bytes(1, 1, 2, 2));
    const span = { channel: 0, firstSample: 0, samples: 1 };
    file.failFlushes = 1;
    await expect(recording.silence([span])).rejects.toMatchObject({ code: "storage_failed" });
    await recording.silence([span]);
    expect(file.content()).toEqual(bytes(0, 0, 2, 2));
    await recording.close();
    await expect(recording.silence([span])).rejects.toMatchObject({ code: "storage_failed" });
  });

  test("goes on where a write that took only a part stopped", async () => {
    const { file, recording } = journal();
    file.takes = 3;
    await recording.append(bytes(1, 2, 3, 4, 5, 6, 7, 8));
    expect(file.content()).toEqual(bytes(1, 2, 3, 4, 5, 6, 7, 8));
    expect(recording.durableSamples).toBe(4);
  });

  test("keeps nothing of a failed append nor of those behind it, and the same audio can be appended again", async () => {
    const { file, recording } = journal();
    await recording.append(bytes(1, 1));
    file.failWrites = 1;
    const results = await Promise.allSettled([
      recording.append(bytes(2, 2)),
      recording.appendSilence(1),
      recording.append(bytes(3, 3)),
    ]);
    for (const result of results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { code: "storage_failed", retryable: true },
      });
    }
    expect(recording.durableSamples).toBe(1);
    expect(file.content()).toEqual(bytes(1, 1));
    await recording.append(bytes(2, 2));
    expect(file.content()).toEqual(bytes(1, 1, 2, 2));
  });

  test("overwrites what a failed append left when it could not even be cut off", async () => {
    const { file, recording } = journal();
    file.failWrites = 1;
    file.failTruncates = 1;
    await expect(recording.append(bytes(9, 9, 9, 9))).rejects.toMatchObject({ code: "storage_failed" });
    expect(await recording.read(0, 10)).toEqual(bytes());
    await recording.append(bytes(1, 1));
    expect(await recording.read(0, 10)).toEqual(bytes(1, 1));
  });

  test("flushes within two seconds of a write, once, and not while nothing is written", async () => {
    const { file, time, recording } = journal();
    await time.pass(10_000);
    expect(file.flushes).toBe(0);
    await recording.append(bytes(1, 1));
    await recording.append(bytes(2, 2));
    await time.pass(1900);
    expect(file.flushes).toBe(1);
    await time.pass(10_000);
    expect(file.flushes).toBe(1);
    expect(time.waiting()).toBe(0);
  });

  test("tries a failed flush again", async () => {
    const { file, time, recording } = journal();
    file.failFlushes = 2;
    await recording.append(bytes(1, 1));
    for (let i = 0; i < 3; i++) await time.pass(1900);
    expect(file.flushes).toBe(1);
  });

  test("flushes when it is closed, finishes what was asked for, and takes no more", async () => {
    const { file, time, recording } = journal();
    const last = recording.append(bytes(1, 1));
    await Promise.all([recording.close(), recording.close()]);
    await expect(last).resolves.toBeUndefined();
    expect(file).toMatchObject({ flushes: 1, closed: true });
    expect(time.waiting()).toBe(0);
    await expect(recording.append(bytes(2, 2))).rejects.toMatchObject({ code: "storage_failed" });
  });

  test("lets go of the file even when the last flush fails, and says so", async () => {
    const { file, recording } = journal();
    await recording.append(bytes(1, 1));
    file.failFlushes = 1;
    await expect(recording.close()).rejects.toMatchObject({ code: "storage_failed" });
    expect(file.closed).toBe(true);
  });
});
