import { describe, expect, it } from "vitest";
import { CallBench, frame, Listener } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

describe("coaching", () => {
  it("confirms on the final what an interim had raised, and suggests once (O2, O3, O5)", async () => {
    const bench = new CallBench();
    const { heard } = await bench.live();
    bench.stream.say(1, "es caro", { final: false });
    bench.stream.say(1, "es caro y", { final: false });
    bench.stream.say(1, "es caro y ya", { final: true });
    await settle();
    const objections = heard.of("objection_detected");
    expect(objections.map(({ status }) => status)).toEqual(["provisional", "confirmed"]);
    expect(new Set(objections.map(({ objection_id: id }) => id)).size).toBe(1);
    expect(objections[0]).toMatchObject({ type: "price", text: "caro", evidence: [{ start: 3, end: 7 }] });
    expect(heard.of("suggestion_ready")).toMatchObject([{ status: "final", text: "Réplica price" }]);
  });

  it("retracts what the final no longer says and withdraws its suggestion (O3, O5)", async () => {
    const bench = new CallBench();
    const { heard } = await bench.live();
    bench.stream.say(1, "es caro", { final: false });
    bench.stream.say(1, "es claro");
    await settle();
    expect(heard.of("objection_detected").map(({ status }) => status)).toEqual(["provisional", "retracted"]);
    expect(heard.of("suggestion_ready").map(({ status }) => status)).toEqual(["final", "withdrawn"]);
  });

  it("raises a new objection when the final is of another type (O4)", async () => {
    const bench = new CallBench();
    const { heard } = await bench.live();
    bench.stream.say(1, "es caro", { final: false });
    bench.stream.say(1, "decide mi jefe");
    await settle();
    expect(heard.of("objection_detected").map(({ type, status }) => [type, status])).toEqual([
      ["price", "provisional"],
      ["price", "retracted"],
      ["authority", "confirmed"],
    ]);
  });

  it("looks at an interim again when its words are others and 250 ms of audio have passed, at a final always (O7)", async () => {
    const looked: string[] = [];
    const bench = new CallBench({
      detector: {
        detect: ({ text }) => {
          looked.push(text);
          return null;
        },
        doubt: () => null,
      },
    });
    await bench.live();
    bench.stream.say(1, "no sé", { final: false, toMs: 500 });
    bench.stream.say(1, "No sé…", { final: false, toMs: 900 });
    bench.stream.say(1, "no sé si", { final: false, toMs: 1000 });
    bench.stream.say(1, "no sé si puedo", { final: false, toMs: 1200 });
    bench.stream.say(1, "no sé si puede", { final: false, toMs: 1250 });
    bench.stream.say(1, "no sé si puede", { toMs: 1250 });
    await settle();
    expect(looked).toEqual(["no sé", "no sé si", "no sé si puede", "no sé si puede"]);
  });

  it("never analyses the rep, follows the layout, and listens to everybody in mono (O1, T4)", async () => {
    const bench = new CallBench();
    const left = await bench.live();
    bench.stream.say(0, "no es caro");
    const right = await bench.live({ stereo_layout: "RL" });
    bench.stream.say(0, "es caro");
    const mono = await bench.live({ audio_mode: "mono" });
    bench.stream.say(0, "es caro");
    await settle();
    expect(left.heard.of("objection_detected")).toEqual([]);
    expect(right.heard.of("objection_detected")).toMatchObject([{ speaker: 1 }]);
    expect(mono.heard.of("objection_detected")).toMatchObject([{ speaker: null }]);
  });

  it("is silent while it is off, and both REST and socket switch the live call (O1)", async () => {
    const bench = new CallBench();
    const { callId, seat, heard } = await bench.live();
    await bench.registry.toggleCoach(callId, false);
    bench.stream.say(1, "es caro", { id: "a" });
    await settle();
    expect(heard.of("coach_changed")).toMatchObject([{ coach_enabled: false }]);
    expect(heard.of("objection_detected")).toEqual([]);
    await seat.toggleCoach(true);
    bench.stream.say(1, "es caro", { id: "b" });
    await settle();
    expect(heard.of("objection_detected")).toHaveLength(1);
  });

  it("counts latency from the frame that brought the deciding words (O6)", async () => {
    const bench = new CallBench();
    const { seat, heard } = await bench.live();
    await seat.audio(0, frame(16_000));
    await bench.clock.advance(400);
    await seat.audio(16_000, frame(16_000));
    await bench.clock.advance(300);
    bench.stream.say(1, "es muy caro pero bueno me gusta", { fromMs: 0, toMs: 2000 });
    await settle();
    // "caro" ends at 857 ms, in the first frame, which came 700 ms ago.
    expect(heard.of("objection_detected")[0]?.latency_ms).toBe(700);
    expect(heard.of("transcript_update")[0]?.latency_ms).toBe(300);
  });
});

describe("places", () => {
  it("are counted and one call more is refused with a time to try again", async () => {
    const bench = new CallBench();
    bench.engine.mostCalls = 1;
    const { seat } = await bench.live();
    await expect(bench.registry.start({})).rejects.toMatchObject({
      code: "too_many_calls",
      retryAfterSec: 30,
    });
    await seat.stop();
    await expect(bench.registry.start({})).resolves.toBeDefined();
  });

  it("are refused for a language or transcriber that is not there", async () => {
    const bench = new CallBench();
    await expect(bench.registry.start({ language: "multi" })).rejects.toMatchObject({
      code: "language_not_supported",
    });
    await expect(bench.registry.start({ transcriber: "deepgram" })).rejects.toMatchObject({
      code: "transcriber_not_available",
    });
  });

  it("S10 are not resumed without the consent that is required by now, and complete with what was said", async () => {
    const bench = new CallBench();
    const { callId, seat } = await bench.live();
    await seat.audio(null, frame(1600));
    const stricter = bench.newRegistry({ consentRequired: true });
    await stricter.recover();
    const join = { callId, outlet: new Listener() };
    await expect(stricter.join({ ...join, role: "host" })).rejects.toMatchObject({
      code: "consent_required",
    });
    await expect(stricter.join({ ...join, role: "observer" })).resolves.toBeDefined();
  });

  it("S10 start only with consent where it is required, which is kept with its time and name", async () => {
    const bench = new CallBench({ consentRequired: true });
    let warmed = 0;
    bench.engine.start = () => {
      warmed += 1;
      return Promise.resolve();
    };
    for (const request of [
      {},
      { consent: { obtained: false, method: "verbal", note: "sí" } },
      { language: "multi" },
      { playbook: "nowhere", transcriber: "deepgram" },
    ] as const) {
      await expect(bench.registry.start(request)).rejects.toMatchObject({ code: "consent_required" });
    }
    expect([warmed, bench.repository.calls.size, bench.registry.activeCalls()]).toEqual([0, 0, 0]);
    const ana = { id: "user_ana00001", name: "Ana", role: "rep" } as const;
    const call = await bench.registry.start({ consent: { obtained: true, method: "verbal" } }, ana);
    const at = new Date(bench.clock.nowMs()).toISOString();
    expect(call.consent).toEqual({ obtained: true, method: "verbal", at, by: "Ana" });
    expect((await bench.repository.get(call.callId))?.consent).toEqual(call.consent);
  });
});
