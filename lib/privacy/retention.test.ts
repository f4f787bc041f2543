import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger } from "../call/ports.ts";
import type { ClockSeen } from "../call/privacy-ports.ts";
import { createRetention, type Retention } from "./retention.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A wall clock that can jump while time goes on evenly. */
class JumpingClock implements Clock {
  #workedMs = 0;
  #wallMs = Date.UTC(2026, 5, 1);
  #timers: { readonly dueMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.#wallMs;
  }
  monotonicMs(): number {
    return this.#workedMs;
  }
  after(delayMs: number, run: () => void): () => void {
    const timer = { dueMs: this.#workedMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }
  jump(ms: number): void {
    this.#wallMs += ms;
  }
  async work(ms: number): Promise<void> {
    const untilMs = this.#workedMs + ms;
    for (;;) {
      await settle();
      const [next] = this.#timers.filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#wallMs += next.dueMs - this.#workedMs;
      this.#workedMs = next.dueMs;
      next.run();
    }
    this.#wallMs += untilMs - this.#workedMs;
    this.#workedMs = untilMs;
    await settle();
  }
}

/** Calls with their ages, in a store that can fail; what a process that ends leaves behind stays. */
class Bench {
  readonly clock = new JumpingClock();
  readonly endedAtMs = new Map<string, number>();
  readonly underWay = new Set<string>();
  readonly events: string[] = [];
  readonly warnings: string[] = [];
  seen: ClockSeen | null = null;
  atOnce = 0;
  mostAtOnce = 0;
  failing: string | null = null;

  add(count: number, daysAgo: number, name = "call"): void {
    for (let i = 0; i < count; i += 1) {
      this.endedAtMs.set(`${name}_${String(daysAgo)}_${String(i)}`, this.clock.nowMs() - daysAgo * dayMs);
    }
  }

  process(days: number): Retention {
    const quiet: Logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: (_fields, message) => void this.warnings.push(message),
      error: (_fields, message) => void this.events.push(`error ${message}`),
      child: () => quiet,
    };
    const retention = createRetention({
      days,
      store: {
        expired: (beforeMs, limit, except) =>
          Promise.resolve(
            [...this.endedAtMs]
              .filter(([callId, endedMs]) => endedMs < beforeMs && !except.includes(callId))
              .slice(0, limit)
              .map(([callId]) => callId),
          ),
        countExpired: (beforeMs) =>
          Promise.resolve({
            calls: this.endedAtMs.size,
            expired: [...this.endedAtMs.values()].filter((endedMs) => endedMs < beforeMs).length,
          }),
        clockSeen: () => Promise.resolve(this.seen),
        saveClockSeen: (seen) => {
          this.seen = seen;
          return Promise.resolve();
        },
      },
      isUnderWay: (callId) => this.underWay.has(callId),
      noteDeletion: (callId) => {
        this.events.push(`note ${callId}`);
        return Promise.resolve();
      },
      erase: async (callId) => {
        this.atOnce += 1;
        this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
        await new Promise((resolve) => setImmediate(resolve));
        this.atOnce -= 1;
        if (callId === this.failing) throw new CallError("storage_failed", "The disk is away.");
        this.endedAtMs.delete(callId);
        this.events.push(`erase ${callId}`);
      },
      alsoTidy: () => Promise.resolve(),
      clock: this.clock,
      logger: quiet,
      telemetry: { count: () => undefined, latency: () => undefined },
    });
    retention.start();
    return retention;
  }
}

describe("deletion by age", () => {
  it("deletes at the start what is older than the days, noted first, and keeps the rest", async () => {
    const bench = new Bench();
    bench.add(1, 30.01);
    bench.add(1, 29.99);
    const retention = bench.process(30);
    await bench.clock.work(minuteMs);
    expect(bench.events).toEqual(["note call_30.01_0", "erase call_30.01_0"]);
    expect([...bench.endedAtMs.keys()]).toEqual(["call_29.99_0"]);
    await bench.clock.work(hourMs);
    expect(bench.endedAtMs.size).toBe(0);
    await retention.close();
  });

  it("deletes nothing with 0 days", async () => {
    const bench = new Bench();
    bench.add(30, 5000);
    const retention = bench.process(0);
    await bench.clock.work(dayMs);
    expect(bench.endedAtMs.size).toBe(30);
    await retention.close();
  });

  it("never touches a call that is under way, however old, and is not stopped by it", async () => {
    const bench = new Bench();
    bench.add(3, 40);
    bench.underWay.add("call_40_0");
    const retention = bench.process(30);
    await bench.clock.work(dayMs);
    expect([...bench.endedAtMs.keys()]).toEqual(["call_40_0"]);
    expect(bench.events).not.toContain("note call_40_0");
    bench.underWay.clear();
    await bench.clock.work(hourMs);
    expect(bench.endedAtMs.size).toBe(0);
    await retention.close();
  });

  it("works in batches with pauses, and an end in between leaves the rest to the next process", async () => {
    const bench = new Bench();
    bench.add(95, 40);
    const first = bench.process(30);
    await bench.clock.work(300);
    await first.close();
    const left = bench.endedAtMs.size;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(95);
    await bench.clock.work(hourMs);
    expect(bench.endedAtMs.size).toBe(left);
    const second = bench.process(30);
    await bench.clock.work(minuteMs);
    expect(bench.endedAtMs.size).toBe(0);
    expect(bench.mostAtOnce).toBe(10);
    await second.close();
  });

  it("tries again at the next pass what could not be deleted", async () => {
    const bench = new Bench();
    bench.add(2, 40);
    bench.failing = "call_40_0";
    const retention = bench.process(30);
    await bench.clock.work(minuteMs);
    expect([...bench.endedAtMs.keys()]).toEqual(["call_40_0"]);
    expect(bench.events).toContain("error a call past its retention could not be deleted");
    bench.failing = null;
    await bench.clock.work(hourMs);
    expect(bench.endedAtMs.size).toBe(0);
    await retention.close();
  });
});

describe("a clock that jumps", () => {
  it("far ahead at the start deletes nothing, and nothing is lost when it is put right", async () => {
    const bench = new Bench();
    bench.add(100, 1);
    await closeAfter(bench, bench.process(30), minuteMs);
    bench.clock.jump(300 * dayMs);
    const retention = bench.process(30);
    await bench.clock.work(50 * minuteMs);
    expect(bench.endedAtMs.size).toBe(100);
    expect(bench.warnings).toHaveLength(1);
    bench.clock.jump(-300 * dayMs);
    await bench.clock.work(5 * hourMs);
    expect(bench.endedAtMs.size).toBe(100);
    await retention.close();
  });

  it("while the server works is held the same", async () => {
    const bench = new Bench();
    bench.add(100, 1);
    const retention = bench.process(30);
    await bench.clock.work(hourMs);
    bench.clock.jump(10 * 365 * dayMs);
    await bench.clock.work(50 * minuteMs);
    expect(bench.endedAtMs.size).toBe(100);
    await retention.close();
  });

  it("is believed after an hour of work, in one run or in several", async () => {
    const bench = new Bench();
    bench.add(100, 1);
    await closeAfter(bench, bench.process(30), minuteMs);
    bench.clock.jump(45 * dayMs);
    for (let run = 0; run < 3; run += 1) await closeAfter(bench, bench.process(30), 16 * minuteMs);
    expect(bench.endedAtMs.size).toBe(100);
    await closeAfter(bench, bench.process(30), 32 * minuteMs);
    expect(bench.endedAtMs.size).toBe(0);
  });

  it("is no matter when few calls are concerned, or when the server was off for some days", async () => {
    const bench = new Bench();
    bench.add(5, 1, "few");
    bench.add(100, 0, "many");
    await closeAfter(bench, bench.process(30), minuteMs);
    bench.clock.jump(29.5 * dayMs);
    await closeAfter(bench, bench.process(30), minuteMs);
    expect(bench.endedAtMs.size).toBe(100);
    expect(bench.warnings).toEqual([]);
  });

  it("by years is held however few the calls, and one that goes back is harmless", async () => {
    const bench = new Bench();
    bench.add(2, 1);
    await closeAfter(bench, bench.process(30), minuteMs);
    bench.clock.jump(-30 * 365 * dayMs);
    await closeAfter(bench, bench.process(30), hourMs);
    expect(bench.endedAtMs.size).toBe(2);
    bench.clock.jump(34 * 365 * dayMs);
    await closeAfter(bench, bench.process(30), 30 * minuteMs);
    expect(bench.endedAtMs.size).toBe(2);
  });
});

async function closeAfter(bench: Bench, retention: Retention, ms: number): Promise<void> {
  await bench.clock.work(ms);
  await retention.close();
}
