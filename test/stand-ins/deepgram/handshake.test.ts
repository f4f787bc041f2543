import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { scriptedWords } from "./scripted-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn } from "./stand-in.ts";
import { liveQuery, TestClient } from "./test-client.ts";

type Query = Readonly<Record<string, string | readonly string[]>>;

let standIn: DeepgramStandIn;
beforeAll(async () => {
  standIn = await startDeepgramStandIn({
    words: scriptedWords({ lines: [], time: "stream" }),
    keys: ["the-right-one"],
    maxStreams: 6,
  });
});
afterAll(() => standIn.close());

const headers = { authorization: "Token the-right-one" };

async function expectLetIn(query: Query): Promise<void> {
  const client = await TestClient.open(standIn.url, { query: { ...liveQuery, ...query }, headers });
  expect(client.requestId).toMatch(/^[0-9a-f-]{36}$/u);
  await client.finish();
}

describe("who is let in", () => {
  it.each([
    ["no key", {}],
    ["another key", { authorization: "Token another" }],
    ["a key without its scheme", { authorization: "the-right-one" }],
  ])("not with %s", async (_, wrong: Record<string, string>) => {
    const refused = await TestClient.refused(standIn.url, { headers: wrong });
    expect(refused).toMatchObject({
      status: 401,
      headers: { "dg-error": "Invalid credentials.", "dg-request-id": refused.body.request_id },
      body: { err_code: "INVALID_AUTH", err_msg: "Invalid credentials." },
    });
  });

  it("is told about the key before the parameters", async () => {
    const refused = await TestClient.refused(standIn.url, { headers: {}, query: { model: "none" } });
    expect(refused.status).toBe(401);
  });

  it("is let in with a bearer token, and with the browsers' subprotocols", async () => {
    const bearer = await TestClient.open(standIn.url, { headers: { authorization: "Bearer the-right-one" } });
    await bearer.finish();
    const socket = new WebSocket(
      `${standIn.url.replace("http", "ws")}/v1/listen?${new URLSearchParams(liveQuery).toString()}`,
      ["token", "the-right-one"],
    );
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    socket.terminate();
  });

  it("waits its turn: one stream more than there is room for gets 429, a third of the room with diarize", async () => {
    const open: TestClient[] = [];
    for (let i = 0; i < 2; i += 1) open.push(await TestClient.open(standIn.url, { headers }));
    const diarize = { ...liveQuery, diarize: "true" };
    expect((await TestClient.refused(standIn.url, { query: diarize, headers })).status).toBe(429);
    for (let i = 0; i < 4; i += 1) open.push(await TestClient.open(standIn.url, { headers }));
    const refused = await TestClient.refused(standIn.url, { headers });
    expect(refused).toMatchObject({ status: 429, body: { err_code: "TOO_MANY_REQUESTS" } });
    for (const client of open) await client.finish();
    await expectLetIn({});
  });

  it("finds nothing at another path", async () => {
    const socket = new WebSocket(`${standIn.url.replace("http", "ws")}/v2/listen`, { headers });
    const message = await new Promise<string>((resolve) => {
      socket.once("error", (error) => {
        resolve(error.message);
      });
    });
    expect(message).toContain("404");
  });
});

describe("parameters", () => {
  it.each<[string, Query]>([
    ["an underscore in the language", { language: "es_MX" }],
    ["a language that Nova-3 has not", { language: "xx" }],
    ["a model that is none", { model: "nova-9" }],
    ["utterance_end_ms=999", { utterance_end_ms: "999" }],
    ["utterance_end_ms=5001", { utterance_end_ms: "5001" }],
    ["utterance_end_ms without interims", { utterance_end_ms: "1000", interim_results: "false" }],
    ["keywords", { keywords: "Acme:2" }],
    ["101 keyterms", { keyterm: Array.from({ length: 101 }, (_, i) => `t${i}`) }],
    [
      "more than 500 tokens of keyterms",
      { keyterm: Array.from({ length: 90 }, () => "otorrinolaringológicamente") },
    ],
    ["pci redaction in Spanish", { redact: "pci" }],
    ["pii redaction among several languages", { redact: "pii", language: "multi" }],
    ["raw audio without its rate", { sample_rate: [] }],
    ["a rate that is no number", { sample_rate: "16k" }],
    ["21 channels", { channels: "21" }],
    ["a truth that is neither", { diarize: "yes" }],
    ["an endpointing that is neither", { endpointing: "soon" }],
    ["a tag of 129 characters", { tag: "x".repeat(129) }],
    ["an extra without a colon", { extra: "campaign" }],
    ["an extra of 2049 characters", { extra: `k:${"x".repeat(2047)}` }],
    ["201 replacements", { replace: Array.from({ length: 201 }, (_, i) => `a${i}:b`) }],
    ["51 searches", { search: Array.from({ length: 51 }, (_, i) => `s${i}`) }],
  ])("are refused with 400 for %s", async (_, query) => {
    const refused = await TestClient.refused(standIn.url, { query: { ...liveQuery, ...query }, headers });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ err_code: "Bad Request", err_msg: refused.headers["dg-error"] });
    expect(refused.body.request_id).toBe(refused.headers["dg-request-id"]);
  });

  it.each<[string, Query]>([
    ["es-419", { language: "es-419" }],
    [
      "multi with endpointing 100 and keyterms",
      { language: "multi", endpointing: "100", keyterm: ["a", "b"] },
    ],
    ["100 keyterms", { keyterm: Array.from({ length: 100 }, (_, i) => `Marca ${i}`) }],
    ["utterance_end_ms=1000 with interims", { utterance_end_ms: "1000" }],
    ["no endpointing", { endpointing: "false" }],
    ["numbers redacted in Spanish", { redact: "numbers" }],
    ["pci redaction in English", { redact: "pci", language: "en" }],
    ["two redactions in English", { redact: ["pii", "numbers"], language: "en-US" }],
    ["the rest", { numerals: "true", profanity_filter: "true", mip_opt_out: "true", no_delay: "true" }],
  ])("are taken for %s", async (_, query) => {
    await expectLetIn(query);
  });
});

describe("faults of handshakes", () => {
  it.each([
    [402, "ASR_PAYMENT_REQUIRED"],
    [403, "INSUFFICIENT_PERMISSIONS"],
    [429, "TOO_MANY_REQUESTS"],
    [503, "INTERNAL_SERVER_ERROR"],
  ])("refuse it with %i %s", async (status, code) => {
    standIn.setFaults({ handshake: { kind: "refuse", status, times: 1 } });
    const refused = await TestClient.refused(standIn.url, { headers });
    expect(refused).toMatchObject({ status, body: { err_code: code } });
    expect(standIn.requests().at(-1)?.status).toBe(status);
    await expectLetIn({});
  });

  it("refuse it in other words when they are given", async () => {
    standIn.setFaults({
      handshake: {
        kind: "refuse",
        status: 400,
        code: "Bad Request",
        message: "Bad Request: because.",
        times: 1,
      },
    });
    expect((await TestClient.refused(standIn.url, { headers })).body.err_msg).toBe("Bad Request: because.");
  });

  it("leave it without an answer", async () => {
    standIn.setFaults({ handshake: { kind: "hang", times: 1 } });
    const socket = new WebSocket(`${standIn.url.replace("http", "ws")}/v1/listen`, { headers });
    const ends: string[] = [];
    for (const end of ["open", "error", "close"]) socket.on(end, () => ends.push(end));
    await sleep(400);
    expect(ends).toEqual([]);
    expect(standIn.requests().at(-1)?.status).toBeNull();
    socket.terminate();
    await expectLetIn({});
  });

  it("cut it", async () => {
    standIn.setFaults({ handshake: { kind: "cut", times: 1 } });
    await expect(TestClient.open(standIn.url, { headers })).rejects.toThrow();
    await expectLetIn({});
  });

  it("take no connections for a while, and then do, on the same port", async () => {
    standIn.setFaults({ refuseConnectionsMs: 300 });
    await expect(TestClient.open(standIn.url, { headers })).rejects.toThrow("ECONNREFUSED");
    for (let tries = 0; tries < 200; tries += 1) {
      await sleep(25);
      const client = await TestClient.open(standIn.url, { headers }).catch(() => null);
      if (client === null) continue;
      await client.finish();
      return;
    }
    throw new Error("it did not come back");
  });

  it("are switched over HTTP as well, and refused when they are none", async () => {
    const post = (body: string) => fetch(`${standIn.url}/_faults`, { method: "POST", body });
    expect((await post('{"handshake":{"kind":"refuse","status":429,"times":1}}')).status).toBe(200);
    expect((await TestClient.refused(standIn.url, { headers })).status).toBe(429);
    expect((await post('{"handshake":{"kind":"sulk"}}')).status).toBe(400);
    expect((await post("not JSON")).status).toBe(400);
    const state = (await (await fetch(`${standIn.url}/_faults`)).json()) as { requests: unknown[] };
    expect(state.requests.length).toBe(standIn.requests().length);
  });
});
