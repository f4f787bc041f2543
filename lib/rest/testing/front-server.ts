import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { RecordingSnapshot } from "../../call/desk.ts";
import { CallError, callNotFound } from "../../call/errors.ts";
import type { Clock, Logger } from "../../call/ports.ts";
import { localPrincipal } from "../../call/principal.ts";
import type { OpenWavView } from "../audio-route.ts";
import { createHttpFront, type HttpFrontOptions } from "../http-front.ts";

const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

const realClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A mono or stereo recording of a given length: sample n of channel c is (n * 2 + c) modulo 2^16. */
export interface FakeRecording {
  samples: number;
  readonly channels: 1 | 2;
  openSnapshots: number;
  reads: number;
  failReads: boolean;
}

export function fakeRecording(samples: number, channels: 1 | 2 = 2): FakeRecording {
  return { samples, channels, openSnapshots: 0, reads: 0, failReads: false };
}

function snapshotOf(recording: FakeRecording): RecordingSnapshot {
  const { samples, channels } = recording;
  let closed = false;
  recording.openSnapshots += 1;
  return {
    format: { sampleRateHz: 16_000, channels },
    repChannel: channels === 1 ? null : 0,
    samples,
    read(firstSample, count) {
      recording.reads += 1;
      if (recording.failReads) return Promise.reject(new CallError("storage_failed", "SECRET path"));
      const pcm = Buffer.alloc(count * channels * 2);
      for (let i = 0; i < count * channels; i += 1)
        pcm.writeUInt16LE((firstSample * channels + i) & 0xffff, i * 2);
      return Promise.resolve(pcm);
    },
    close() {
      if (!closed) recording.openSnapshots -= 1;
      closed = true;
      return Promise.resolve();
    },
  };
}

/** The first channel behind a header of 44 bytes; enough of a WAV to count bytes on. */
const fakeWavView: OpenWavView = ({ view, repChannel, samples, read }) => {
  if (repChannel === null && view !== "mix")
    throw new CallError("no_such_channel", "a mono call has only the mix");
  const channels = repChannel === null ? 1 : 2;
  const byteLength = 44 + samples * 2;
  return {
    byteLength,
    async *read(start, end) {
      if (start < 44) yield Buffer.alloc(Math.min(end, 44) - start, "h");
      for (let at = Math.max(start, 44); at < end;) {
        const first = Math.floor((at - 44) / 2);
        const count = Math.min(8192, samples - first);
        const pcm = Buffer.from(await read(first, count));
        const one = Buffer.alloc(count * 2);
        for (let i = 0; i < count; i += 1) pcm.copy(one, i * 2, i * channels * 2, i * channels * 2 + 2);
        const from = at - 44 - first * 2;
        const chunk = one.subarray(from, Math.min(from + end - at, one.length));
        at += chunk.length;
        yield chunk;
      }
    },
  };
};

export interface FrontServer {
  readonly port: number;
  readonly url: string;
  readonly server: Server;
  /** Targets that the front let pass, as they arrived behind it. */
  readonly passed: string[];
  readonly recordings: Map<string, FakeRecording>;
  /** Sends bytes as they are and gives back everything the server answers until it closes. */
  raw(text: string): Promise<string>;
  close(): Promise<void>;
}

export async function startFrontServer(options: Partial<HttpFrontOptions> = {}): Promise<FrontServer> {
  const recordings = new Map<string, FakeRecording>();
  const passed: string[] = [];
  const front = createHttpFront({
    guard: { check: () => null, isCorsOrigin: () => false },
    limits: { count: () => Promise.resolve() },
    headers: {
      always: { "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin" },
      pagePolicy: ({ nonce }) => `script-src 'nonce-${nonce}'`,
    },
    gate: { isOpen: () => true },
    identify: () => Promise.resolve({ principal: localPrincipal, cookies: [] }),
    signInDoor: null,
    accessFor: () => ({
      recording(callId) {
        const recording = recordings.get(callId);
        return recording === undefined
          ? Promise.reject(callNotFound())
          : Promise.resolve(snapshotOf(recording));
      },
    }),
    wavView: fakeWavView,
    recordedCallsFolder: "/nonexistent",
    clock: realClock,
    logger: silentLogger,
    ...options,
  });
  const server = createServer((request, response) => {
    void front.take(request, response).then((taken) => {
      if (taken.answered) return;
      passed.push(`${request.method ?? ""} ${request.url ?? ""}`);
      request.resume();
      response.end("behind the front");
    });
  });
  server.on("clientError", (error, socket) => {
    front.answerBrokenRequest(error, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    server,
    passed,
    recordings,
    raw: (text) =>
      new Promise((resolve, reject) => {
        let answer = "";
        const socket = connect(port, "127.0.0.1", () => socket.write(text));
        socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in time")));
        socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
        socket.on("end", () => {
          resolve(answer);
          socket.destroy();
        });
        socket.on("error", reject);
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
