import { describe, expect, it } from "vitest";
import type { ServerMessage } from "../contract/events.ts";
import { AudioAxis } from "./audio-axis.ts";
import { AudioIntake } from "./audio-intake.ts";
import type { ConnectionOutlet } from "./seat.ts";
import { CallBench, frame, quietLogger } from "./testing/call-bench.ts";
import { ManualClock, settle } from "./testing/manual-clock.ts";
import { MemoryRecorder } from "./testing/memory-recorder.ts";

const mono = { sampleRateHz: 16_000, channels: 1 } as const;

/** Frames of one sample each, offered while the disk is held, then let through. */
async function crumbs(frames: number) {
  const recorder = new MemoryRecorder();
  const recording = await recorder.create("call_crumbs", mono);
  const axis = new AudioAxis(mono, 0);
  const offered: { first: number; samples: number; pcm: Uint8Array | null }[] = [];
  const intake = new AudioIntake({
    axis,
    recording,
    clock: new ManualClock(),
    logger: quietLogger,
    telemetry: { count: () => undefined, latency: () => undefined },
    onDurable: (first, samples, pcm) => offered.push({ first, samples, pcm }),
    onTrouble: () => undefined,
  });
  recorder.hold();
  const durable: Promise<void>[] = [];
  for (let sample = 0; sample < frames; sample += 1) {
    axis.take(sample, 2);
    intake.push(new Uint8Array([sample & 0xff, sample >> 8]));
    durable.push(intake.durable(sample + 1));
  }
  recorder.release();
  await Promise.all(durable);
  return { offered, recording: recorder.recordings.get("call_crumbs") };
}

describe("audio in crumbs", () => {
  it("goes to the engine in one piece, in order and whole", async () => {
    const { offered, recording } = await crumbs(3000);
    // The first is written alone; what came meanwhile goes together.
    expect(offered.length).toBeLessThanOrEqual(2);
    const heard = Buffer.concat(offered.map(({ pcm }) => pcm ?? Buffer.alloc(0)));
    expect(heard.equals(Buffer.from(recording?.bytes ?? []))).toBe(true);
    expect(offered.reduce((sum, { samples }) => sum + samples, 0)).toBe(3000);
    expect(offered[1]?.first).toBe(offered[0]?.samples);
  });

  it("is refused with backpressure when too many frames wait, however short, and taken when they are written", async () => {
    const bench = new CallBench();
    const { seat } = await bench.live();
    bench.recorder.hold();
    const taken: Promise<number>[] = [];
    for (let sample = 0; sample < 8192; sample += 1) taken.push(seat.audio(sample, frame(1)));
    expect(seat.undurableSeconds()).toBe(10);
    await expect(seat.audio(8192, frame(1))).rejects.toMatchObject({ code: "backpressure", nextSample: 0 });
    let drained = false;
    void seat.drained().then(() => (drained = true));
    await settle();
    expect(drained).toBe(false);
    bench.recorder.release();
    expect((await Promise.all(taken)).at(-1)).toBe(8192);
    await settle();
    expect(drained).toBe(true);
    expect(seat.undurableSeconds()).toBe(0);
    expect(await seat.audio(8192, frame(1))).toBe(8193);
  });
});

/** Stereo samples from `first` on, no two alike. */
function counted(first: number, samples: number): Uint8Array {
  return new Uint8Array(Uint32Array.from({ length: samples }, (_, i) => first + i).buffer);
}

describe("a host who comes back while the last one's audio is still on its way to the disk (SPEC A10)", () => {
  it("is told the sample behind what an earlier connection left on its way to the disk", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    bench.recorder.hold();
    void seat.audio(null, counted(0, 1000));
    seat.leave();
    const joining = bench.join(callId);
    await bench.clock.advance(500);
    bench.recorder.release();
    expect((await joining).seat.nextSample()).toBe(1000);
  });

  it("goes on at the sample that it was told, without an index of its own, and nothing is shifted", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(null, counted(0, 400));
    bench.recorder.hold();
    void seat.audio(null, counted(400, 1000));
    seat.leave();
    const joining = bench.join(callId);
    await bench.clock.advance(1000);
    const again = await joining;
    await again.seat.start(undefined);
    expect(again.seat.nextSample()).toBe(400);
    const taken: Promise<number>[] = [];
    for (let first = 400; first < 2000; first += 160) taken.push(again.seat.audio(null, counted(first, 160)));
    bench.recorder.release();
    expect((await Promise.all(taken)).at(-1)).toBe(2000);
    expect(
      Buffer.compare(bench.recorder.recordings.get(callId)?.bytes ?? Buffer.alloc(0), counted(0, 2000)),
    ).toBe(0);
  });
});

/** A peer that reads when it is told to. */
class SlowListener implements ConnectionOutlet {
  readonly messages: ServerMessage[] = [];
  reading: Promise<void> | null = null;

  send(message: ServerMessage): void {
    this.messages.push(message);
  }

  close(): void {
    // Whoever is told here has gone.
  }

  caughtUp(): Promise<void> | null {
    return this.reading;
  }
}

describe("a replay to a peer that reads slowly", () => {
  async function withEvents(): Promise<{ bench: CallBench; callId: string; complete: () => Promise<void> }> {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(16_000));
    for (let index = 0; index < 40; index += 1) {
      await seat.toggleCoach(index % 2 === 1);
      await bench.clock.advance(300);
    }
    await settle();
    return { bench, callId, complete: () => seat.stop() };
  }

  it("waits for it, and what happens meanwhile comes after it", async () => {
    const { bench, callId } = await withEvents();
    const outlet = new SlowListener();
    const seat = await bench.registry.join({ callId, role: "observer", outlet });
    let read = (): void => undefined;
    outlet.reading = new Promise((resolve) => (read = resolve));
    const starting = seat.start(0);
    await settle();
    const replayed = (): number => outlet.messages.filter(({ type }) => type === "coach_changed").length;
    expect(replayed()).toBe(1);
    outlet.reading = null;
    read();
    await starting;
    expect(replayed()).toBe(40);
    const seqs = outlet.messages.flatMap(({ data }) => ("seq" in data ? [data.seq] : []));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  it("of a completed call waits for it, too, and ends when it goes", async () => {
    const { bench, callId, complete } = await withEvents();
    await complete();
    const outlet = new SlowListener();
    const seat = await bench.registry.join({ callId, role: "observer", outlet });
    let read = (): void => undefined;
    outlet.reading = new Promise((resolve) => (read = resolve));
    const starting = seat.start(0);
    await settle();
    seat.leave();
    outlet.reading = null;
    read();
    await starting;
    expect(outlet.messages.filter(({ type }) => type === "coach_changed")).toHaveLength(1);
  });
});
