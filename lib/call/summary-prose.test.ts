import { describe, expect, it } from "vitest";
import { SummaryProse } from "./summary-prose.ts";
import { CallBench, frame, quietLogger } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";
import { PuppetModel } from "./testing/puppet-model.ts";

async function completed(prose: string | null) {
  const model = new PuppetModel();
  model.prose = prose;
  const bench = new CallBench();
  const writer = new SummaryProse({ model, repository: bench.repository, logger: quietLogger });
  bench.registry = bench.newRegistry({ prose: writer });
  const call = await bench.live();
  await call.seat.audio(0, frame(16_000 * 4));
  bench.stream.say(0, "Le mando el contrato el lunes.", { id: "r", fromMs: 0, toMs: 1500 });
  bench.stream.say(1, "Es caro.", { id: "p", fromMs: 2000, toMs: 3500 });
  await settle();
  await call.seat.stop();
  await settle();
  return { bench, model, writer, ...call };
}

describe("prose about a completed call", () => {
  it("is asked for once, on its facts, and stands in the summary when it comes; the end of the call has not waited (L7)", async () => {
    const { bench, callId, heard, model } = await completed("El cliente objetó el precio.");
    expect(model.facts).toHaveLength(1);
    expect(model.facts[0]?.map(({ text }) => text)).toEqual([
      "La llamada duró 4 segundos.",
      "El vendedor habló 2 segundos y el cliente 2 segundos.",
      "El cliente objetó el precio: «caro».",
      "Próximo paso: «Mando el contrato el lunes».",
    ]);
    expect(heard.of("call_completed")[0]?.summary).not.toHaveProperty("prose");
    const stored = await bench.repository.load(callId);
    expect(stored?.call.summary).toMatchObject({
      total_objections: 1,
      prose: { text: "El cliente objetó el precio.", source: "llm" },
    });
    expect(stored?.call.modelUsage).toMatchObject({ requests: 1, promptTokens: 100 });
  });

  it("leaves the summary as it is when there is none, and what it cost is counted", async () => {
    const { bench, callId } = await completed(null);
    const stored = await bench.repository.load(callId);
    expect(stored?.call.summary).not.toHaveProperty("prose");
    expect(stored?.call.modelUsage.requests).toBe(1);
  });

  it("is not asked for once the server goes down", async () => {
    const { bench, callId, model, writer } = await completed(null);
    await writer.close();
    const stored = await bench.repository.load(callId);
    const summary = stored?.call.summary;
    if (!stored || !summary) throw new Error("the call is not there");
    writer.write(stored.call, stored, summary, 64_000);
    await settle();
    expect(model.facts).toHaveLength(1);
  });
});
