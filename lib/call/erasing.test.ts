import { describe, expect, it } from "vitest";
import { CallError } from "./errors.ts";
import { CallBench, frame } from "./testing/call-bench.ts";

describe("erasing by age", () => {
  it("S11 leaves a call alone that is under way, waits for its host, or is being taken up", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(null, frame(1600));
    await bench.registry.erase(callId);
    seat.leave();
    await bench.registry.erase(callId);
    expect(bench.repository.calls.has(callId)).toBe(true);
    expect((await bench.registry.status(callId)).state).toBe("waiting");

    const next = bench.newRegistry();
    const recovering = next.recover();
    while (!next.isUnderWay(callId)) await Promise.resolve();
    await next.erase(callId);
    await recovering;
    expect(bench.repository.calls.has(callId)).toBe(true);
    expect((await next.status(callId)).state).toBe("waiting");
  });

  it("is finished at the next start when the process died between the audio and the rest", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(null, frame(1600));
    await seat.stop();
    const erase = bench.repository.delete.bind(bench.repository);
    bench.repository.delete = () => Promise.reject(new CallError("storage_failed", "The process dies here."));
    await expect(bench.registry.delete(callId)).rejects.toMatchObject({ code: "storage_failed" });
    bench.repository.delete = erase;
    expect(bench.repository.calls.has(callId)).toBe(true);

    await bench.newRegistry().recover();
    expect(bench.repository.calls.has(callId)).toBe(false);
    expect(await bench.recorder.deletions()).toEqual([]);
  });

  it("takes all of a completed call", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(null, frame(1600));
    await seat.stop();
    expect(bench.registry.isUnderWay(callId)).toBe(false);
    await bench.registry.erase(callId);
    expect(bench.repository.calls.size).toBe(0);
    expect(await bench.recorder.open(callId)).toBeNull();
  });
});
