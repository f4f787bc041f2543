import { describe, expect, it } from "vitest";
import { CallError } from "./errors.ts";
import type { ReplySuggester } from "./ports.ts";
import { CallBench, frame } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";
import { MemoryRecorder } from "./testing/memory-recorder.ts";

const silentSuggester: ReplySuggester = {
  coaching: { cooldownMs: 45_000, maxCardsPerMinute: 3, provisional: true, nudges: true },
  suggest: () => null,
  keyterms: () => [],
  watched: () => ({ competitors: [], keywords: [] }),
};

describe("a start after the death of the process", () => {
  it("takes up calls whose playbook is no longer there (S9)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live({ playbook: "old" });
    await seat.audio(0, frame(16_000));
    bench.registry = bench.newRegistry({
      playbooks: {
        open: (name) =>
          name === null
            ? Promise.resolve({
                name: "default",
                version: 4,
                suggester: silentSuggester,
              })
            : Promise.reject(new CallError("invalid", "There is no such playbook.")),
      },
    });
    await bench.registry.recover();
    await expect(bench.registry.status(callId)).resolves.toMatchObject({
      state: "waiting",
      call: { playbook: "default", playbookVersion: 4 },
    });
  });

  it("go on with the version of the playbook that the call began with (S9)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live({ playbook: "mine" });
    await seat.audio(0, frame(16_000));
    const opened: unknown[] = [];
    bench.registry = bench.newRegistry({
      playbooks: {
        open: (name, version) => {
          opened.push([name, version]);
          return Promise.resolve({ name: name ?? "", version: version ?? 99, suggester: silentSuggester });
        },
      },
    });
    await bench.registry.recover();
    expect(opened).toEqual([["mine", 1]]);
    expect((await bench.registry.status(callId)).call).toMatchObject({
      playbook: "mine",
      playbookVersion: 1,
    });
  });

  it("waits for the host of a call of which no audio had become durable yet (S9)", async () => {
    const bench = new CallBench();
    const { callId } = await bench.live();
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const back = await bench.join(callId);
    expect(back.seat.nextSample()).toBe(0);
    await back.seat.start(0);
    await expect(back.seat.audio(0, frame(16_000))).resolves.toBe(16_000);
  });

  it("deletes a call without audio whose host does not come back (S7)", async () => {
    const bench = new CallBench();
    const { callId } = await bench.live();
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    await bench.clock.advance(130_000);
    await settle();
    await expect(bench.registry.status(callId)).rejects.toMatchObject({ code: "call_not_found" });
    expect(bench.registry.activeCalls()).toBe(0);
  });

  it("completes calls whose transcriber is no longer there as interrupted (S5)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.stream.say(1, "hola");
    await settle();
    bench.registry = bench.newRegistry({ engines: new Map() });
    await bench.registry.recover();
    const { call } = await bench.registry.status(callId);
    expect(call).toMatchObject({ status: "completed", completionReason: "interrupted" });
    const { seat: late, heard } = await bench.join(callId);
    await late.start(0);
    expect(heard.of("call_completed")).toMatchObject([
      { reason: "interrupted", duration_ms: 1000, summary: { total_segments: 1 } },
    ]);
  });

  it("goes on with the other calls when one cannot be taken up", async () => {
    const bench = new CallBench();
    const broken = await bench.live();
    await broken.seat.audio(0, frame(16_000));
    const sound = await bench.live();
    await sound.seat.audio(0, frame(16_000));
    const open = bench.recorder.open.bind(bench.recorder);
    bench.recorder.open = (callId) =>
      callId === broken.callId
        ? Promise.reject(new CallError("storage_failed", "Unreadable."))
        : open(callId);
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    await expect(bench.registry.status(sound.callId)).resolves.toMatchObject({ state: "waiting" });
    // It is not over: a host that comes back must not be told so.
    await expect(bench.join(broken.callId)).rejects.toMatchObject({
      code: "storage_failed",
      retryable: true,
    });
  });

  it("forgets losses that did not become durable, so that they can be declared again (A7)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(1600));
    bench.recorder.hold();
    const declared = seat.audioLost({ firstSample: 1600, samples: 3200, reason: "reload" });
    await settle();
    const recorder = new MemoryRecorder();
    const left = await recorder.create(callId, { sampleRateHz: 16_000, channels: 2 });
    await left.append(frame(1600));
    bench.registry = bench.newRegistry({ recorder });
    await bench.registry.recover();
    const { call } = await bench.registry.status(callId);
    expect(call.lostAudio).toEqual([]);
    bench.recorder.release();
    await declared;
  });

  it("ends trouble that was told before", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(1600));
    bench.stream.emit({ type: "trouble", state: "degraded", reason: "backlog", detail: "" });
    await settle();
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const back = await bench.join(callId);
    await back.seat.start(0);
    expect(back.heard.of("status").map(({ state }) => state)).toEqual(["degraded", "live"]);
  });

  it("hears again what waited for its repair, and nothing that was said behind it (S9, F5)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(80_000));
    bench.stream.say(1, "antes", { id: "u1", fromMs: 0, toMs: 900 });
    // From 1 s to 3 s nothing came through; what was said behind it is there already.
    bench.stream.say(1, "después", { id: "u2", fromMs: 3000, toMs: 4000 });
    await bench.clock.advance(2000);
    bench.stream.emit({ type: "progress", consumedSample: 80_000, settledSample: 16_000 });
    await settle();
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const back = await bench.join(callId);
    await back.seat.start(0);
    await settle();
    expect(bench.stream.opened.firstSample).toBe(16_000);
    expect(bench.stream.soundMs(1)).toEqual([
      [1000, 3000],
      [4000, 5000],
    ]);
    await expect(bench.stream.opened.readRecording(48_000, 1600)).resolves.toSatisfy((pcm: Uint8Array) =>
      pcm.every((byte, i) => byte === (i % 4 < 2 ? 1 : 0)),
    );
    bench.stream.say(1, "en medio", { id: "v1", fromMs: 1400, toMs: 2600 });
    bench.stream.say(1, "después", { id: "v2", fromMs: 3050, toMs: 4050 });
    bench.stream.say(0, "yo también", { id: "v3", fromMs: 3000, toMs: 4000 });
    await settle();
    const finals = back.heard.of("transcript_update").map(({ text }) => text);
    expect(finals).toEqual(["antes", "después", "en medio", "yo también"]);
  });

  it("retracts what was raised on words that never came to their end (O3, O5)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    bench.stream.say(1, "es caro", { final: false });
    await settle();
    const lastSeq = heard.callEvents().at(-1)?.data.seq ?? 0;
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const back = await bench.join(callId);
    await back.seat.start(lastSeq);
    bench.stream.say(1, "es caro", { id: "again" });
    await settle();
    expect(back.heard.of("objection_detected").map(({ status }) => status)).toEqual([
      "retracted",
      "confirmed",
    ]);
    expect(back.heard.of("suggestion_ready").map(({ status }) => status)).toEqual(["withdrawn", "final"]);
  });

  it("takes up what could not be transcribed in time when the server went down (S9)", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(32_000));
    const { stream } = bench;
    let letGo = (): void => undefined;
    stream.finish = () =>
      new Promise((resolve) => {
        letGo = resolve;
      });
    stream.abort = () => {
      stream.aborted = true;
      letGo();
    };
    await bench.clock.advance(2000);
    stream.emit({ type: "progress", consumedSample: 16_000, settledSample: 8000 });
    stream.say(1, "a medias", { final: false });
    const drained = bench.registry.drain(7000);
    await bench.clock.advance(7000);
    await drained;
    await bench.clock.advance(1000);
    bench.registry = bench.newRegistry();
    await bench.registry.recover();
    const { call, state } = await bench.registry.status(callId);
    expect([state, call.settledSample]).toEqual(["waiting", 8000]);
  });

  it("counts, tells and stores no end of a call that is let go of because the server goes down (S8, S9)", async () => {
    const counted: string[] = [];
    const bench = new CallBench({
      telemetry: { count: (name) => counted.push(name), latency: () => undefined },
    });
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(32_000));
    let letGo = (): void => undefined;
    Object.assign(bench.stream, {
      finish: () => new Promise<void>((resolve) => (letGo = resolve)),
      abort: () => {
        letGo();
      },
    });
    const drained = bench.registry.drain(7000);
    await bench.clock.advance(6900);
    // A database that is slow in this very moment: what is published now would still be written.
    const write = bench.repository.write.bind(bench.repository);
    bench.repository.write = async (next) => {
      await new Promise<void>((resolve) => bench.clock.after(300, resolve));
      await write(next);
    };
    bench.stream.say(1, "hola");
    await bench.clock.advance(60_000);
    await drained;
    expect(counted).not.toContain("calls_completed");
    const kept = bench.repository.calls.get(callId);
    expect(kept?.call).toMatchObject({ completionReason: null, summary: null });
    const told = [...(kept?.events ?? []), ...heard.callEvents()];
    expect(told.map(({ type }) => type)).not.toContain("call_completed");
    const reasons = told.flatMap((event) => (event.type === "status" ? [event.data.reason] : []));
    expect(reasons).not.toContain("transcript_incomplete");
  });
});
