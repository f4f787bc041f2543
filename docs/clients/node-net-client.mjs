// Streams a WAV file as a live call and prints every event as one JSON line. Nothing but node:net.
// node node-net-client.mjs call.wav [--server http://127.0.0.1:8000] [--language es] [--speed 1] [--key KEY]
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";

const args = process.argv.slice(2);
const option = (name, otherwise) => (args.includes(name) ? args[args.indexOf(name) + 1] : otherwise);
const server = new URL(option("--server", "http://127.0.0.1:8000"));
const dial = () => connect(server.port || 80, server.hostname.replace(/[[\]]/g, "")).setNoDelay();

function readWav(file) {
  const bytes = readFileSync(file);
  const chunks = {};
  for (let at = 12, size; at + 8 <= bytes.length; at += 8 + size + (size % 2)) {
    size = bytes.readUInt32LE(at + 4);
    chunks[bytes.toString("latin1", at, at + 4)] = bytes.subarray(at + 8, at + 8 + size);
  }
  const { "fmt ": fmt, data } = chunks;
  if (fmt?.readUInt16LE(14) !== 16 || fmt.readUInt16LE(2) > 2)
    throw new Error("only 16-bit PCM, mono or stereo");
  return { channels: fmt.readUInt16LE(2), rate: fmt.readUInt32LE(4), pcm: data };
}

/** The body of a chunked reply; a reply may also have a length or go on to the end of the connection. */
function dechunked(body) {
  const line = body.indexOf("\r\n");
  const size = parseInt(body.toString("latin1", 0, line), 16);
  if (!size) return Buffer.alloc(0);
  return Buffer.concat([body.subarray(line + 2, line + 2 + size), dechunked(body.subarray(line + 4 + size))]);
}

async function post(path, body) {
  const authorization = args.includes("--key") ? `Authorization: Bearer ${option("--key")}\r\n` : "";
  const socket = dial();
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${server.host}\r\nConnection: close\r\n${authorization}` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const reply = Buffer.concat(await socket.toArray());
  const [head, rest] = [
    reply.toString("latin1").split("\r\n\r\n")[0],
    reply.subarray(reply.indexOf("\r\n\r\n") + 4),
  ];
  const text = /^transfer-encoding: *chunked/im.test(head) ? dechunked(rest) : rest;
  if (!head.startsWith("HTTP/1.1 200 ")) throw new Error(`${head.split("\r\n")[0]}: ${text}`);
  return JSON.parse(text);
}

/** Writes a masked frame (RFC 6455, 5.2); opcodes: 1 text, 2 binary, 8 close, 10 pong. False: wait for `drain`. */
function write(opcode, payload) {
  const size = payload.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10, 0x80 | opcode);
  head[1] = 0x80 | (size < 126 ? size : size < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  const mask = randomBytes(4);
  return socket.write(Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4])]));
}
const send = (type, data = {}) => write(1, Buffer.from(JSON.stringify({ type, data })));

async function stream(firstSample) {
  send("start_transcription", { after_seq: 0 });
  const frameBytes = Math.round(wav.rate / 10) * wav.channels * 2; // 100 ms
  const startMs = performance.now();
  for (let at = firstSample * wav.channels * 2, sent = 1; at < wav.pcm.length; at += frameBytes, sent += 1) {
    if (!write(2, wav.pcm.subarray(at, at + frameBytes))) await new Promise((go) => socket.once("drain", go));
    const dueMs = startMs + (sent * 100) / Number(option("--speed", "1"));
    await new Promise((go) => setTimeout(go, dueMs - performance.now()));
  }
  send("stop_transcription");
}

let buffered = Buffer.alloc(0);
async function read(bytes) {
  while (buffered.length < bytes) {
    const { value, done } = await incoming.next();
    if (done) throw new Error("the connection ended before call_completed");
    buffered = Buffer.concat([buffered, value]);
  }
  const part = buffered.subarray(0, bytes);
  buffered = buffered.subarray(bytes);
  return part;
}

const wav = readWav(args[0]);
const audioMode = wav.channels === 2 ? "stereo" : "mono";
const wish = { language: option("--language", "es"), audio_mode: audioMode, sample_rate: wav.rate };
const { pathname, search } = new URL((await post("/session/start", JSON.stringify(wish))).ws_url);
const socket = dial();
const incoming = socket.iterator();
socket.write(
  `GET ${pathname}${search} HTTP/1.1\r\nHost: ${server.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
);
let head = "";
while (!head.endsWith("\r\n\r\n")) head += (await read(1)).toString("latin1");
if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head);

for (let message = Buffer.alloc(0); ;) {
  const [first, second] = await read(2);
  const length = second === 126 ? (await read(2)).readUInt16BE() : second === 127 ? await read(8) : second;
  const payload = await read(typeof length === "number" ? length : Number(length.readBigUInt64BE()));
  const opcode = first & 0x0f;
  if (opcode === 8) throw new Error(`closed with ${payload.length < 2 ? "no code" : payload.readUInt16BE()}`);
  if (opcode === 9) write(10, payload);
  if (opcode > 2) continue;
  message = Buffer.concat([message, payload]);
  if (first < 0x80) continue; // More fragments follow.
  const { type, data } = JSON.parse(message);
  message = Buffer.alloc(0);
  console.log(JSON.stringify({ type, data }));
  if (type === "session_started") void stream(data.next_sample);
  if (type === "ping") send("pong");
  if (type === "call_completed") break;
}
write(8, Buffer.from([0x03, 0xe8])); // 1000
socket.end();
