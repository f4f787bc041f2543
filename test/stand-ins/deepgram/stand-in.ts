import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { ZodError } from "zod";
import { FaultBoard, type FaultSwitches, type Unanswered } from "./faults.ts";
import { credentialOf, readListenQuery, refusals, type Refusal } from "./listen-query.ts";
import { ListenStream, type StreamRecord, type StreamTimings } from "./listen-stream.ts";
import { transcribeRecorded } from "./recorded-listen.ts";
import type { WordSources } from "./word-source.ts";

export interface DeepgramStandInOptions extends Partial<StreamTimings> {
  /** `scriptedWords` or `recognisedWords`. */
  readonly words: WordSources;
  readonly port?: number;
  /** Keys that are let in; by default any. */
  readonly keys?: readonly string[];
  readonly faults?: FaultSwitches;
  /** Decides lengths of segments, uncertain words, late results. */
  readonly seed?: number;
  /** Streams at once; with `diarize`, a third of them. More get 429. */
  readonly maxStreams?: number;
  /** The digest of all audio, as Metadata has it; load tests spare it. */
  readonly hashesAudio?: boolean;
  /** By default it does. */
  readonly answersPings?: boolean;
}

/** A request as it came, answered or not. */
export interface RequestRecord {
  readonly kind: "stream" | "recorded";
  readonly requestId: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly atMs: number;
  readonly contentType: string | null;
  bodyBytes: number;
  /** 101 for a stream; null while, or because, nothing was answered. */
  status: number | null;
}

export interface DeepgramStandIn {
  /** `http://127.0.0.1:PORT`; streams at the same place with `ws:`. */
  readonly url: string;
  /** Replaces all faults; `{}` is a service that works. Throws on what is no fault. */
  readonly setFaults: (faults: FaultSwitches) => void;
  /** Every stream that was let in, oldest first. */
  readonly sessions: () => readonly StreamRecord[];
  readonly requests: () => readonly RequestRecord[];
  /** Those that are open; to be closed, cut or stalled from outside. */
  readonly openStreams: () => readonly ListenStream[];
  readonly close: () => Promise<void>;
}

const path = "/v1/listen";
const faultsPath = "/_faults";
const diarizeShare = 3;
const defaults = {
  readSpeed: 1.25,
  idleTimeoutMs: 10_000,
  answerTimeoutMs: 30_000,
  maxStreams: 150,
  seed: 1,
};
const maxBodyBytes = 512 * 1024 * 1024;
const ownWords = new Map<number, Refusal>([
  [400, refusals.badRequest("The request is refused.")],
  [401, refusals.invalidAuth],
  [402, refusals.paymentRequired],
  [403, refusals.insufficientPermissions],
  [429, refusals.tooManyRequests],
]);

/** Deepgram's `/v1/listen`, live and recorded, on this machine: see README.md. */
export async function startDeepgramStandIn(options: DeepgramStandInOptions): Promise<DeepgramStandIn> {
  const settings = { ...defaults, ...options };
  const faults = new FaultBoard();
  const streams: ListenStream[] = [];
  const requests: RequestRecord[] = [];
  const connections = new Set<Duplex>();
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    autoPong: options.answersPings ?? true,
    handleProtocols: (protocols) => [...protocols][0] ?? false,
  });
  const requestIds = new WeakMap<IncomingMessage, string>();
  sockets.on("headers", (headers, request) => {
    headers.push(`dg-request-id: ${requestIds.get(request) ?? ""}`);
  });

  const recordOf = (kind: RequestRecord["kind"], request: IncomingMessage, query: URLSearchParams) => {
    const record: RequestRecord = {
      kind,
      requestId: randomUUID(),
      query: Object.fromEntries([...query.keys()].map((key) => [key, query.getAll(key)])),
      atMs: Date.now(),
      contentType: request.headers["content-type"] ?? null,
      bodyBytes: 0,
      status: null,
    };
    requestIds.set(request, record.requestId);
    requests.push(record);
    return record;
  };

  /** Key first, then parameters, then room: as the service looks at them. */
  const admit = (request: IncomingMessage, query: URLSearchParams, kind: "live" | "file") => {
    const key = credentialOf(request.headers);
    if (key === null || (options.keys !== undefined && !options.keys.includes(key)))
      return refusals.invalidAuth;
    const listen = readListenQuery(query, kind);
    if ("status" in listen) return listen;
    if (!options.words.hears(listen.language)) {
      return refusals.badRequest(`This stand-in does not hear ${listen.language}.`);
    }
    if (kind === "file") return listen;
    const open = streams.filter((stream) => stream.isOpen).length;
    const room = listen.diarize ? settings.maxStreams / diarizeShare : settings.maxStreams;
    return open >= room ? refusals.tooManyRequests : listen;
  };

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const url = new URL(request.url ?? "/", "http://localhost");
    socket.on("error", () => undefined);
    if (url.pathname !== path) {
      refuseUpgrade(socket, { status: 404, code: "NOT_FOUND", message: "Not found." }, randomUUID());
      return;
    }
    const record = recordOf("stream", request, url.searchParams);
    const fault = faults.take(faults.now.handshake);
    if (fault?.kind === "hang") return;
    if (fault?.kind === "cut") {
      socket.destroy();
      return;
    }
    const admitted = fault === null ? admit(request, url.searchParams, "live") : refusalOf(fault);
    if ("status" in admitted) {
      record.status = admitted.status;
      refuseUpgrade(socket, admitted, record.requestId);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      record.status = 101;
      streams.push(
        new ListenStream({
          socket: webSocket,
          transport: socket,
          request: admitted,
          requestId: record.requestId,
          query: url.searchParams,
          words: options.words,
          faults,
          seed: settings.seed * 1000 + streams.length,
          hashesAudio: options.hashesAudio ?? true,
          readSpeed: settings.readSpeed,
          idleTimeoutMs: settings.idleTimeoutMs,
          answerTimeoutMs: settings.answerTimeoutMs,
        }),
      );
    });
  };

  const recorded = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const record = recordOf("recorded", request, url.searchParams);
    const body = await bodyOf(request);
    record.bodyBytes = body.byteLength;
    const fault = faults.take(faults.now.recorded);
    if (fault?.kind === "hang") return;
    if (fault?.kind === "cut") {
      request.socket.destroy();
      return;
    }
    const admitted = fault === null ? admit(request, url.searchParams, "file") : refusalOf(fault);
    const answer: Refusal | Readonly<Record<string, unknown>> =
      "status" in admitted
        ? admitted
        : await transcribeRecorded({
            request: admitted,
            requestId: record.requestId,
            body,
            words: options.words,
          });
    if (isRefusal(answer)) {
      record.status = answer.status;
      response.writeHead(answer.status, refusalHeaders(answer, record.requestId));
      response.end(refusalBody(answer, record.requestId));
      return;
    }
    record.status = 200;
    response.writeHead(200, { "content-type": "application/json", "dg-request-id": record.requestId });
    response.end(JSON.stringify(answer));
  };

  const setFaults = (switches: unknown): void => {
    const { refuseConnectionsMs } = faults.set(switches);
    if (refuseConnectionsMs === undefined || !server.listening) return;
    server.close();
    setTimeout(() => {
      if (!isClosing) server.listen(port, host);
    }, refuseConnectionsMs).unref();
  };

  /** For who is on this machine: what goes wrong from now on, and at once. */
  const switchFaults = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      if (request.method === "POST") setFaults(JSON.parse((await bodyOf(request)).toString("utf8")));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ faults: faults.now, streams: streams.map(({ record }) => record), requests }),
      );
    } catch (error) {
      response.writeHead(400, { "content-type": "text/plain" });
      response.end(error instanceof ZodError ? error.message : "This is not JSON.");
    }
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === faultsPath) void switchFaults(request, response);
    else if (url.pathname === path && request.method === "POST") {
      recorded(request, response, url).catch(() => {
        response.destroy();
      });
    } else {
      response.writeHead(404);
      response.end();
    }
  });
  server.on("upgrade", upgrade);
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  const host = "127.0.0.1";
  let isClosing = false;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const checkEveryMs = Math.min(100, settings.idleTimeoutMs / 4, settings.answerTimeoutMs / 4);
  const checks = setInterval(() => {
    for (const stream of streams) stream.check();
  }, checkEveryMs);
  if (options.faults !== undefined) setFaults(options.faults);

  return {
    url: `http://${host}:${port}`,
    setFaults,
    sessions: () => streams.map(({ record }) => record),
    requests: () => requests,
    openStreams: () => streams.filter(({ isOpen }) => isOpen),
    close: async () => {
      isClosing = true;
      clearInterval(checks);
      for (const stream of streams) stream.cut("end");
      const closed = server.listening
        ? new Promise((resolve) => {
            server.close(resolve);
          })
        : Promise.resolve();
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

function isRefusal(answer: Refusal | Readonly<Record<string, unknown>>): answer is Refusal {
  return typeof answer.status === "number";
}

function refusalOf(fault: Extract<Unanswered, { kind: "refuse" }>): Refusal {
  const own = ownWords.get(fault.status);
  return {
    status: fault.status,
    code: fault.code ?? own?.code ?? "INTERNAL_SERVER_ERROR",
    message: fault.message ?? own?.message ?? "Internal server error.",
  };
}

function refusalHeaders(refusal: Refusal, requestId: string): Record<string, string> {
  return { "content-type": "application/json", "dg-error": refusal.message, "dg-request-id": requestId };
}

function refusalBody({ code, message }: Refusal, requestId: string): string {
  return JSON.stringify({ err_code: code, err_msg: message, request_id: requestId });
}

function refuseUpgrade(socket: Duplex, refusal: Refusal, requestId: string): void {
  const body = refusalBody(refusal, requestId);
  const headers = {
    ...refusalHeaders(refusal, requestId),
    "content-length": String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    `HTTP/1.1 ${refusal.status} ${refusal.code}\r\nconnection: close\r\n${lines.join("\r\n")}\r\n\r\n${body}`,
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw new Error("the body is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
