import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { RawData, WebSocket } from "ws";
import { startTestServer, tokenFor } from "./testing/test-server.ts";

const clientsFolder = join(import.meta.dirname, "../../docs/clients");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const clients = [
  { name: "node-net-client.mjs", command: process.execPath, runs: true, remark: "" },
  {
    name: "python-client.py",
    command: "python3",
    runs: hasPython,
    remark: hasPython ? "" : " (NOT RUN: this machine has no python3)",
  },
] as const;

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

interface Wav {
  readonly file: string;
  readonly pcm: Buffer;
}

/** With a chunk of odd length before the samples, as some recorders write. */
function makeWav(rateHz: number, channels: 1 | 2, seconds: number): Wav {
  const pcm = Buffer.from(
    Array.from({ length: Math.round(rateHz * seconds) * channels * 2 }, (_, i) => (i * 7) % 256),
  );
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rateHz, 4);
  format.writeUInt32LE(rateHz * channels * 2, 8);
  format.writeUInt16LE(channels * 2, 12);
  format.writeUInt16LE(16, 14);
  const chunk = (id: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(id, "latin1");
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const body = Buffer.concat([chunk("fmt ", format), chunk("LIST", Buffer.from("odd")), chunk("data", pcm)]);
  const folder = mkdtempSync(join(tmpdir(), "coach-clients-"));
  cleanup.push(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "call.wav");
  writeFileSync(file, Buffer.concat([chunk("RIFF", Buffer.concat([Buffer.from("WAVE"), body]))]));
  return { file, pcm };
}

interface Run {
  readonly status: number | null;
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
  readonly errors: string;
}

async function run(command: string, name: string, file: string, port: number): Promise<Run> {
  const args = [join(clientsFolder, name), file, "--server", `http://127.0.0.1:${port}`, "--speed", "8"];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  cleanup.push(() => child.kill());
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = output.split("\n").filter((line) => line !== "");
  return { status, errors, events: lines.map((line) => JSON.parse(line) as Run["events"][number]) };
}

for (const { name, command, runs, remark } of clients) {
  describe(`the example client ${name}${remark}`, () => {
    test.runIf(runs)("streams a stereo call to the gateway and ends with call_completed", async () => {
      const callId = "call_example";
      const server = await startTestServer();
      cleanup.push(() => server.stop());
      const call = server.door.add(callId);
      let asked: unknown;
      server.httpServer.removeAllListeners("request");
      server.httpServer.on("request", (request, response) => {
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
          asked = JSON.parse(body);
          const wsUrl = `ws://127.0.0.1:${server.port}/ws/${callId}?token=${tokenFor("host", callId)}`;
          const reply = JSON.stringify({ call_id: callId, ws_url: wsUrl });
          // Two chunks: the reply has no length.
          response.write(reply.slice(0, 11));
          response.end(reply.slice(11));
        });
      });
      const wav = makeWav(16_000, 2, 1.25);
      const { status, events, errors } = await run(command, name, wav.file, server.port);
      expect(errors).toBe("");
      expect(status).toBe(0);
      expect(asked).toEqual({ language: "es", audio_mode: "stereo", sample_rate: 16_000 });
      const types = events.map((event) => event.type);
      expect(types[0]).toBe("session_started");
      expect(types).toContain("audio_ack");
      expect(types.at(-1)).toBe("call_completed");
      expect(events.at(-1)?.data.duration_ms).toBe(1250);
      expect(Buffer.concat(call.audio).equals(wav.pcm)).toBe(true);
    });

    test.runIf(runs)("understands fragments, pings, long messages, and speaks mono at any rate", async () => {
      const wav = makeWav(22_050, 1, 0.55);
      const detail = "ñ".repeat(40_000);
      const heard: string[] = [];
      const audio: Buffer[] = [];
      const httpServer = createServer((request, response) => {
        request.resume();
        const { port } = httpServer.address() as AddressInfo;
        const reply = JSON.stringify({ ws_url: `ws://127.0.0.1:${port}/ws/call_example` });
        response.writeHead(200, { "Content-Length": reply.length }).end(reply);
      });
      const sockets = new WebSocketServer({ server: httpServer });
      sockets.on("connection", (ws: WebSocket) => {
        ws.on("pong", (payload: Buffer) => heard.push(`pong ${payload.toString()}`));
        ws.on("message", (body: RawData, isBinary: boolean) => {
          if (isBinary) {
            audio.push(body as Buffer);
            return;
          }
          const { type } = JSON.parse((body as Buffer).toString()) as { type: string };
          heard.push(type);
          if (type !== "stop_transcription") return;
          ws.send(JSON.stringify({ type: "status", data: { detail } }));
          ws.send(JSON.stringify({ type: "call_completed", data: {} }));
        });
        ws.send('{"type":"session_st', { fin: false });
        ws.ping("still there?");
        ws.send('arted","data":{"next_', { fin: false });
        ws.send('sample":0}}', { fin: true });
        ws.send('{"type":"ping","data":{}}');
      });
      await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
      cleanup.push(() => httpServer.close());
      const { port } = httpServer.address() as AddressInfo;
      const { status, events, errors } = await run(command, name, wav.file, port);
      expect(errors).toBe("");
      expect(status).toBe(0);
      expect(events.map((event) => event.type)).toEqual([
        "session_started",
        "ping",
        "status",
        "call_completed",
      ]);
      expect(events[2]?.data.detail).toBe(detail);
      expect(heard).toContain("pong still there?");
      expect(heard.filter((type) => !type.startsWith("pong "))).toEqual(
        expect.arrayContaining(["start_transcription", "pong", "stop_transcription"]),
      );
      expect(Buffer.concat(audio).equals(wav.pcm)).toBe(true);
    });

    test.runIf(runs)("fails with the reason when the server refuses", async () => {
      const httpServer = createServer((_request, response) => {
        response
          .writeHead(429, { "Content-Type": "application/problem+json" })
          .end('{"code":"too_many_calls"}');
      });
      await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
      cleanup.push(() => httpServer.close());
      const { port } = httpServer.address() as AddressInfo;
      const { status, errors } = await run(command, name, makeWav(8000, 1, 0.1).file, port);
      expect(status).toBe(1);
      expect(errors).toContain("429");
    });
  });
}
