import { describe, expect, it } from "vitest";
import type { Clock, Logger } from "../call/ports.ts";
import { createShutdown } from "./shutdown.ts";

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

function handClock(): Clock & { fire(): void } {
  const waiting = new Set<() => void>();
  return {
    nowMs: () => 0,
    monotonicMs: () => 0,
    after(_delayMs, run) {
      waiting.add(run);
      return () => void waiting.delete(run);
    },
    fire: () => {
      for (const run of waiting) run();
    },
  };
}

describe("the shutdown", () => {
  it("closes the last opened first, one after the other, and only once", async () => {
    const order: string[] = [];
    const shutdown = createShutdown({ clock: handClock(), logger: silent, deadlineMs: 1000 });
    shutdown.add("database", () => void order.push("database"));
    shutdown.add("calls", async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push("calls");
    });
    expect(shutdown.started()).toBe(false);
    const [first, second] = await Promise.all([shutdown.run("SIGTERM"), shutdown.run("SIGINT")]);
    expect([first, second]).toEqual([true, true]);
    expect(shutdown.started()).toBe(true);
    expect(order).toEqual(["calls", "database"]);
  });

  it("goes on after a part that fails and says that it was not clean", async () => {
    const order: string[] = [];
    const shutdown = createShutdown({ clock: handClock(), logger: silent, deadlineMs: 1000 });
    shutdown.add("database", () => void order.push("database"));
    shutdown.add("calls", () => {
      throw new Error("broken");
    });
    expect(await shutdown.run("SIGTERM")).toBe(false);
    expect(order).toEqual(["database"]);
  });

  it("gives up at its deadline when a part hangs, and says which one and how long the others took", async () => {
    const clock = handClock();
    const errors: unknown[] = [];
    const logger: Logger = { ...silent, error: (fields) => void errors.push(fields) };
    const shutdown = createShutdown({ clock, logger, deadlineMs: 1000 });
    shutdown.add("stuck", () => new Promise(() => undefined));
    shutdown.add("quick", () => undefined);
    const done = shutdown.run("SIGTERM");
    await new Promise((resolve) => setImmediate(resolve));
    clock.fire();
    expect(await done).toBe(false);
    expect(errors).toEqual([{ waitingFor: "stuck", tookMs: { quick: 0 }, deadlineMs: 1000 }]);
  });

  it("is clean at its deadline when all that is left may be left, and not when something may not", async () => {
    for (const mayBeLeft of [true, false]) {
      const clock = handClock();
      const shutdown = createShutdown({ clock, logger: silent, deadlineMs: 1000 });
      shutdown.add("data folder", () => undefined, { mayBeLeft });
      shutdown.add("database", () => new Promise(() => undefined), { mayBeLeft: true });
      shutdown.add("calls", () => undefined);
      const done = shutdown.run("SIGTERM");
      await new Promise((resolve) => setImmediate(resolve));
      clock.fire();
      expect(await done).toBe(mayBeLeft);
    }
  });
});
