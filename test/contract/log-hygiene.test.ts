import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "libsql";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, joined, play } from "./call-client.ts";
import { exchange, get, upgrade } from "./raw-http.ts";
import { ask, eventually, readCall, startBuiltServer, startCall } from "./server-under-test.ts";
import { clip, recordedCall } from "./sound.ts";

const names = {
  title: "Renovacion Xilofono",
  name: "Hermenegilda Quintanilla",
  company: "Zarzuela Hidraulica",
  notes: "apuntes-estrictamente-privados",
  note: "consintio-por-telegrama",
  query: "palabrabuscada",
  key: "clave-secreta-en-la-cabecera",
  cookie: "galleta-muy-secreta",
  token: "senal-que-no-vale",
  body: "cuerpo-que-no-es-json",
  frame: "mensaje-que-no-existe",
  user: "usuario-en-la-direccion",
} as const;

let server: RunningServer;
let call: SessionStartReply;
const said: string[] = [];
beforeAll(async () => {
  server = await startBuiltServer({ LOG_LEVEL: "trace" });
  call = await startCall(server, {
    title: names.title,
    customer: { name: names.name, company: names.company },
    consent: { obtained: true, note: names.note },
  });
}, 120_000);
afterAll(async () => {
  await server.stop();
});

describe("the log of a server that tells everything it can", () => {
  it(
    "tells of a whole call, and of every way to fail, without a word of them",
    { timeout: 120_000 },
    async () => {
      await wholeCall();
      await badSockets();
      await badRequests();
      await failingDatabase();

      const log = server.output();
      // It does tell: requests by path, calls by id, failures.
      expect(log).toContain('"msg":"request"');
      expect(log).toContain(`/calls/${call.call_id}`);
      expect(log).toContain('"level":"error"');
      const secret = (await readFile(join(server.dataFolder, "secret"), "utf8")).trim();
      const forbidden = [
        ...Object.values(names),
        call.token,
        call.token.split(".")[1] ?? "",
        secret,
        ...said,
      ];
      expect(forbidden.length).toBeGreaterThan(20);
      const folded = log.toLowerCase();
      const told = forbidden.filter((text) => text === "" || folded.includes(text.toLowerCase()));
      expect(told).toEqual([]);
      expect(log).not.toMatch(/\?token|token=|Bearer |token\.ey/);
      expect(log).not.toMatch(/[?&](?:q|sid|EIO)=/);
    },
  );
});

async function wholeCall(): Promise<void> {
  const raw = connectRaw(server, call, { tokenIn: "query" });
  await raw.next("session_started");
  const host = connectSocketIo(server, call);
  await joined(host);
  await play(host, clip(recordedCall("es-short").sound, 17_000, 27_000), { speed: 20 });
  const polling = io(server.url, {
    transports: ["polling"],
    auth: { call_id: call.call_id, token: call.token },
    query: { q: names.query },
    reconnection: false,
    forceNew: true,
  });
  await new Promise((resolve) => {
    polling.once("session_started", resolve);
    polling.once("connect_error", resolve);
  });
  polling.disconnect();
  const last = connectSocketIo(server, call);
  await joined(last);
  last.send("stop_transcription");
  await last.next("call_completed", undefined, 60_000);
  const read = await readCall(server, call.call_id);
  // Whole lines and their longer words: short ones stand in any log.
  for (const { text } of read.segments) {
    said.push(text, ...text.split(/[^\p{L}]+/u).filter((word) => word.length >= 7));
  }
  expect(said.length).toBeGreaterThan(3);
  for (const path of ["transcript.txt", "transcript.csv", "audio/mix.wav"]) {
    await ask(server, `/calls/${call.call_id}/${path}`);
  }
  await ask(server, `/calls?q=${encodeURIComponent(names.query)}`);
  const change = { method: "PATCH", body: { notes: names.notes } };
  expect((await ask(server, `/calls/${call.call_id}`, change)).status).toBe(200);
}

async function badSockets(): Promise<void> {
  const wrong = { ...call, token: names.token };
  expect(await connectRaw(server, wrong, { tokenIn: "query" }).closed).toBe(4401);
  expect(await connectRaw(server, wrong).closed).toBe(4401);
  expect(await connectSocketIo(server, wrong).closed).toBe(4401);
  const live = await startCall(server, { title: names.title });
  const raw = connectRaw(server, live);
  await raw.next("session_started");
  raw.send(names.frame, { text: names.body });
  raw.socket.send(`{"type": ${names.body}`);
  raw.send("audio_lost", { first_sample: names.body, samples: -1, reason: names.notes });
  await raw.next("error");
  raw.send("ping");
  await raw.next("pong");
  for (const target of [
    `/ws/${call.call_id}?token=${names.token}`,
    `/socket.io/?EIO=3&token=${names.token}`,
  ]) {
    await exchange(server, upgrade(target, [`Host: evil.example.com`, `Cookie: x=${names.cookie}`]), {
      quietMs: 50,
    });
    await exchange(server, upgrade(target).replace("GET", "POST"), { quietMs: 50 });
  }
}

async function badRequests(): Promise<void> {
  const headers = { Authorization: `Bearer ${names.key}`, Cookie: `session=${names.cookie}` };
  await ask(server, `/calls?q=${names.query}`, { headers });
  await ask(server, `/nothing?token=${names.token}&${names.query}=1`, { headers });
  const json = { ...headers, "Content-Type": "application/json" };
  for (const body of [`{${names.body}`, JSON.stringify({ title: 7, customer: { name: [names.name] } })]) {
    await ask(server, "/session/start", { method: "POST", body, headers: json });
  }
  for (const bytes of [
    get(`/x#token=${names.token}`),
    get(`/calls?q=${names.query}#${names.token}`),
    get(`http://${names.user}:x@localhost/calls?q=${names.query}`),
    `GET /?q=${names.query} HTTP/9.9\r\n\r\n`,
    `GET /?q=${names.query} HTTP/1.1\r\nHost: localhost\r\nX y: ${names.cookie}\r\n\r\n`,
    `GET /?q=${names.query} HTTP/1.1\r\nHost: localhost\r\nX: ${names.cookie.repeat(2000)}\r\n\r\n`,
  ]) {
    await exchange(server, bytes, { quietMs: 50 });
  }
}

/** The tables go while the server runs; whatever it says then, it says without values. */
async function failingDatabase(): Promise<void> {
  const database = new Database(join(server.dataFolder, "coach.db"));
  for (const table of ["calls", "segments", "call_search"]) {
    database.exec(`ALTER TABLE "${table}" RENAME TO "${table}_gone"`);
  }
  database.close();
  const failed = await eventually(async () => {
    const answer = await ask(server, `/calls?q=${names.query}`);
    return answer.status >= 500 ? answer : null;
  }, "the search fails");
  expect(failed.body.toString()).not.toContain("no such table");
  for (const [path, method, body] of [
    ["/session/start", "POST", { title: names.title, customer: { name: names.name } }],
    [`/calls/${call.call_id}`, "PATCH", { title: names.title, notes: names.notes }],
    [`/calls/${call.call_id}`, "GET", undefined],
    [`/calls/${call.call_id}/transcript.txt`, "GET", undefined],
    [`/calls/${call.call_id}`, "DELETE", undefined],
  ] as const) {
    const answer = await ask(server, path, { method, body });
    expect(answer.status, `${method} ${path}`).toBeGreaterThanOrEqual(404);
    for (const text of [names.name, names.notes, "sqlite", "Invalid `"]) {
      expect(answer.body.toString()).not.toContain(text);
    }
  }
}
