import { WebSocket } from "ws";
import { anyValue, mutated, type Dice } from "./mutations.ts";

const types = [
  "start_transcription",
  "toggle_coach",
  "choose_voice",
  "audio_lost",
  "suggestion_feedback",
  "ping",
  "pong",
  "call_completed",
  "__proto__",
  "",
] as const;

/** Nearly right messages, so that the fuzz gets behind the first check. */
function almost(dice: Dice): { type: unknown; data: unknown } {
  const type = dice.next() < 0.9 ? dice.one(types) : anyValue(dice);
  if (dice.next() < 0.3) return { type, data: anyValue(dice) };
  const data = {
    after_seq: dice.next() < 0.7 ? dice.below(50) : anyValue(dice),
    voice: dice.next() < 0.7 ? dice.below(4) : anyValue(dice),
    enabled: dice.next() < 0.7 ? dice.next() < 0.5 : anyValue(dice),
    first_sample: dice.next() < 0.7 ? dice.below(100_000) : anyValue(dice),
    samples: dice.next() < 0.7 ? 1 + dice.below(20) : anyValue(dice),
    reason: dice.next() < 0.7 ? "fuzz" : anyValue(dice),
    suggestion_id: dice.next() < 0.7 ? "none" : anyValue(dice),
    verdict: dice.next() < 0.7 ? "used" : anyValue(dice),
  };
  return { type, data };
}

function pcm(dice: Dice): Buffer {
  return dice.bytes(dice.one([0, 1, 2, 3, 4, 7, 8, 64, 400, 3200]));
}

export interface Attack {
  readonly name: string;
  readonly open: (
    dice: Dice,
    target: { readonly port: number; readonly callId: string; readonly token: string },
  ) => WebSocket;
  /** One case. */
  readonly send: (dice: Dice, ws: WebSocket) => void;
}

function noFault(ws: WebSocket): WebSocket {
  ws.on("error", () => undefined);
  return ws;
}

/** A masked frame as the protocol wants it, which the fuzz then breaks. */
function wireFrame(opcode: number, body: Buffer): Buffer {
  const length =
    body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), body]);
}

export const attacks: readonly Attack[] = [
  {
    name: "messages on /ws",
    open: (_dice, { port, callId, token }) =>
      noFault(new WebSocket(`ws://127.0.0.1:${port}/ws/${callId}`, [`token.${token}`])),
    send: (dice, ws) => {
      const chance = dice.next();
      if (chance < 0.15) ws.send(pcm(dice));
      else if (chance < 0.2) ws.ping(dice.bytes(dice.below(125)));
      else {
        const text = Buffer.from(JSON.stringify(almost(dice)));
        ws.send(chance < 0.5 ? mutated(dice, text) : text, { binary: false });
      }
    },
  },
  {
    name: "frames on the wire of /ws",
    open: (_dice, { port, callId, token }) =>
      noFault(new WebSocket(`ws://127.0.0.1:${port}/ws/${callId}`, [`token.${token}`])),
    send: (dice, ws) => {
      const socket: unknown = Reflect.get(ws, "_socket");
      if (typeof socket !== "object" || socket === null || !("write" in socket)) return;
      const { write } = socket;
      if (typeof write !== "function") return;
      const body =
        dice.next() < 0.5 ? Buffer.from(JSON.stringify(almost(dice))).subarray(0, 30_000) : pcm(dice);
      const frame = wireFrame(dice.one([0, 1, 1, 1, 2, 2, 3, 8, 9, 10, 15]), body);
      Reflect.apply(write, socket, [dice.next() < 0.4 ? mutated(dice, frame) : frame]);
    },
  },
  {
    name: "packets of Socket.IO",
    open: (dice, { port, callId, token }) => {
      const ws = noFault(new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`));
      ws.once("message", () => {
        const auth = dice.next() < 0.9 ? { call_id: callId, token } : anyValue(dice);
        if (ws.readyState === WebSocket.OPEN) ws.send(`40${JSON.stringify(auth)}`);
      });
      return ws;
    },
    send: (dice, ws) => {
      const { type, data } = almost(dice);
      const id = dice.next() < 0.4 ? String(dice.below(1000)) : "";
      const chance = dice.next();
      if (chance < 0.2) {
        const first = dice.next() < 0.7 ? dice.below(20_000) : anyValue(dice);
        ws.send(
          `451-${id}${JSON.stringify(["audio", first, { _placeholder: true, num: dice.next() < 0.9 ? 0 : dice.below(9) }])}`,
        );
        if (dice.next() < 0.9) ws.send(pcm(dice));
      } else if (chance < 0.25) ws.send(pcm(dice));
      else {
        const packet = Buffer.from(
          `42${id}${JSON.stringify([type, data, anyValue(dice)].slice(0, 1 + dice.below(3)))}`,
        );
        ws.send((chance < 0.5 ? mutated(dice, packet) : packet).toString("utf8"));
      }
    },
  },
];
