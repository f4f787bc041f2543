import { beforeEach, describe, expect, it } from "vitest";
import type { ServerMessage } from "../contract/events.ts";
import { CallSocket, type ConnectionState } from "./call-socket.ts";
import type { SocketListeners } from "./socket-port.ts";
import { connectError } from "./testing/fake-call-server.ts";
import { ManualTimers } from "./testing/manual-timers.ts";

const callId = "call_socket";

interface Attempt {
  readonly listeners: SocketListeners;
  readonly sent: (readonly unknown[])[];
  isClosed: boolean;
}

let timers: ManualTimers;
let attempts: Attempt[];
let states: ConnectionState[];
let messages: ServerMessage[];
let jitter: number;
let socket: CallSocket;
beforeEach(() => {
  timers = new ManualTimers();
  attempts = [];
  states = [];
  messages = [];
  jitter = 0.5;
  socket = new CallSocket({
    origin: "http://localhost",
    path: "/socket.io/",
    callId,
    token: "token",
    timers,
    random: () => jitter,
    openSocket: (_address, listeners) => {
      const attempt: Attempt = { listeners, sent: [], isClosed: false };
      attempts.push(attempt);
      return {
        get isConnected() {
          return !attempt.isClosed;
        },
        emit: (...sent) => attempt.sent.push(sent),
        close: () => {
          attempt.isClosed = true;
        },
      };
    },
    onMessage: (message) => messages.push(message),
    onConnection: (state) => states.push(state),
  });
  socket.connect();
});

function latest(): Attempt {
  const attempt = attempts.at(-1);
  if (attempt === undefined) throw new Error("no attempt was made");
  return attempt;
}

function seated(attempt = latest()): void {
  attempt.listeners.onMessage("session_started", {
    call_id: callId,
    state: "live",
    role: "host",
    next_sample: 0,
    last_seq: 0,
    sample_rate: 16_000,
    channels: 1,
    stereo_layout: "LR",
    language: "es",
    transcriber: "scripted",
    coach_enabled: true,
    protocol: 1,
    message: "",
    timestamp: new Date(0).toISOString(),
  });
}

function errorMessage(code: string): [string, unknown] {
  return ["error", { call_id: callId, code, message: "", retryable: false }];
}

describe("a connection that is refused", () => {
  it.each([
    [4401, "token_expired"],
    [4403, "not_allowed"],
    [4404, "call_not_found"],
  ])("is not tried again when the no (%i %s) is final", async (code, error) => {
    latest().listeners.onRefused(connectError(code, error));
    await timers.advance(60_000);
    expect([socket.state, attempts.length]).toEqual([{ kind: "refused", code: error, message: error }, 1]);
  });

  it.each([
    ["the server is going down", connectError(1001, "draining")],
    ["nobody answers", new Error("websocket error")],
  ])("is tried again when %s", async (_what, error) => {
    latest().listeners.onRefused(error);
    expect(socket.state.kind).toBe("reconnecting");
    await timers.advance(300);
    expect(attempts).toHaveLength(2);
    seated();
    expect(socket.state.kind).toBe("open");
  });

  it("says when somebody else is the host", () => {
    latest().listeners.onRefused(connectError(4409, "taken_over"));
    expect(socket.state.kind).toBe("taken_over");
  });
});

describe("a connection that ends", () => {
  it("is over when another host took over", async () => {
    seated();
    latest().listeners.onMessage(...errorMessage("taken_over"));
    latest().listeners.onGone(true);
    await timers.advance(60_000);
    expect([socket.state.kind, attempts.length]).toEqual(["taken_over", 1]);
  });

  it("is refused for good when the server ended it with a final no", () => {
    seated();
    latest().listeners.onMessage(...errorMessage("token_expired"));
    latest().listeners.onGone(true);
    expect(socket.state).toMatchObject({ kind: "refused", code: "token_expired" });
  });

  it("comes back when the server ended it without a word, and says since when it is gone", async () => {
    seated();
    await timers.advance(1000);
    latest().listeners.onGone(true);
    await timers.advance(200);
    expect(socket.state).toMatchObject({ kind: "reconnecting", sinceMs: 1000 });
    await timers.advance(100);
    expect(attempts).toHaveLength(2);
  });

  it("does not hear of an earlier attempt any more", () => {
    const first = latest();
    seated();
    first.listeners.onGone(false);
    socket.wake();
    seated();
    expect([attempts.length, first.isClosed]).toEqual([2, true]);
    first.listeners.onMessage(...errorMessage("taken_over"));
    first.listeners.onGone(true);
    first.listeners.onRefused(connectError(4404, "call_not_found"));
    expect(socket.state.kind).toBe("open");
  });
});

describe("attempts", () => {
  it.each([
    [0, 0.7],
    [1, 1.3],
  ])("keep a jittered distance that doubles up to four seconds (random %d)", async (random, share) => {
    jitter = random;
    for (const steadyMs of [250, 500, 1000, 2000, 4000, 4000]) {
      const made = attempts.length;
      latest().listeners.onRefused(new Error("websocket error"));
      await timers.advance(steadyMs * share - 1);
      expect(attempts).toHaveLength(made);
      await timers.advance(2);
      expect(attempts).toHaveLength(made + 1);
    }
  });

  it("are not made one on top of the other when several things wake the page at once", async () => {
    latest().listeners.onRefused(new Error("websocket error"));
    for (let woken = 0; woken < 5; woken += 1) socket.wake();
    expect(attempts).toHaveLength(2);
    await timers.advance(300);
    socket.wake();
    expect([attempts.length, attempts[1]?.isClosed]).toEqual([3, true]);
  });

  it("end with the call", async () => {
    socket.close();
    socket.wake();
    socket.connect();
    await timers.advance(60_000);
    expect([attempts.length, latest().isClosed, socket.state.kind]).toEqual([1, true, "closed"]);
  });
});

describe("messages", () => {
  it("are handed on only as the contract says, and a ping is answered", () => {
    seated();
    messages.length = 0;
    latest().listeners.onMessage("transcript_update", { text: 7 });
    latest().listeners.onMessage("weather", {});
    latest().listeners.onMessage("ping", { call_id: callId, timestamp: new Date(0).toISOString() });
    expect(messages.map((message) => message.type)).toEqual(["ping"]);
    expect(latest().sent).toEqual([["pong", {}]]);
  });

  it("ask for their answer on this connection only", async () => {
    seated();
    const answer = socket.sendAudio(0, new ArrayBuffer(4));
    const [, , , settle] = latest().sent[0] ?? [];
    if (typeof settle !== "function") throw new Error("no answer was asked for");
    Reflect.apply(settle, null, [{ ok: true, next_sample: 2 }]);
    expect(await answer).toEqual({ ok: true, next_sample: 2 });
    const odd = socket.ask({ type: "audio_lost", data: { first_sample: 2, samples: 1, reason: "test" } });
    const last = latest().sent[1]?.at(-1);
    if (typeof last === "function") Reflect.apply(last, null, ["what?"]);
    await expect(odd).rejects.toThrow();
  });
});
