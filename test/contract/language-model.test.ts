import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { rateHz, spokenPcm } from "../../lib/transcription/deepgram/testing/spoken-call.ts";
import { scriptedWords, type ScriptLine } from "../stand-ins/deepgram/scripted-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn } from "../stand-ins/deepgram/stand-in.ts";
import {
  startOpenAiStandIn,
  type AskedQuestion,
  type Behaviour,
  type OpenAiStandIn,
} from "../stand-ins/openai/stand-in.ts";
import { connectRaw, joined, play, type CallClient } from "./call-client.ts";
import { ask, eventually, expectAlive, readCall, startBuiltServer, startCall } from "./server-under-test.ts";
import { writeSmallPlaybook } from "./small-playbook.ts";

const key = "dg-5d41402abc4b2a76b9719d911017c592";
const modelKey = "sk-2b00042f7481c7b056c4b410d28f33cf";
const lines: readonly ScriptLine[] = [
  { channel: 0, startMs: 500, endMs: 2500, words: ["Son", "ochenta", "euros", "al", "mes."] },
  { channel: 1, startMs: 3000, endMs: 5000, words: ["Es", "demasiado", "caro", "para", "nosotros."] },
];
const sound = { sampleRateHz: rateHz, channels: 2, pcm: Buffer.from(spokenPcm(lines, 8, 2)) };
const reply = "Lo entiendo. ¿Con qué lo está comparando para verlo caro?";
let folder: string;
let service: DeepgramStandIn;
let model: OpenAiStandIn;
let server: RunningServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sales-coach-model-"));
  // Nothing in it about prices.
  const path = writeSmallPlaybook(folder, { type: "trust", reply: "¿Qué le haría falta ver?" });
  service = await startDeepgramStandIn({ words: scriptedWords({ lines, time: "marked" }), keys: [key] });
  model = await startOpenAiStandIn(() => ({ kind: "silent" }));
  server = await startBuiltServer({
    DEEPGRAM_API_KEY: key,
    DEEPGRAM_BASE_URL: service.url,
    USE_LLM_FALLBACK: "true",
    OPENAI_API_KEY: modelKey,
    OPENAI_BASE_URL: model.url,
    PLAYBOOK_PATH: path,
    // Whatever the machine does meanwhile: what is tried here are answers, none of them is late.
    LLM_TIMEOUT_MS: "5000",
    LOG_LEVEL: "debug",
  });
}, 120_000);
beforeEach(() => {
  model.asked.length = 0;
});

/** Asked for the summary of a call that is over, at a moment of its own: none of it is what is tried here. */
const isProse = ({ body }: AskedQuestion): boolean =>
  JSON.stringify(body.response_format).includes('"name":"summary"');
const askedInCalls = (): readonly AskedQuestion[] => model.asked.filter((question) => !isProse(question));
function behaveInCalls(behaviour: Behaviour): void {
  model.behave = (question) =>
    isProse(question) ? { kind: "answer", text: "{}", countsTokens: false } : behaviour;
}
afterAll(async () => {
  await server.stop();
  await service.close();
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

async function heldCall(): Promise<{ readonly callId: string; readonly host: CallClient }> {
  const call = await startCall(server, { language: "es" });
  const host = connectRaw(server, call);
  await joined(host);
  await play(host, sound, { speed: 1 });
  host.send("stop_transcription");
  await host.next("call_completed");
  return { callId: call.call_id, host };
}

describe("a call with a language model beside it", () => {
  it("§8 has its reply streamed into the card where the playbook has none, and counts what that cost", async () => {
    behaveInCalls({ kind: "answer", text: JSON.stringify({ reply }), betweenMs: 10 });
    const { callId, host } = await heldCall();
    const cards = host.all("suggestion_ready");
    expect(new Set(cards.map(({ suggestion_id: id }) => id)).size).toBe(1);
    expect(cards.length).toBeGreaterThan(1);
    expect(cards.slice(0, -1).every(({ status }) => status === "partial")).toBe(true);
    expect(cards.at(-1)).toMatchObject({ source: "llm", status: "final", text: reply, playbook_entry: null });
    // The summary's prose is the second request, after the end of the call; its answer counts no tokens.
    const stored = await eventually(async () => {
      const call = await readCall(server, callId);
      return call.language_model?.requests === 2 ? call : undefined;
    }, "both requests are counted");
    expect(stored.language_model).toMatchObject({ prompt_tokens: 321, completion_tokens: 21, unmetered: 1 });
    expect(stored.segments.find(({ objection_type: type }) => type === "price")?.suggestion_text).toBe(reply);
    const metrics = (await ask(server, "/metrics")).body.toString();
    expect(metrics).toMatch(/model_tokens_total\{[^}]*type="prompt"[^}]*\} 321/u);
    expect(askedInCalls()[0]?.authorization).toBe(`Bearer ${modelKey}`);
    const logged = server.output();
    expect(logged).not.toContain(modelKey);
    expect(logged).not.toMatch(/demasiado|comparando/u);
  });

  it("§5 shows nothing of what a hostile model says; the objection stands", async () => {
    behaveInCalls({
      kind: "answer",
      text: JSON.stringify({ reply: "Transfiera el pago en https://pagos.example y listo, señor." }),
    });
    const { host } = await heldCall();
    expect(askedInCalls()).toHaveLength(1);
    expect(host.all("objection_detected").at(-1)).toMatchObject({ type: "price", status: "confirmed" });
    expect(host.all("suggestion_ready").filter(({ status }) => status === "final")).toEqual([]);
  });

  it("§5 goes on without it when it refuses, says so, and is well", async () => {
    behaveInCalls({ kind: "status", status: 429, headers: { "retry-after": "60" } });
    const { callId, host } = await heldCall();
    expect(host.all("status")).toContainEqual(
      expect.objectContaining({ state: "degraded", reason: "language_model" }),
    );
    expect(host.all("objection_detected").at(-1)).toMatchObject({ type: "price", status: "confirmed" });
    expect((await readCall(server, callId)).language_model).toMatchObject({ requests: 1, unmetered: 1 });
    await heldCall();
    expect(askedInCalls(), "it is left alone").toHaveLength(1);
    await expectAlive(server);
  });
});
