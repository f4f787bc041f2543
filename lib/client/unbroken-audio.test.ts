import "fake-indexeddb/auto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { FakeCallServer } from "./testing/fake-call-server.ts";
import { ManualTimers, settled } from "./testing/manual-timers.ts";
import { FakeClaims, PageBench } from "./testing/page-bench.ts";
import { IndexedDbUnsentStore } from "./unsent-store.ts";

/** Small frames, so that every sample of a run has a number of its own. */
const frameSamples = 16;
const frameMs = 100;
const killLosesSamples = 2 * frameSamples;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("speak"), frames: fc.integer({ min: 1, max: 40 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("reset", "cut", "lose", "dead", "mute", "back", "wake", "sleep"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("reload", "kill", "newTab") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("backpressure", "audio_gap", "not_started", "storage_failed", "burst"),
    }),
  },
);
interface Step {
  readonly kind: string;
  readonly frames?: number;
}

let databases = 0;

/** One call through everything that happens to it. */
class Ordeal {
  readonly timers = new ManualTimers();
  readonly server = new FakeCallServer("call_ordeal", this.timers);
  readonly claims = new FakeClaims();
  readonly store: IndexedDbUnsentStore;
  readonly bound: number;
  page: PageBench;
  captured = 0;
  /** Numbers before which a killed page may have lost the newest. */
  readonly kills: number[] = [];

  constructor(bound: number) {
    databases += 1;
    this.store = new IndexedDbUnsentStore(`ordeal-${databases}`);
    this.bound = bound;
    this.page = this.#newPage(true);
  }

  async begin(): Promise<void> {
    await settled();
    await this.page.openMicrophone();
  }

  async run(one: Step): Promise<void> {
    const { server, timers } = this;
    switch (one.kind) {
      case "speak":
        await this.speak(one.frames ?? 0);
        return;
      case "burst":
        // The main thread was busy: frames come all at once.
        for (let frame = 0; frame < 10; frame += 1) this.#capture();
        await settled();
        return;
      case "reset":
        server.reset();
        return;
      case "cut":
        server.network = "refusing";
        server.reset();
        return;
      case "lose":
        server.network = "dead";
        server.silence("dead");
        return;
      case "dead":
      case "mute":
        server.silence(one.kind);
        return;
      case "back":
        server.network = "whole";
        return;
      case "wake":
        this.page.wake();
        return;
      case "sleep":
        timers.sleep(20_000);
        return;
      case "reload":
        this.page.unload();
        await this.#nextPage();
        return;
      case "kill":
        this.kills.push(this.captured);
        this.page.kill();
        await this.#nextPage();
        return;
      case "newTab":
        await this.#nextPage();
        return;
      default:
        server.refusals.push(one.kind);
    }
  }

  async speak(frames: number): Promise<void> {
    for (let frame = 0; frame < frames; frame += 1) {
      this.#capture();
      await this.timers.advance(frameMs);
    }
  }

  /** Everything heals, and the person ends the call. */
  async end(): Promise<void> {
    this.server.network = "whole";
    this.server.refusals = [];
    this.page.wake();
    await this.timers.advance(30_000);
    void this.page.session.stop();
    await this.timers.advance(30_000);
  }

  #capture(): void {
    if (this.page.capture(this.captured, frameSamples)) this.captured += frameSamples;
  }

  async #nextPage(): Promise<void> {
    this.page = this.#newPage(false);
    await settled();
    await this.page.openMicrophone();
  }

  #newPage(isNew: boolean): PageBench {
    const { server, timers, store, claims } = this;
    return new PageBench(
      { server, timers, store, claims, unsentBoundSec: this.bound },
      isNew ? { callId: server.callId } : null,
    );
  }
}

/** What of the numbers in between may have died with a killed page. */
function mayBeKilled(kills: readonly number[], after: number, upTo: number): number {
  return kills.filter((at) => at > after && at <= upTo).length * killLosesSamples;
}

it("what the server has is what was captured, in order, without gap or double, less what was declared lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      // 4 s and 60 s of these frames.
      fc.constantFrom(0.04, 0.6),
      async (steps, bound) => {
        const ordeal = new Ordeal(bound);
        await ordeal.begin();
        for (const one of steps) await ordeal.run(one);
        await ordeal.end();
        const { server, captured, kills } = ordeal;
        expect(server.isCompleted).toBe(true);

        const isLost = new Uint8Array(server.nextSample);
        for (const { firstSample, samples } of server.lost)
          isLost.fill(1, firstSample, firstSample + samples);
        let before = { at: -1, number: -1 };
        const follow = (at: number, number: number): void => {
          // Numbers that are missing were declared, sample for sample, or died with a page.
          const missing = number - before.number - (at - before.at);
          expect(missing).toBeGreaterThanOrEqual(0);
          expect(missing).toBeLessThanOrEqual(mayBeKilled(kills, before.number, number));
          before = { at, number };
        };
        server.durable.forEach((number, at) => {
          if (isLost[at] === 0) follow(at, number);
        });
        follow(server.nextSample, captured);
        expect(await ordeal.store.list()).toEqual([]);
      },
    ),
  );
});
