import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { z } from "zod";
import type { WebSocket } from "ws";
import { ChannelSegmenter } from "./channel-segmenter.ts";
import type { FaultBoard } from "./faults.ts";
import { errorFrame, metadataFrame } from "./listen-messages.ts";
import type { ListenRequest } from "./listen-query.ts";
import { ListenVoice } from "./listen-voice.ts";
import { seededChance } from "./seeded-chance.ts";
import { outputChannels, type WordSources, type WordSource } from "./word-source.ts";

export interface StreamTimings {
  /** Audio is read at no more than so many times real time. */
  readonly readSpeed: number;
  /** Neither audio nor text for so long: NET-0001. */
  readonly idleTimeoutMs: number;
  /** No answer to audio for so long: NET-0000. */
  readonly answerTimeoutMs: number;
}

export interface ListenStreamOptions extends StreamTimings {
  readonly socket: WebSocket;
  readonly transport: Duplex;
  readonly request: ListenRequest;
  readonly requestId: string;
  readonly query: URLSearchParams;
  readonly words: WordSources;
  readonly faults: FaultBoard;
  readonly seed: number;
  readonly hashesAudio: boolean;
}

/** What tests ask of a stream. */
export interface StreamRecord {
  readonly requestId: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly openedMs: number;
  /** Received, whether read or not. */
  receivedMs: number;
  /** Read at the allowed speed. */
  readMs: number;
  frames: number;
  emptyFrames: number;
  keepAlives: number;
  finalizes: number;
  closeStreams: number;
  badTexts: number;
  /** Messages sent, by type. */
  readonly sent: Record<string, number>;
  closed: { readonly by: "client" | "service"; readonly code: number; readonly reason: string } | null;
  readonly longestFrameMs: number;
}

type Control = "finalize" | "close";
type Input = { readonly audio: Buffer } | { readonly control: Control };

const controlSchema = z.object({ type: z.enum(["KeepAlive", "Finalize", "CloseStream"]) });
/** More than this waits in the client's socket instead. */
const maxWaitingBytes = 16 * 1024 * 1024;
/** Audio is read in pieces of at most so much, however it is sent. */
const pieceMs = 250;
const timerSlackMs = 50;
const reasons = {
  undecodable:
    "Deepgram was unable to decode the audio with the parameters given. See https://dpgr.am/data0000",
  noAnswer:
    "Deepgram did not provide a response message within the timeout window. See https://dpgr.am/net0000",
  noInput:
    "Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001",
};

/** One live stream from the handshake to its end. */
export class ListenStream {
  readonly record: StreamRecord & { longestFrameMs: number };
  readonly #options: ListenStreamOptions;
  readonly #source: WordSource;
  readonly #segmenters: readonly ChannelSegmenter[];
  readonly #voice: ListenVoice;
  readonly #hash = createHash("sha256");
  readonly #sampleBytes: number;
  readonly #bytesPerMs: number;
  #rest = Buffer.alloc(0);
  #waiting: Input[] = [];
  #waitingBytes = 0;
  #isReading = false;
  #nextReadMs = 0;
  #lastInputMs = performance.now();
  /** When audio came that nothing has been said since. */
  #unansweredSinceMs: number | null = null;
  #isStalled = false;
  #isEnding = false;

  constructor(options: ListenStreamOptions) {
    const { faults, request, requestId, socket } = options;
    this.#options = options;
    const chance = seededChance(options.seed);
    const channels = outputChannels(request);
    this.#sampleBytes = 2 * request.channels;
    this.#bytesPerMs = (this.#sampleBytes * request.sampleRateHz) / 1000;
    this.record = {
      requestId,
      query: Object.fromEntries([...options.query.keys()].map((key) => [key, options.query.getAll(key)])),
      openedMs: Date.now(),
      receivedMs: 0,
      readMs: 0,
      frames: 0,
      emptyFrames: 0,
      keepAlives: 0,
      finalizes: 0,
      closeStreams: 0,
      badTexts: 0,
      sent: {},
      closed: null,
      longestFrameMs: 0,
    };
    this.#voice = new ListenVoice({
      request,
      requestId,
      faults,
      chance,
      say: (type, frame) => {
        this.#say(type, frame);
      },
    });
    this.#source = options.words.open(request, () => {
      if (!this.#isEnding) this.#tell();
    });
    this.#segmenters = Array.from(
      { length: channels },
      (_, channel) =>
        new ChannelSegmenter({
          channel,
          request,
          source: this.#source,
          chance,
          revises: () => faults.now.reviseInterims === true,
        }),
    );
    socket.on("message", (payload: Buffer, isBinary) => {
      if (isBinary) this.#takeAudio(payload);
      else this.#takeText(payload);
    });
    socket.on("close", (code, reason) => {
      this.record.closed ??= { by: "client", code, reason: reason.toString("utf8") };
      this.#end();
    });
    socket.on("error", () => undefined);
  }

  get isOpen(): boolean {
    return this.record.closed === null;
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.record.closed = { by: "service", code, reason };
    this.#end();
    this.#options.socket.resume();
    this.#options.socket.close(code, reason);
  }

  /** Ends the TCP connection: with a reset, or with an end and no closing frame. */
  cut(how: "reset" | "end"): void {
    if (!this.isOpen) return;
    this.record.closed = { by: "service", code: 1006, reason: how };
    this.#end();
    const { socket, transport } = this.#options;
    if (how === "reset" && "resetAndDestroy" in transport && typeof transport.resetAndDestroy === "function")
      Reflect.apply(transport.resetAndDestroy, transport, []);
    else socket.terminate();
  }

  stall(): void {
    this.#isStalled = true;
    this.#options.socket.pause();
  }

  resume(): void {
    this.#isStalled = false;
    this.#lastInputMs = performance.now();
    this.#options.socket.resume();
    this.#read();
  }

  /** Applies the service's time limits and the faults that wait for their time. */
  check(): void {
    if (!this.isOpen || this.#isStalled) return;
    this.#applyFaults();
    const nowMs = performance.now();
    const { answerTimeoutMs, idleTimeoutMs } = this.#options;
    if (nowMs - this.#lastInputMs >= idleTimeoutMs) this.close(1011, reasons.noInput);
    else if (this.#unansweredSinceMs !== null && nowMs - this.#unansweredSinceMs >= answerTimeoutMs)
      this.close(1011, reasons.noAnswer);
  }

  #takeAudio(payload: Buffer): void {
    if (this.#isEnding) return;
    this.record.frames += 1;
    if (payload.byteLength === 0) {
      this.record.emptyFrames += 1;
      this.#enqueue({ control: "close" });
      return;
    }
    if (this.#options.request.encoding === null) {
      this.close(1008, reasons.undecodable);
      return;
    }
    const ms = payload.byteLength / this.#bytesPerMs;
    this.record.receivedMs += ms;
    this.record.longestFrameMs = Math.max(this.record.longestFrameMs, ms);
    this.#lastInputMs = performance.now();
    this.#unansweredSinceMs ??= this.#lastInputMs;
    const pieceBytes = Math.ceil(pieceMs * this.#bytesPerMs);
    for (let at = 0; at < payload.byteLength && this.isOpen; at += pieceBytes) {
      this.#enqueue({ audio: payload.subarray(at, at + pieceBytes) });
    }
  }

  #takeText(payload: Buffer): void {
    if (this.#isEnding) return;
    // Text keeps a stream that has had audio; it does not stand in for the first audio.
    if (this.record.receivedMs > 0) this.#lastInputMs = performance.now();
    let parsed: unknown;
    try {
      parsed = JSON.parse(payload.toString("utf8"));
    } catch {
      parsed = null;
    }
    const control = controlSchema.safeParse(parsed);
    if (!control.success) {
      this.record.badTexts += 1;
      this.#say("Error", errorFrame("SchemaError", "Could not deserialize last text message."));
      return;
    }
    switch (control.data.type) {
      case "KeepAlive":
        this.record.keepAlives += 1;
        break;
      case "Finalize":
        this.record.finalizes += 1;
        this.#enqueue({ control: "finalize" });
        break;
      case "CloseStream":
        this.record.closeStreams += 1;
        this.#enqueue({ control: "close" });
        break;
    }
  }

  #enqueue(input: Input): void {
    this.#waiting.push(input);
    if ("audio" in input) {
      this.#waitingBytes += input.audio.byteLength;
      if (this.#waitingBytes > maxWaitingBytes) this.#options.socket.pause();
    }
    this.#read();
  }

  /** Reads what waits, as fast as it may be read. */
  #read(): void {
    if (this.#isReading || this.#isStalled) return;
    while (this.#waiting.length > 0 && !this.#isEnding) {
      const [input] = this.#waiting;
      if (input === undefined) return;
      if ("control" in input) {
        this.#waiting.shift();
        this.#isReading = true;
        void this.#obey(input.control).then(() => {
          this.#isReading = false;
          this.#read();
        });
        return;
      }
      const waitMs = this.#nextReadMs - performance.now();
      if (waitMs > 0) {
        this.#isReading = true;
        setTimeout(() => {
          this.#isReading = false;
          this.#read();
        }, waitMs);
        return;
      }
      this.#waiting.shift();
      this.#waitingBytes -= input.audio.byteLength;
      const { socket } = this.#options;
      if (socket.isPaused && this.#waitingBytes < maxWaitingBytes / 2) socket.resume();
      this.#hear(input.audio);
    }
  }

  #hear(audio: Buffer): void {
    const ms = audio.byteLength / this.#bytesPerMs;
    const nowMs = performance.now();
    // What was not used of the allowance is not saved up, but for a timer that came late.
    const fromMs = nowMs - this.#nextReadMs > timerSlackMs ? nowMs : this.#nextReadMs;
    this.#nextReadMs = fromMs + ms / this.#options.readSpeed;
    this.record.readMs += ms;
    if (this.#options.hashesAudio) this.#hash.update(audio);
    let whole = audio;
    if (this.#rest.byteLength > 0 || audio.byteLength % this.#sampleBytes !== 0) {
      const joined = Buffer.concat([this.#rest, audio]);
      const end = joined.byteLength - (joined.byteLength % this.#sampleBytes);
      whole = joined.subarray(0, end);
      this.#rest = joined.subarray(end);
    }
    this.#source.write(whole);
    this.#tell();
    this.#applyFaults();
  }

  #tell(): void {
    for (const [channel, segmenter] of this.#segmenters.entries()) {
      for (const message of segmenter.advance()) this.#voice.tell(channel, message);
    }
  }

  async #obey(control: Control): Promise<void> {
    const { faults, request, requestId, socket } = this.#options;
    const ignored = control === "finalize" ? faults.now.ignoreFinalize : faults.now.ignoreCloseStream;
    if (ignored === true) return;
    await this.#source.flush();
    if (!this.isOpen || this.#voice.isMute) return;
    for (const [channel, segmenter] of this.#segmenters.entries()) {
      for (const message of segmenter.flush(control === "finalize")) this.#voice.tell(channel, message);
    }
    if (control === "finalize") return;
    this.#isEnding = true;
    await this.#voice.settled();
    if (this.record.closed !== null) return;
    const sha256 = this.#hash.digest("hex");
    const { openedMs, readMs } = this.record;
    const summary = { request, requestId, sha256, durationMs: readMs, createdMs: openedMs };
    this.#say("Metadata", metadataFrame(summary));
    this.record.closed = { by: "service", code: 1000, reason: "" };
    this.#end();
    socket.close(1000);
  }

  #applyFaults(): void {
    if (!this.isOpen) return;
    const { faults } = this.#options;
    const { readMs } = this.record;
    const isDue = (fault: { readonly afterAudioMs: number } | undefined): boolean =>
      fault !== undefined && readMs > 0 && readMs >= fault.afterAudioMs;
    if (isDue(faults.now.stall) && !this.#isStalled && faults.take(faults.now.stall) !== null) this.stall();
    if (!this.#voice.isMute && isDue(faults.now.mute) && faults.take(faults.now.mute) !== null)
      this.#voice.isMute = true;
    if (!isDue(faults.now.drop)) return;
    const drop = faults.take(faults.now.drop);
    if (drop === null) return;
    if (drop.kind === "close") this.close(drop.code, drop.reason);
    else this.cut(drop.kind === "reset" ? "reset" : "end");
  }

  #say(type: string, frame: string): void {
    const { socket } = this.#options;
    if (this.#isStalled || socket.readyState !== socket.OPEN) return;
    this.record.sent[type] = (this.record.sent[type] ?? 0) + 1;
    this.#unansweredSinceMs = null;
    socket.send(frame);
  }

  #end(): void {
    this.#isEnding = true;
    this.#waiting = [];
    this.#source.close();
  }
}
