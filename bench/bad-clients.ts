// One bad client, as a process of its own: `fork` it with a kind and the address; it goes on until it is ended.
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";

const frame = Buffer.alloc(6400, 7);

async function newCall(url: string): Promise<string> {
  const reply = await fetch(`${url}/session/start`, { method: "POST" });
  const { call_id: callId } = (await reply.json()) as { call_id: string };
  return callId;
}

async function host(url: string, callId?: string): Promise<WebSocket> {
  const id = callId ?? (await newCall(url));
  const ws = new WebSocket(`${url.replace("http", "ws")}/ws/${id}`, { perMessageDeflate: false });
  ws.on("error", () => undefined);
  await new Promise((resolve) => ws.once("open", resolve));
  ws.send('{"type":"start_transcription"}');
  return ws;
}

/** As much as the peer takes: waits while more than a little is unsent. */
async function pour(ws: WebSocket, next: (count: number) => string | Buffer): Promise<void> {
  for (let count = 0; ws.readyState === WebSocket.OPEN; count += 1) {
    ws.send(next(count));
    while (ws.bufferedAmount > 2_000_000) await sleep(1);
    if (count % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function again(run: () => Promise<void>): Promise<void> {
  for (;;) {
    await run().catch(() => undefined);
    await sleep(20);
  }
}

function silentSocket(url: string, words: string): Socket {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1", () => socket.write(words));
  socket.on("error", () => undefined);
  return socket;
}

const deepJson = `{"type":"ping","data":${'{"a":'.repeat(60_000)}1${"}".repeat(60_000)}}`;
const wideJson = `{"type":"ping","data":{${Array.from({ length: 60_000 }, (_, key) => `"k${key}":1e308`).join(",")}}}`;

const kinds = {
  "20 times real time": async (url: string) => {
    const ws = await host(url);
    for (const startedMs = performance.now(), at = { frames: 0 }; ws.readyState === WebSocket.OPEN;) {
      while (at.frames < (performance.now() - startedMs) / 5) {
        ws.send(frame);
        at.frames += 1;
      }
      await sleep(5);
    }
  },
  "audio as fast as TCP": async (url: string) => {
    const large = Buffer.alloc(1_000_000, 3);
    await pour(await host(url), () => large);
  },
  "frames of one sample": async (url: string) => {
    const sample = Buffer.alloc(4);
    await pour(await host(url), () => sample);
  },
  "frames of one byte": async (url: string) => {
    await pour(await host(url), () => Buffer.alloc(1));
  },
  "never reads": async (url: string) => {
    const callId = await newCall(url);
    const ws = await host(url, callId);
    ws.pause();
    await pour(ws, () => '{"type":"ping"}');
  },
  "500 silent": async (url: string) => {
    const callId = await newCall(url);
    const upgrade = `GET /ws/${callId} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
    for (let count = 0; count < 500; count += 1) {
      if (count % 4 === 0) silentSocket(url, "");
      else if (count % 4 === 1) silentSocket(url, upgrade);
      else if (count % 4 === 2) void host(url, callId);
      else
        void new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`).on(
          "error",
          () => undefined,
        );
      if (count % 50 === 49) await sleep(20);
    }
    await sleep(600_000);
  },
  "messages of a million characters": async (url: string) => {
    const text = JSON.stringify({ type: "ping", data: { more: "x".repeat(1_000_000) } });
    await pour(await host(url), () => text);
  },
  "JSON bombs": async (url: string) => {
    await pour(await host(url), (count) => (count % 2 === 0 ? deepJson : wideJson));
  },
  "flood of messages": async (url: string) => {
    await pour(await host(url), (count) => `{"type":"toggle_coach","data":{"enabled":${count % 2 === 0}}}`);
  },
  "flood of replays": async (url: string) => {
    await pour(await host(url), () => '{"type":"start_transcription","data":{"after_seq":0}}');
  },
  "flood of pings": async (url: string) => {
    const ws = await host(url);
    while (ws.readyState === WebSocket.OPEN) {
      for (let count = 0; count < 100; count += 1) ws.ping(Buffer.alloc(125));
      while (ws.bufferedAmount > 2_000_000) await sleep(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  "polled packets by the thousand": async (url: string) => {
    const address = `${url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(address)).text()).slice(1)) as { sid: string };
    await fetch(`${address}&sid=${sid}`, { method: "POST", body: `40{"call_id":"${await newCall(url)}"}` });
    const body = Array.from({ length: 90_000 }, () => '42["ping"]').join("\u001e");
    for (;;) await (await fetch(`${address}&sid=${sid}`, { method: "POST", body })).text();
  },
  "1000 searches": async (url: string) => {
    const answers = Array.from({ length: 1000 }, (_, count) => fetch(`${url}/calls?q=caro${count % 7}`));
    await Promise.all(answers.map(async (answer) => (await answer).text()));
  },
} satisfies Record<string, (url: string) => Promise<void>>;

export type BadKind = keyof typeof kinds;
export const badKinds = Object.keys(kinds) as BadKind[];

const [, entry, kind, url] = process.argv;
if (entry === fileURLToPath(import.meta.url) && kind !== undefined && url !== undefined) {
  process.on("disconnect", () => process.exit(0));
  process.send?.("begins");
  void again(() => kinds[kind as BadKind](url));
}
