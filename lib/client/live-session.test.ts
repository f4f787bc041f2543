import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { FakeCallServer } from "./testing/fake-call-server.ts";
import { ManualTimers, settled } from "./testing/manual-timers.ts";
import { FakeClaims, PageBench } from "./testing/page-bench.ts";
import { IndexedDbUnsentStore } from "./unsent-store.ts";

const frameSamples = 1600;
const frameMs = 100;

let databases = 0;
let timers: ManualTimers;
let server: FakeCallServer;
let store: IndexedDbUnsentStore;
let claims: FakeClaims;
let captured: number;
beforeEach(() => {
  databases += 1;
  timers = new ManualTimers();
  server = new FakeCallServer("call_session", timers);
  store = new IndexedDbUnsentStore(`session-${databases}`);
  claims = new FakeClaims();
  captured = 0;
});

async function open(isNew: boolean, unsentBoundSec?: number): Promise<PageBench> {
  const bound = unsentBoundSec === undefined ? {} : { unsentBoundSec };
  const page = new PageBench(
    { server, timers, store, claims, ...bound },
    isNew ? { callId: server.callId } : null,
  );
  await settled();
  await page.openMicrophone();
  await timers.advance(50);
  return page;
}

/** So much time with sound. */
async function speak(page: PageBench, ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += frameMs) {
    if (page.capture(captured, frameSamples)) captured += frameSamples;
    await timers.advance(frameMs);
  }
}

function numbersUpTo(end: number): number[] {
  return Array.from({ length: end }, (_, sample) => sample % 65_536);
}

describe("a call in a page", () => {
  it("delivers what it captures while it captures it, and leaves nothing behind", async () => {
    const page = await open(true);
    await speak(page, 2000);
    expect(server.durable).toEqual(numbersUpTo(captured));
    expect(page.session.unsentMs).toBe(0);
    await page.session.stop();
    await timers.advance(100);
    expect(page.session.snapshot().view.completed?.reason).toBe("stopped");
    expect(await store.list()).toEqual([]);
  });

  it("goes on recording without a network and sends what waited, in order", async () => {
    const page = await open(true);
    await speak(page, 1000);
    server.network = "refusing";
    server.reset();
    await speak(page, 12_000);
    expect(page.session.snapshot().connection.kind).toBe("reconnecting");
    expect(page.session.unsentMs).toBeGreaterThanOrEqual(11_900);
    server.network = "whole";
    await speak(page, 8000);
    expect(page.session.snapshot().connection.kind).toBe("open");
    expect(server.durable).toEqual(numbersUpTo(captured));
  });

  it.each(["dead", "mute"] as const)("notices within ten seconds that the connection is %s", async (wire) => {
    const page = await open(true);
    await speak(page, 1000);
    server.silence(wire);
    await speak(page, 10_000);
    expect([server.opened, page.session.snapshot().connection.kind]).toEqual([2, "open"]);
    await speak(page, 1000);
    expect(server.durable).toEqual(numbersUpTo(captured));
  });

  it("leaves a quiet connection alone that still answers", async () => {
    const page = await open(true);
    await timers.advance(60_000);
    expect([server.opened, page.session.snapshot().connection.kind]).toEqual([1, "open"]);
    expect(server.asked.filter((type) => type === "ping").length).toBeLessThan(25);
  });

  it("waits longer between attempts, four seconds at most, and comes back at once when it is woken", async () => {
    const page = await open(true);
    server.network = "refusing";
    server.reset();
    await timers.advance(60_000);
    expect(server.opened).toBeGreaterThan(15);
    expect(server.opened).toBeLessThan(25);
    server.network = "whole";
    page.wake();
    await timers.advance(50);
    expect(page.session.snapshot().connection.kind).toBe("open");
  });

  it("gives an attempt up that is never answered", async () => {
    const page = await open(true);
    server.network = "dead";
    server.reset();
    await timers.advance(30_000);
    expect(server.opened).toBeGreaterThan(2);
    server.network = "whole";
    await timers.advance(20_000);
    expect(page.session.snapshot().connection.kind).toBe("open");
  });

  it("finds out in two seconds whether the connection survived a sleep", async () => {
    const page = await open(true);
    await speak(page, 1000);
    server.silence("dead");
    timers.sleep(60_000);
    await timers.advance(4000);
    expect([server.opened, page.session.snapshot().connection.kind]).toEqual([2, "open"]);
    await speak(page, 1000);
    expect(server.durable).toEqual(numbersUpTo(captured));
  });

  it.each([500, 3500])("keeps its sound path when frames come %d ms after a sleep", async (lateMs) => {
    const page = await open(true);
    await speak(page, 1000);
    timers.sleep(60_000);
    await timers.advance(lateMs);
    await speak(page, 2000);
    expect([page.paths, server.durable]).toEqual([1, numbersUpTo(captured)]);
  });

  it("makes its sound path anew when no frame comes, and says so", async () => {
    const page = await open(true);
    await speak(page, 1000);
    await timers.advance(5500);
    expect([page.paths, page.session.snapshot().sound]).toMatchObject([2, { isStalled: true }]);
    await speak(page, 2000);
    expect(page.session.snapshot().sound).toMatchObject({ isStalled: false });
    expect(server.durable).toEqual(numbersUpTo(captured));
  });

  it("shows every line once, whatever was missed", async () => {
    const page = await open(true);
    server.say("uno");
    await timers.advance(50);
    server.silence("mute");
    server.say("dos");
    server.say("tres");
    await timers.advance(12_000);
    server.say("cuatro");
    await timers.advance(50);
    const texts = page.session.snapshot().view.segments.map((segment) => segment.text);
    expect(texts).toEqual(["uno", "dos", "tres", "cuatro"]);
  });
});

describe("a page that ends", () => {
  it("goes on after a reload where it was, with what had waited first", async () => {
    const first = await open(true);
    await speak(first, 1000);
    server.network = "refusing";
    server.reset();
    await speak(first, 3000);
    first.unload();
    await timers.advance(500);
    const second = await open(false);
    await speak(second, 2000);
    expect(second.session.unsentMs).toBe(5000);
    server.network = "whole";
    await speak(second, 8000);
    expect(server.durable).toEqual(numbersUpTo(captured));
  });

  it("loses two frames at most when it is killed", async () => {
    const first = await open(true);
    await speak(first, 1000);
    server.network = "refusing";
    server.reset();
    await speak(first, 3000);
    const before = captured;
    first.kill();
    server.network = "whole";
    const second = await open(false);
    await speak(second, 2000);
    const kept = server.durable.indexOf(before % 65_536);
    expect(before - kept).toBeLessThanOrEqual(2 * frameSamples);
    expect(server.durable.slice(0, kept)).toEqual(numbersUpTo(kept));
    expect(server.nextSample - kept).toBe(captured - before);
  });

  it("warns before it is left while sound waits, and not otherwise", async () => {
    const page = await open(true);
    await speak(page, 1000);
    expect(page.warns()).toBe(false);
    server.network = "refusing";
    server.reset();
    await speak(page, 2000);
    expect(page.warns()).toBe(true);
  });

  it("delivers a stop that was asked for without a connection, also from the next page", async () => {
    const first = await open(true);
    await speak(first, 1000);
    server.network = "refusing";
    server.reset();
    await speak(first, 1000);
    void first.session.stop();
    await timers.advance(1000);
    expect([first.session.snapshot().isStopping, first.warns(), server.isCompleted]).toEqual([
      true,
      true,
      false,
    ]);
    first.unload();
    server.network = "whole";
    const second = await open(false);
    await timers.advance(1000);
    expect(second.session.capture).toBeNull();
    expect(server.durable).toEqual(numbersUpTo(captured));
    expect(second.session.snapshot().view.completed?.reason).toBe("stopped");
    expect(await store.list()).toEqual([]);
  });
});

describe("two pages on one call", () => {
  it("the newest is host; the old one lets go, and what it had is sent once, by the new one", async () => {
    const old = await open(true);
    await speak(old, 1000);
    server.network = "refusing";
    server.reset();
    await speak(old, 2000);
    const young = await open(false);
    expect(old.session.snapshot().connection.kind).toBe("taken_over");
    expect(old.capture(0, frameSamples)).toBe(false);
    server.network = "whole";
    await speak(young, 6000);
    expect(server.durable).toEqual(numbersUpTo(captured));
    expect(server.lost).toEqual([]);
  });

  it("a host elsewhere ends this one's capture, and says so", async () => {
    const page = await open(true);
    await speak(page, 1000);
    server.takeOver();
    await timers.advance(100);
    expect(page.session.snapshot()).toMatchObject({
      connection: { kind: "taken_over" },
      sound: { kind: "ended" },
    });
    expect(page.session.capture).toBeNull();
    await timers.advance(60_000);
    expect(server.opened).toBe(1);
  });
});

describe("sound that cannot be delivered", () => {
  it("is declared at its place with its true length, told, and the rest follows", async () => {
    const page = await open(true, 3);
    await speak(page, 1000);
    server.network = "refusing";
    server.reset();
    await speak(page, 5000);
    expect(page.session.snapshot().givenUpMs).toBeGreaterThan(0);
    server.network = "whole";
    await speak(page, 8000);
    expect(server.lost).toHaveLength(1);
    const [loss] = server.lost;
    const expected = numbersUpTo(captured);
    for (let sample = 0; sample < (loss?.samples ?? 0); sample += 1) {
      expected[(loss?.firstSample ?? 0) + sample] = 0;
    }
    expect(server.durable).toEqual(expected);
  });

  it("is said to be too much when the server will have no more of it, and the call can be stopped", async () => {
    const page = await open(true, 3);
    server.refusesLoss = true;
    server.network = "refusing";
    server.reset();
    await speak(page, 5000);
    server.network = "whole";
    await timers.advance(120_000);
    expect(page.session.snapshot().refusal?.code).toBe("audio_lost_refused");
    expect(server.asked.filter((type) => type === "audio_lost")).toHaveLength(4);
    await page.session.stop();
    await timers.advance(100);
    expect(page.session.snapshot().undeliveredMs).toBeGreaterThan(2900);
    expect(page.session.undeliveredFile()?.size).toBe(44 + 3 * 16_000 * 2);
  });

  it("is offered when the call was ended meanwhile without it", async () => {
    const page = await open(true);
    await speak(page, 1000);
    server.network = "refusing";
    server.reset();
    await speak(page, 3000);
    server.network = "whole";
    server.complete();
    await timers.advance(6000);
    expect(page.session.snapshot().undeliveredMs).toBeGreaterThanOrEqual(2900);
    expect(page.session.capture).toBeNull();
  });
});
