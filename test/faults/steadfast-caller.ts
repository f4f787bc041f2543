import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunningServer } from "../../bin/running-server.ts";
import type {
  CallEvent,
  CallEventPayloads,
  CallEventType,
  ServerMessage,
} from "../../lib/contract/events.ts";
import { closeCodes } from "../../lib/contract/vocabulary.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, type CallClient } from "../contract/call-client.ts";
import { samplesOf, type Sound } from "../contract/sound.ts";

export interface SteadfastCallerOptions {
  /** Where the call is now; null while nothing listens. */
  readonly server: () => RunningServer | null;
  readonly call: Pick<SessionStartReply, "call_id" | "token">;
  readonly sound: Sound;
  /** Times as fast as it was spoken. */
  readonly speed: number;
  readonly transport: "/ws" | "Socket.IO";
}

const tickMs = 20;
/** What a client may send ahead of what is acknowledged, as ours does. */
const maxAheadSeconds = 8;
/** A connection that does not get into the call for so long is given up for another. */
const joinWithinMs = 15_000;

/**
 * A host that does what the contract asks of one, whatever happens to the server: comes back under the
 * same id and token, goes on at `next_sample`, asks for what it has missed, and notes each broken promise.
 */
export class SteadfastCaller {
  readonly #options: SteadfastCallerOptions;
  readonly #sampleBytes: number;
  readonly #total: number;
  /** By number: what was received first under it. */
  readonly events = new Map<number, CallEvent>();
  /** Promises that the server broke. */
  readonly faults: string[] = [];
  /** Every sample before it was called durable. */
  durable = 0;
  connections = 0;
  /** Times at which a connection was lost, and at which audio was durable again after it. */
  readonly recoveriesMs: number[] = [];
  #lostAtMs: number | null = null;
  readonly #lastDurable = new Map<string, number>();
  #client: CallClient | null = null;
  #seen = 0;
  #highest = 0;
  #cursor = 0;
  #stopping = false;
  #completed: CallEventPayloads["call_completed"] | null = null;
  #closedForGood = false;

  constructor(options: SteadfastCallerOptions) {
    this.#options = options;
    this.#sampleBytes = options.sound.channels * 2;
    this.#total = samplesOf(options.sound);
  }

  get callId(): string {
    return this.#options.call.call_id;
  }

  /** The highest number received. */
  get highestSeq(): number {
    return this.#highest;
  }

  of<T extends CallEventType>(type: T): CallEventPayloads[T][] {
    return [...this.events.values()].flatMap((event) =>
      event.type === type ? [event.data as CallEventPayloads[T]] : [],
    );
  }

  /** What the contract keeps: everything but interims. */
  lasting(): CallEvent[] {
    return [...this.events.values()]
      .filter((event) => event.type !== "transcript_update" || event.data.is_final)
      .sort((a, b) => a.data.seq - b.data.seq);
  }

  /** Resolves when all of the sound is durable; with `stop`, when the call is completed. */
  async run(options: { readonly stop: boolean; readonly withinMs: number }): Promise<void> {
    const deadlineMs = performance.now() + options.withinMs;
    const done = (): boolean =>
      this.#closedForGood || (options.stop ? this.#completed !== null : this.durable >= this.#total);
    while (!done()) {
      if (performance.now() > deadlineMs) throw new Error(this.#describe("the call was not served in time"));
      await this.#connected(done, options.stop, deadlineMs);
    }
    if (this.#closedForGood && this.#completed === null && options.stop) {
      throw new Error(this.#describe("the call was closed and not completed"));
    }
  }

  /** Goes away without a word. */
  leave(): void {
    this.#client?.close();
    this.#client = null;
  }

  get completed(): CallEventPayloads["call_completed"] | null {
    return this.#completed;
  }

  #describe(what: string): string {
    const seen = this.#client?.received.slice(-5).map((one) => JSON.stringify(one).slice(0, 160)) ?? [];
    return `${what}: ${String(this.durable)} of ${String(this.#total)} samples durable, faults ${JSON.stringify(this.faults)}, last ${seen.join("\n")}`;
  }

  async #connected(done: () => boolean, stop: boolean, deadlineMs: number): Promise<void> {
    const { server, call, transport } = this.#options;
    const running = server();
    if (running === null) {
      await sleep(tickMs);
      return;
    }
    const client = transport === "/ws" ? connectRaw(running, call) : connectSocketIo(running, call);
    this.#client = client;
    this.#seen = 0;
    this.#stopping = false;
    const closes: number[] = [];
    void client.closed.then((code) => closes.push(code));
    const isClosed = (): boolean => closes.length > 0;
    const startedBy = performance.now() + joinWithinMs;
    let sendAt: number | null = null;
    while (!done() && performance.now() < deadlineMs) {
      this.#read(client, () => {
        sendAt = performance.now();
      });
      if (isClosed()) break;
      if (sendAt !== null) sendAt = this.#send(client, sendAt, stop);
      else if (performance.now() > startedBy) break;
      await sleep(tickMs);
    }
    this.#read(client, () => undefined);
    if (closes.includes(closeCodes.noSuchCall) || this.#completed !== null) this.#closedForGood = true;
    client.close();
    if (!done()) this.#lostAtMs ??= performance.now();
    if (isClosed()) await sleep(tickMs);
  }

  #read(client: CallClient, onStarted: () => void): void {
    for (; this.#seen < client.received.length; this.#seen += 1) {
      const message = client.received[this.#seen];
      if (message === undefined) return;
      if (message.type === "session_started") {
        this.connections += 1;
        const { next_sample: next, last_seq: lastSeq } = message.data;
        if (next < this.durable) {
          this.faults.push(`session_started says ${String(next)} after ${String(this.durable)} were durable`);
        }
        this.#durableAt(next, "session_started");
        if (lastSeq < this.#highest) {
          this.faults.push(
            `session_started has last_seq ${String(lastSeq)} after ${String(this.#highest)} was sent`,
          );
        }
        this.#cursor = next;
        client.send("start_transcription", { after_seq: this.#highest });
        onStarted();
      } else if (message.type === "audio_ack") {
        this.#durableAt(message.data.next_sample, "audio_ack");
        this.#recovered();
      } else if ("seq" in message.data) {
        this.#take(message as Extract<ServerMessage, { data: { seq: number } }>);
      }
    }
  }

  /** Answers to frames and `audio_ack` are looked at each in its own order. */
  #durableAt(next: number, where: "session_started" | "audio_ack" | "ack"): void {
    const last = this.#lastDurable.get(where) ?? 0;
    if (next < last) this.faults.push(`${where} says ${String(next)} after ${String(last)}`);
    this.#lastDurable.set(where, next);
    this.durable = Math.max(this.durable, next);
  }

  #recovered(): void {
    if (this.#lostAtMs === null) return;
    this.recoveriesMs.push(performance.now() - this.#lostAtMs);
    this.#lostAtMs = null;
  }

  #take(event: CallEvent): void {
    const { seq } = event.data;
    const known = this.events.get(seq);
    if (known !== undefined && !isDeepStrictEqual(known, event)) {
      this.faults.push(`number ${String(seq)} was used twice: ${known.type}, then ${event.type}`);
    }
    if (known === undefined) this.events.set(seq, event);
    this.#highest = Math.max(this.#highest, seq);
    if (event.type === "call_completed") this.#completed = event.data;
  }

  /** Sends what is due by the clock; gives the time up to which audio was sent. */
  #send(client: CallClient, sendAt: number, stop: boolean): number {
    const { sound, speed } = this.#options;
    const frame = sound.sampleRateHz / 10;
    let due = sendAt;
    while (due <= performance.now() && this.#cursor < this.#total) {
      if (this.#cursor - this.durable > maxAheadSeconds * sound.sampleRateHz) return performance.now();
      const first = this.#cursor;
      const samples = Math.min(frame, this.#total - first);
      const pcm = sound.pcm.subarray(first * this.#sampleBytes, (first + samples) * this.#sampleBytes);
      this.#cursor += samples;
      void client.audio(first, pcm).then((ack) => {
        if (client !== this.#client || ack === null) return;
        if (ack.ok) {
          this.#durableAt(ack.next_sample, "ack");
          this.#recovered();
        } else if (ack.error.retryable) this.#cursor = Math.min(this.#cursor, first);
        else this.faults.push(`audio was refused with ${ack.error.code}`);
      });
      due += 100 / speed;
    }
    if (this.#cursor < this.#total) return due;
    if (stop && !this.#stopping && this.durable >= this.#total) {
      this.#stopping = true;
      client.send("stop_transcription");
    }
    return performance.now();
  }
}
