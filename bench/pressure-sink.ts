// In place of the server for bad clients: takes as many bytes a second as it is told, and makes nothing of them.
// `fork` it, wait for its address, send it the bytes a second.
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";

/** RFC 6455, 1.3. */
const acceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const turnMs = 10;

let bytesPerSec = 10_000_000;
let budget = 0;
const waiting = new Set<Socket>();
setInterval(() => {
  budget = Math.min(budget + (bytesPerSec * turnMs) / 1000, bytesPerSec / 10);
  if (budget <= 0) return;
  for (const socket of waiting) socket.resume();
  waiting.clear();
}, turnMs);

function json(body: object): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

/** Requests of HTTP with the length of what follows each; a client that has upgraded is not looked at any more. */
function answer(socket: Socket): void {
  let seen = "";
  let skip = 0;
  let upgraded = false;
  socket.on("data", (chunk) => {
    budget -= chunk.byteLength;
    if (budget <= 0) {
      socket.pause();
      waiting.add(socket);
    }
    if (upgraded) return;
    if (chunk.byteLength <= skip) {
      skip -= chunk.byteLength;
      return;
    }
    seen += chunk.toString("latin1", skip);
    skip = 0;
    for (;;) {
      const end = seen.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = seen.slice(0, end);
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? "0");
      const body = seen.slice(end + 4);
      seen = body.slice(length);
      skip = Math.max(0, length - body.length);
      const key = /^sec-websocket-key: (\S+)/im.exec(head)?.[1];
      if (key !== undefined) {
        upgraded = true;
        const accept = createHash("sha1").update(`${key}${acceptGuid}`).digest("base64");
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
        return;
      }
      if (head.startsWith("GET /socket.io/")) {
        const open = `0{"sid":"sink"}`;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${open.length}\r\n\r\n${open}`);
      } else socket.write(json(head.startsWith("GET") ? { calls: [] } : { call_id: "call_sinksinksink" }));
    }
  });
  socket.on("error", () => undefined);
}

process.on("message", (rate) => {
  bytesPerSec = Math.max(1000, Number(rate));
});
process.on("disconnect", () => process.exit(0));
const server = createServer(answer).listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.({ port: address.port });
});
