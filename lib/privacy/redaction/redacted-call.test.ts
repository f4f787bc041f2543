import { describe, expect, it } from "vitest";
import { CallBench, frame, type Listener } from "../../call/testing/call-bench.ts";
import { settle } from "../../call/testing/manual-clock.ts";
import type { RegistryOptions } from "../../call/call-registry.ts";
import { PuppetModel } from "../../call/testing/puppet-model.ts";
import { createRedactor } from "./redactor.ts";

const redactor = createRedactor(new Set(["card", "account", "email", "phone", "id"]));
const rep = 0;
const prospect = 1;
const sampleRateHz = 16_000;

function benchWith(options: Partial<RegistryOptions> = {}): CallBench {
  return new CallBench({ redactor, ...options });
}

/** Digits, and number words of the numbers in use here. */
const anyDigit = /\d|cuatro|dos|cinco|seis|doce|treinta/u;

function textsOf(heard: Listener): string[] {
  return heard
    .of("transcript_update")
    .flatMap(({ text, words }) => [text, ...words.map((word) => word.text)]);
}

const lastText = (heard: Listener, segmentId: string): string | undefined =>
  heard.of("transcript_update").findLast((update) => update.segment_id === segmentId)?.text;

describe("a call with redaction", () => {
  it("never tells a language model a number, in the sentence or in what was said before", async () => {
    const model = new PuppetModel();
    const bench = benchWith({ model });
    const { seat } = await bench.live();
    await seat.audio(0, frame(sampleRateHz * 5));
    bench.stream.say(rep, "¿Me repite el 4242 4242 4242 4242?", { id: "q", fromMs: 0, toMs: 2000 });
    bench.stream.say(prospect, "quizá, mi tarjeta es 4242 4242 4242 4242", {
      id: "a",
      fromMs: 2500,
      toMs: 6000,
    });
    await settle();
    const [asked] = model.asked;
    expect(asked?.question.said).toContain("[card]");
    expect(JSON.stringify(asked?.question)).not.toMatch(/4242/u);
  });

  it("never sends or stores a card number that is given in pieces while the other side listens", async () => {
    const bench = benchWith();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(sampleRateHz * 5));
    bench.stream.say(rep, "¿Me da el número de tarjeta?", { id: "q", fromMs: 0, toMs: 1500 });
    const pieces = [
      "sí cuatro dos cuatro dos",
      "cuatro dos cuatro dos",
      "cuatro dos cuatro dos",
      "cuatro dos cuatro dos",
    ];
    for (const [i, piece] of pieces.entries()) {
      const at = { id: `p${i}`, fromMs: 2000 + i * 3000, toMs: 4000 + i * 3000 };
      const words = piece.split(" ");
      for (let said = 1; said < words.length; said++) {
        bench.stream.say(prospect, words.slice(0, said).join(" "), { ...at, final: false });
      }
      bench.stream.say(prospect, piece, at);
      bench.stream.say(rep, "ajá", { id: `a${i}`, fromMs: 4000 + i * 3000, toMs: 4300 + i * 3000 });
    }
    await seat.stop();
    await settle();
    expect(textsOf(heard).filter((text) => anyDigit.test(text))).toEqual([]);
    expect(JSON.stringify(heard.messages)).toContain("[card]");
    const stored = await bench.repository.load(callId);
    const events = await bench.repository.eventsAfter(callId, 0, 1000);
    expect(JSON.stringify([stored?.segments, events])).not.toMatch(/cuatro|dos/u);
    expect(stored?.segments.map(({ text }) => text)).toContain("sí [card]");
  });

  it("shows again what was held back and was no number", async () => {
    const bench = benchWith();
    const { seat, heard } = await bench.live();
    await seat.audio(0, frame(sampleRateHz * 10));
    bench.stream.say(prospect, "somos trescientos cuarenta y siete", { id: "a", fromMs: 0, toMs: 1000 });
    bench.stream.say(prospect, "y luego apunté uno cinco nueve", { id: "b", fromMs: 1500, toMs: 2500 });
    await settle();
    const [first] = heard.of("transcript_update");
    expect(first?.text).toBe("somos trescientos cuarenta y siete");
    await settle();
    expect(heard.of("transcript_update").at(-1)?.text).toBe("y luego apunté [number]");
    bench.stream.say(prospect, "que son las salas que tenemos", { id: "c", fromMs: 3000, toMs: 4000 });
    await settle();
    const held = heard.of("transcript_update").filter(({ reason }) => reason === "redaction");
    expect(held).toMatchObject([{ text: "y luego apunté uno cinco nueve", revision: 2, is_final: true }]);
    expect(held[0]?.words.map(({ text }) => text)).toEqual(["y", "luego", "apunté", "uno", "cinco", "nueve"]);
  });

  it("takes back what was sent when more makes a number of it, in the stored events too", async () => {
    const bench = benchWith();
    const { callId, seat, heard } = await bench.live();
    await seat.audio(0, frame(sampleRateHz * 10));
    // Two digits are shown: they may be anything.
    bench.stream.say(prospect, "es muy caro seis uno", { id: "a", fromMs: 0, toMs: 1000 });
    await settle();
    expect(heard.of("transcript_update").at(-1)?.text).toBe("es muy caro seis uno");
    bench.stream.say(prospect, "treinta y cuatro cincuenta y seis setenta", {
      id: "b",
      fromMs: 2000,
      toMs: 4000,
    });
    await settle();
    const [segment] = heard.of("transcript_update");
    expect(lastText(heard, segment?.segment_id ?? "")).toBe("es muy caro [phone]");
    await seat.stop();
    await settle();
    const events = JSON.stringify(await bench.repository.eventsAfter(callId, 0, 1000));
    expect(events).not.toMatch(/seis|uno|treinta|cincuenta/u);
    const objections = heard.of("objection_detected");
    expect(objections.at(-1)).toMatchObject({
      text: "caro",
      status: "confirmed",
      evidence: [{ start: 7, end: 11 }],
    });
  });

  it("masks the beginning of a number in every interim, and gives the mark the words' time", async () => {
    const bench = benchWith();
    const { seat, heard } = await bench.live();
    await seat.audio(0, frame(sampleRateHz * 5));
    const words = "llámame al seis cinco cuatro treinta doce cinco dos gracias".split(" ");
    for (let said = 1; said <= words.length; said++) {
      bench.stream.say(prospect, words.slice(0, said).join(" "), {
        final: said === words.length,
        fromMs: 0,
        toMs: said * 200,
      });
    }
    await settle();
    expect(textsOf(heard).filter((text) => anyDigit.test(text))).toEqual([]);
    const final = heard.of("transcript_update").at(-1);
    expect(final?.text).toBe("llámame al [phone] gracias");
    expect(final?.words).toMatchObject([
      { text: "llámame" },
      { text: "al" },
      { text: "[phone]", ts_ms: 400, end_ms: 1800 },
      { text: "gracias" },
    ]);
  });

  it("takes out of titles, customers and notes what people type", async () => {
    const bench = benchWith();
    const { callId } = await bench.live({
      title: "Tarjeta 4242 4242 4242 4242",
      customer: { name: "Ana", company: "ana@ejemplo.es" },
    });
    await bench.registry.patch(callId, { notes: "Su móvil: 612 345 678. Paga 1.200 euros." });
    const { call } = await bench.registry.status(callId);
    expect(call).toMatchObject({
      title: "Tarjeta [card]",
      customer: { name: "Ana", company: "[email]" },
      notes: "Su móvil: [phone]. Paga 1.200 euros.",
    });
  });
});

describe("a call with REDACT_AUDIO", () => {
  const options = { redactAudio: true };

  async function audioOf(
    registry: CallBench["registry"],
    callId: string,
  ): Promise<(channel: number, atMs: number) => number> {
    const recording = await registry.recording(callId);
    const pcm = await recording.read(0, recording.samples);
    await recording.close();
    const view = new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength);
    return (channel, atMs) => view.getInt16(Math.floor((atMs * sampleRateHz) / 1000) * 4 + channel * 2, true);
  }

  it("silences the utterance on its channel only, before the call is completed", async () => {
    const bench = benchWith(options);
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(sampleRateHz * 10, 5));
    bench.stream.say(prospect, "mi tarjeta es 4242 4242 4242 4242", { id: "a", fromMs: 3000, toMs: 5000 });
    bench.stream.say(rep, "muy bien", { id: "b", fromMs: 6000, toMs: 6500 });
    await seat.stop();
    await settle();
    const at = await audioOf(bench.registry, callId);
    expect([2750, 3000, 4000, 5000, 5250].map((ms) => at(prospect, ms))).toEqual([0, 0, 0, 0, 0]);
    expect([2600, 5400, 9900].map((ms) => at(prospect, ms))).toEqual([0x0505, 0x0505, 0x0505]);
    expect([3000, 4000, 5000].map((ms) => at(rep, ms))).toEqual([0x0505, 0x0505, 0x0505]);
  });

  it("gives nothing to listen to before it is known what was said", async () => {
    const bench = benchWith(options);
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(sampleRateHz * 4, 5));
    expect((await audioOf(bench.registry, callId))(prospect, 1000)).toBe(0);
    bench.stream.emit({
      type: "progress",
      consumedSample: sampleRateHz * 4,
      settledSample: sampleRateHz * 2,
    });
    const at = await audioOf(bench.registry, callId);
    expect([at(prospect, 1900), at(prospect, 2100)]).toEqual([0x0505, 0]);
  });

  it("does not settle what may still have to be silenced", async () => {
    const bench = benchWith(options);
    const { callId, seat } = await bench.live();
    for (let second = 0; second < 40; second += 5) {
      await seat.audio(sampleRateHz * second, frame(sampleRateHz * 5, 5));
    }
    bench.stream.say(prospect, "el teléfono es 612", { id: "a", fromMs: 3000, toMs: 5000 });
    await bench.clock.advance(2000);
    bench.stream.emit({
      type: "progress",
      consumedSample: sampleRateHz * 6,
      settledSample: sampleRateHz * 6,
    });
    await settle();
    expect((await bench.registry.status(callId)).call.settledSample).toBe(sampleRateHz * 3);
    await bench.clock.advance(11_000);
    bench.stream.emit({
      type: "progress",
      consumedSample: sampleRateHz * 30,
      settledSample: sampleRateHz * 30,
    });
    await settle();
    expect((await bench.registry.status(callId)).call.settledSample).toBe(sampleRateHz * 30);
  });

  it("silences after a restart what a process that died had marked and not silenced", async () => {
    const bench = benchWith(options);
    const { callId, seat } = await bench.live();
    await seat.audio(0, frame(sampleRateHz * 10, 5));
    bench.stream.say(prospect, "mi tarjeta es 4242 4242 4242 4242", { id: "a", fromMs: 3000, toMs: 5000 });
    await settle();
    bench.recorder.recordings.get(callId)?.bytes.fill(5);
    const next = bench.newRegistry({ redactor, ...options });
    await next.recover();
    const at = await audioOf(next, callId);
    expect(at(prospect, 4000)).toBe(0);
    expect(bench.recorder.recordings.get(callId)?.bytes[sampleRateHz * 4 * 4 + 2]).toBe(0);
    expect(bench.recorder.recordings.get(callId)?.bytes[sampleRateHz * 4 * 4]).toBe(5);
  });
});
