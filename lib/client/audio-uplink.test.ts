import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AudioAck, MessageAck } from "../contract/client-messages.ts";
import { AudioUplink } from "./audio-uplink.ts";
import { ManualTimers } from "./testing/manual-timers.ts";
import { UnsentAudio } from "./unsent-audio.ts";

const sampleRateHz = 100;

/** Audio whose every byte tells its place, two bytes per sample. */
function numbered(firstSample: number, samples: number): Uint8Array {
  return Uint8Array.from({ length: samples * 2 }, (_, index) => (firstSample * 2 + index) % 251);
}

/** A server that keeps what it takes, and a connection that can be cut. */
class FakeServer {
  durable: number[] = [];
  lostSpans: [number, number][] = [];
  refuseNext: string[] = [];
  isConnected = true;
  readonly timers = new ManualTimers();
  lossRefusals = 0;
  lossesAsked = 0;
  readonly unsent: UnsentAudio;
  readonly uplink: AudioUplink;
  refused: string | null = null;
  startsAsked = 0;

  constructor(maxSamples = 100_000) {
    this.unsent = new UnsentAudio({ bytesPerSample: 2, maxSamples });
    this.uplink = new AudioUplink({
      unsent: this.unsent,
      bytesPerSample: 2,
      sampleRateHz,
      sendAudio: (firstSample, pcm) => this.receive(firstSample, new Uint8Array(pcm)),
      declareLost: (loss) => this.lose(loss),
      onNotStarted: () => {
        this.startsAsked += 1;
      },
      onRefused: (code) => {
        this.refused = code;
      },
      timers: this.timers,
    });
  }

  get nextSample(): number {
    return this.durable.length / 2;
  }

  receive(firstSample: number, pcm: Uint8Array): Promise<AudioAck> {
    // Where the connection is gone an answer never comes.
    if (!this.isConnected) return new Promise(() => undefined);
    const code = this.refuseNext.shift();
    const no = (refusal: string): AudioAck => ({
      ok: false,
      error: {
        code: refusal,
        message: "",
        retryable: refusal !== "call_completed",
        next_sample: this.nextSample,
      },
    });
    if (code !== undefined) return Promise.resolve(no(code));
    if (firstSample > this.nextSample) return Promise.resolve(no("audio_gap"));
    const skip = (this.nextSample - firstSample) * 2;
    if (skip < pcm.length) for (const byte of pcm.subarray(skip)) this.durable.push(byte);
    return Promise.resolve({ ok: true, next_sample: this.nextSample });
  }

  lose({ firstSample, samples }: { firstSample: number; samples: number }): Promise<MessageAck> {
    if (!this.isConnected) return new Promise(() => undefined);
    this.lossesAsked += 1;
    if (this.lossRefusals > 0 || firstSample !== this.nextSample) {
      this.lossRefusals -= 1;
      const error = { code: "audio_lost_refused", message: "enough", retryable: false };
      return Promise.resolve({ ok: false, error });
    }
    this.lostSpans.push([firstSample, samples]);
    for (let index = 0; index < samples * 2; index += 1) this.durable.push(0);
    return Promise.resolve({ ok: true });
  }

  cut(): void {
    this.isConnected = false;
    this.uplink.suspend();
  }

  restore(): void {
    this.isConnected = true;
    this.uplink.open(this.nextSample);
  }

  /** Answers and timers until nothing moves any more. */
  async settle(): Promise<void> {
    for (let round = 0; round < 40; round += 1) await this.timers.advance(500);
  }
}

describe("the audio uplink", () => {
  it("delivers everything in order and forgets it once it is durable", async () => {
    const server = new FakeServer();
    server.uplink.open(0);
    for (let frame = 0; frame < 30; frame += 1) server.uplink.push(numbered(frame * 10, 10));
    await server.settle();
    expect(server.durable).toEqual([...numbered(0, 300)]);
    expect(server.unsent.heldSamples).toBe(0);
  });

  it("has at most five seconds on the way", () => {
    const server = new FakeServer();
    server.uplink.open(0);
    for (let frame = 0; frame < 100; frame += 1) server.uplink.push(numbered(frame * 10, 10));
    expect(server.uplink.inFlightSamples).toBe(5 * sampleRateHz);
  });

  it("catches up at no more than eight times real time after the first five seconds", async () => {
    const server = new FakeServer();
    for (let frame = 0; frame < 600; frame += 1) server.uplink.push(numbered(frame * 10, 10));
    server.restore();
    for (let second = 0; second < 6; second += 1) {
      const limit = (5 + 8 * second) * sampleRateHz;
      expect(server.nextSample).toBeLessThanOrEqual(limit);
      expect(server.nextSample).toBeGreaterThanOrEqual(Math.min(limit - sampleRateHz, 3000));
      await server.timers.advance(1000);
    }
    await server.settle();
    expect(server.durable).toEqual([...numbered(0, 6000)]);
  });

  it("goes on from where the server is after a lost connection", async () => {
    const server = new FakeServer();
    server.uplink.open(0);
    server.uplink.push(numbered(0, 10));
    await server.settle();
    server.cut();
    for (let frame = 1; frame < 40; frame += 1) server.uplink.push(numbered(frame * 10, 10));
    server.restore();
    await server.settle();
    expect(server.durable).toEqual([...numbered(0, 400)]);
    expect(server.lostSpans).toEqual([]);
  });

  it("declares lost what no longer fitted, and goes on behind it", async () => {
    const server = new FakeServer(100);
    server.uplink.open(0);
    server.uplink.push(numbered(0, 10));
    await server.settle();
    server.cut();
    for (let frame = 1; frame < 21; frame += 1) server.uplink.push(numbered(frame * 10, 10));
    server.restore();
    await server.settle();
    expect(server.lostSpans).toEqual([[10, 100]]);
    expect(server.nextSample).toBe(210);
    expect(server.durable.slice(220)).toEqual([...numbered(110, 100)]);
  });

  it("declares a loss again that was refused, and then delivers the rest at its place", async () => {
    const server = new FakeServer(100);
    server.cut();
    server.lossRefusals = 3;
    for (let frame = 0; frame < 20; frame += 1) server.uplink.push(numbered(frame * 10, 10));
    server.restore();
    await server.settle();
    expect([server.lossesAsked, server.lostSpans, server.refused]).toEqual([4, [[0, 100]], null]);
    expect(server.durable.slice(200)).toEqual([...numbered(100, 100)]);
  });

  it("gives up declaring a loss that is refused again and again, says so, and lets a stop through", async () => {
    const server = new FakeServer(100);
    server.cut();
    server.lossRefusals = 1000;
    for (let frame = 0; frame < 20; frame += 1) server.uplink.push(numbered(frame * 10, 10));
    server.restore();
    let isDrained = false;
    void server.uplink.drained().then(() => {
      isDrained = true;
    });
    for (let minute = 0; minute < 10; minute += 1) await server.settle();
    expect([server.lossesAsked, server.refused, isDrained]).toEqual([4, "audio_lost_refused", true]);
  });

  it("offers a frame again that met back-pressure", async () => {
    const server = new FakeServer();
    server.uplink.open(0);
    server.refuseNext = ["backpressure", "backpressure"];
    server.uplink.push(numbered(0, 10));
    server.uplink.push(numbered(10, 10));
    await server.settle();
    expect(server.durable).toEqual([...numbered(0, 20)]);
  });

  it("stops and says why when the server will have no more", async () => {
    const server = new FakeServer();
    server.uplink.open(0);
    server.refuseNext = ["call_completed"];
    server.uplink.push(numbered(0, 10));
    await server.settle();
    expect(server.refused).toBe("call_completed");
  });

  it("says when nothing is left to deliver", async () => {
    const server = new FakeServer();
    server.uplink.push(numbered(0, 10));
    let isDrained = false;
    void server.uplink.drained().then(() => {
      isDrained = true;
    });
    await server.settle();
    expect(isDrained).toBe(false);
    server.uplink.open(0);
    await server.settle();
    expect(isDrained).toBe(true);
  });

  it("asks for the start again when it was refused, and then delivers everything", async () => {
    const server = new FakeServer();
    server.refuseNext = ["not_started"];
    server.uplink.open(0);
    server.uplink.push(numbered(0, 10));
    await server.settle();
    expect(server.startsAsked).toBe(1);
    expect(server.durable).toEqual([...numbered(0, 10)]);
  });

  it("loses and doubles nothing, however the connection is cut and refused", async () => {
    const step = fc.constantFrom(
      "push",
      "push",
      "push",
      "cut",
      "restore",
      "settle",
      "backpressure",
      "audio_gap",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const server = new FakeServer();
        server.uplink.open(0);
        let captured = 0;
        for (const one of steps) {
          if (one === "push") {
            server.uplink.push(numbered(captured, 10));
            captured += 10;
          } else if (one === "cut") server.cut();
          else if (one === "restore") server.restore();
          else if (one === "settle") await server.settle();
          else server.refuseNext.push(one);
        }
        server.refuseNext = [];
        server.cut();
        server.restore();
        await server.settle();
        expect(server.durable).toEqual([...numbered(0, captured)]);
        expect(server.unsent.heldSamples).toBe(0);
      }),
    );
  });
});
