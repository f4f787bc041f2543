import { expect, it } from "vitest";
import type { CallEvent } from "../contract/events.ts";
import { EventStream, type EventStreamOptions } from "./event-stream.ts";
import type { StoredSuggestion } from "./stored-call.ts";
import { MemoryUnsaved } from "./testing/memory-unsaved.ts";
import { CallBench, quietLogger } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

type Own = Partial<Pick<EventStreamOptions, "fanOut" | "telemetry">>;

/** A call, and streams of its events that nothing goes wrong with. */
async function opened(): Promise<{
  readonly bench: CallBench;
  readonly callId: string;
  readonly streamWith: (own: Own) => EventStream;
}> {
  const bench = new CallBench();
  const { callId } = await bench.registry.start({});
  const streamWith = (own: Own): EventStream =>
    new EventStream({
      callId,
      lastSeq: 0,
      reservedSeq: 10_000,
      unsaved: new MemoryUnsaved(),
      onRefused: () => undefined,
      repository: bench.repository,
      clock: bench.clock,
      logger: quietLogger,
      telemetry: { count: () => undefined, latency: () => undefined },
      fanOut: () => undefined,
      onTrouble: () => undefined,
      ...own,
    });
  return { bench, callId, streamWith };
}

it("writes a flood of events together, a few times a second, and sends each of them in order", async () => {
  const { bench, streamWith } = await opened();
  const sent: number[] = [];
  let writes = 0;
  const write = bench.repository.write.bind(bench.repository);
  bench.repository.write = (written) => {
    writes += 1;
    return write(written);
  };
  const stream = streamWith({
    fanOut: (event) => {
      sent.push(event.data.seq);
    },
  });
  for (let count = 0; count < 1000; count += 1) {
    stream.publish((head) => ({ type: "coach_changed", data: { ...head, coach_enabled: true } }), {
      stored: true,
    });
    await bench.clock.advance(10);
  }
  await bench.clock.advance(2000);
  expect(sent).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
  expect(writes).toBeLessThanOrEqual(16 * 4);
});

it("sends what is published in the very moment in which all else has been sent (E1)", async () => {
  const { streamWith } = await opened();
  const sent: CallEvent[] = [];
  const publish = (): void => {
    const make = (head: { call_id: string; seq: number }): CallEvent => ({
      type: "coach_changed",
      data: { ...head, coach_enabled: true },
    });
    stream.publish(make, { stored: true });
  };
  const stream = streamWith({
    fanOut: (event) => {
      sent.push(event);
      if (sent.length === 1) queueMicrotask(publish);
    },
  });
  publish();
  await settle();
  expect(sent.map((event) => event.data.seq)).toEqual([1, 2]);
});

it("holds back for the database only what is kept, and what comes behind it (E2)", async () => {
  const { bench, streamWith } = await opened();
  const sent: number[] = [];
  const measured: [string, number][] = [];
  let release = (): void => undefined;
  const write = bench.repository.write.bind(bench.repository);
  bench.repository.write = async (written) => {
    await new Promise<void>((resolve) => (release = resolve));
    await write(written);
  };
  const stream = streamWith({
    telemetry: {
      count: () => undefined,
      latency: (stage, ms) => {
        measured.push([stage, ms]);
      },
    },
    fanOut: (event) => {
      sent.push(event.data.seq);
    },
  });
  const publish = (stored: boolean): void => {
    const receivedAtMs = bench.clock.monotonicMs();
    stream.publish((head) => ({ type: "coach_changed", data: { ...head, coach_enabled: true } }), {
      stored,
      receivedAtMs,
    });
  };
  stream.save({ settledSample: 16_000 });
  publish(false);
  await settle();
  expect(sent).toEqual([1]);
  release();
  await settle();
  publish(false);
  publish(true);
  publish(false);
  await settle();
  expect(sent).toEqual([1, 2]);
  await bench.clock.advance(40);
  release();
  await settle();
  expect(sent).toEqual([1, 2, 3, 4]);
  expect(measured.filter(([stage]) => stage === "engine_event").map(([, ms]) => ms)).toEqual([0, 0, 40, 40]);
});

it("writes nothing of what was said of a reply to the one that takes its place in the same moment (P2)", async () => {
  const { bench, callId, streamWith } = await opened();
  const stream = streamWith({
    fanOut: () => undefined,
  });
  for (const text of ["La primera", "La segunda"]) {
    stream.publish((head) => ({ type: "coach_changed", data: { ...head, coach_enabled: true } }), {
      stored: true,
      suggestion: sampleReply(text),
    });
    if (text === "La primera") stream.noteSaid([{ suggestionId: "sug_1", segmentId: "s", similarity: 1 }]);
  }
  await bench.clock.advance(2000);
  expect((await bench.repository.load(callId))?.suggestions).toMatchObject([
    { text: "La segunda", said: null },
  ]);
});

function sampleReply(text: string): StoredSuggestion {
  return {
    suggestionId: "sug_1",
    objectionId: "obj_1",
    tsMs: 0,
    type: "price",
    text,
    source: "playbook",
    playbookEntry: null,
    status: "final",
    latencyMs: 0,
    feedback: null,
    said: null,
  };
}

it("lets others have their turns while it has much to send, and is done when all of it is sent", async () => {
  const { streamWith } = await opened();
  const sent: number[] = [];
  let isDone = false;
  const stream = streamWith({
    fanOut: (event) => {
      for (const untilMs = performance.now() + 1; performance.now() < untilMs;) sent.at(-1);
      sent.push(event.data.seq);
      expect(isDone).toBe(false);
    },
  });
  for (let count = 0; count < 30; count += 1) {
    stream.publish((head) => ({ type: "coach_changed", data: { ...head, coach_enabled: true } }), {
      stored: false,
    });
  }
  const done = stream.sent().then(() => {
    isDone = true;
  });
  const seen: number[] = [];
  for (let turns = 0; sent.length < 30 && turns < 1000; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(sent.length);
  }
  await done;
  expect(sent).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  expect(Math.max(...seen.map((count, index) => count - (seen[index - 1] ?? 0)))).toBeLessThanOrEqual(6);
});
