import type { AudioAck, ClientMessage } from "../contract/client-messages.ts";
import type { ServerMessage } from "../contract/events.ts";
import type { CloseCode, ConnectionRole } from "../contract/vocabulary.ts";
import { closeCodes, maxMalformedInARow } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";
import type { Clock, Logger, Telemetry } from "../call/ports.ts";
import type { CallDoor, ConnectionOutlet, Seat } from "../call/seat.ts";
import { AudioAcks } from "./audio-acks.ts";
import { AudioInlet } from "./audio-inlet.ts";
import { maySend, parseClientMessage } from "./client-message.ts";
import type { ClosingReason } from "./closing.ts";
import { asCallError, closingError, closingReasonOf, codeOfReason } from "./closing.ts";
import { Inbox } from "./inbox.ts";
import { KeepAlive } from "./keep-alive.ts";
import type { Link, MessageAck, Refusal } from "./link.ts";
import { Pace } from "./pace.ts";
import type { SlowReaderLimits } from "./slow-reader.ts";
import { SlowReader } from "./slow-reader.ts";

export interface ConnectionOptions {
  readonly callId: string;
  readonly role: ConnectionRole;
  readonly link: Link;
  readonly door: CallDoor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly timeoutMs: number;
  readonly slowReader: SlowReaderLimits;
  readonly onClosed: () => void;
}

/** Waiting messages of one connection, above which it is not read or, where it must be, refused. */
const highJobsRead = 64;
const highJobsRefused = 1024;
const highBytes = 2 * 1024 * 1024;
/** A replay goes on when no more than this is unread. */
const replayBytes = 1024 * 1024;
const replayLookMs = 20;
/** About what a checked message keeps; what it had beyond its schema is gone by then. */
const messageBytes = 256;

/** Closes that the call asks for: it may have sent the error itself. */
const toldByTheCall: ReadonlySet<CloseCode> = new Set<CloseCode>([closeCodes.takenOver, closeCodes.draining]);

type Settle<A> = ((answer: A) => void) | undefined;

/**
 * One client of one call, whatever the transport: joins the call, checks and orders what the client
 * sends, and carries the call's events to it.
 */
export class Connection implements ConnectionOutlet {
  readonly #options: ConnectionOptions;
  readonly #inbox: Inbox;
  readonly #keepAlive: KeepAlive;
  readonly #acks: AudioAcks;
  readonly #audio: AudioInlet;
  #seat: Seat | null = null;
  #givesFeedback = false;
  #closed = false;
  #malformedInARow = 0;
  #lastErrorCode: string | null = null;
  readonly #reader: SlowReader;
  readonly #pace: Pace;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { clock, link } = options;
    this.#reader = new SlowReader(options.slowReader, clock);
    this.#pace = new Pace({
      clock,
      onHeld: (held) => {
        if (held) options.telemetry.count("connections_slowed", 1, { transport: link.transport });
        this.#applyPressure();
      },
    });
    this.#inbox = new Inbox({
      highJobs: link.answersFrames ? highJobsRefused : highJobsRead,
      highBytes,
      onPressure: () => {
        this.#applyPressure();
      },
      onFault: (error) => {
        this.#tell(this.#understand(error));
      },
    });
    this.#audio = new AudioInlet({
      paced: (seconds) => this.#pace.frame(seconds, () => undefined),
      onStalled: () => {
        this.#applyPressure();
      },
    });
    this.#acks = new AudioAcks({
      clock,
      ack: () => {
        this.#sendAudioAck();
      },
    });
    this.#keepAlive = new KeepAlive({
      clock,
      timeoutMs: options.timeoutMs,
      deaf: () => this.#isDeaf(),
      ping: () => {
        this.send({ type: "ping", data: { call_id: options.callId, timestamp: this.#now() } });
      },
      onSilent: () => {
        this.close(closeCodes.silent);
      },
    });
  }

  /** Takes the seat in the call; messages that came before are handled then. Rejects with `CallError`. */
  async join({ givesFeedback }: { readonly givesFeedback: boolean }): Promise<void> {
    const { door, callId, role } = this.#options;
    this.#givesFeedback = givesFeedback;
    const seat = await door.join({ callId, role, outlet: this, givesFeedback });
    if (this.#closed) {
      seat.leave();
      return;
    }
    this.#seat = seat;
    this.#inbox.open();
  }

  send(message: ServerMessage): void {
    if (this.#closed) return;
    if (message.type === "session_started") {
      this.#audio.setFormat(message.data.sample_rate, message.data.channels);
    }
    this.#lastErrorCode = message.type === "error" ? message.data.code : null;
    this.#options.link.send(message);
    // Call events are counted once, where they are published, not for each connection.
    if (!("seq" in message.data)) this.#options.telemetry.count("events_sent", 1, { type: message.type });
    this.#watchReader();
  }

  caughtUp(): Promise<void> | null {
    const { link, clock } = this.#options;
    if (this.#closed || link.bufferedBytes() <= replayBytes) return null;
    // The sockets do not tell when they have been read; whoever stops reading is closed elsewhere.
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#closed || link.bufferedBytes() <= replayBytes) resolve();
        else {
          this.#watchReader();
          clock.after(replayLookMs, look);
        }
      };
      clock.after(replayLookMs, look);
    });
  }

  close(code: CloseCode): void {
    const error = closingError(code);
    const told = this.#lastErrorCode === error?.code && toldByTheCall.has(code);
    if (error !== null && !told) this.#tell(error, code);
    this.#end(closingReasonOf(code), () => {
      this.#options.link.close(code);
    });
  }

  /** Closes with an error of its own instead of the one that belongs to the code. */
  refuse(error: CallError, code: CloseCode): void {
    this.#tell(error, code);
    this.#end(closingReasonOf(code), () => {
      this.#options.link.close(code);
    });
  }

  /** The transport has lost the client. */
  gone(): void {
    this.#end("client", () => undefined);
  }

  #tell(error: CallError, closeCode?: CloseCode): void {
    this.send({
      type: "error",
      data: {
        call_id: this.#options.callId,
        ...errorFields(error),
        ...(closeCode === undefined ? {} : { close_code: closeCode }),
      },
    });
  }

  #end(reason: ClosingReason, closeLink: () => void): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#keepAlive.stop();
    this.#acks.stop();
    this.#pace.close();
    this.#audio.close();
    this.#inbox.clear();
    closeLink();
    const { telemetry, link, onClosed } = this.#options;
    const code = codeOfReason(reason);
    telemetry.count("connections_closed", 1, { reason, transport: link.transport, ...(code && { code }) });
    // Later, because the call may be closing this connection from within its own step.
    queueMicrotask(() => this.#seat?.leave());
    onClosed();
  }

  #watchReader(): void {
    const { link, logger } = this.#options;
    const bytes = link.bufferedBytes();
    if (!this.#reader.isTooSlow(bytes)) return;
    logger.warn({ callId: this.#options.callId, bytes }, "a connection that does not read is closed");
    this.#end("slow_reader", () => {
      link.close(closeCodes.silent);
    });
  }

  #now(): string {
    return new Date(this.#options.clock.nowMs()).toISOString();
  }

  message(type: unknown, data: unknown, settle?: Settle<MessageAck>): void {
    let message: ClientMessage;
    try {
      message = parseClientMessage(type, data);
    } catch (error) {
      this.malformed(asCallError(error), settle);
      return;
    }
    if (!this.#heard(false, settle)) return;
    const run = (): Promise<void> | undefined => this.#handle(message, settle);
    this.#inbox.push({ bytes: messageBytes, run: () => this.#pace.message(message.type, run) });
  }

  /** A frame of audio; `firstSample` null: it follows the last one. */
  audio(firstSample: number | null, pcm: Uint8Array, settle?: Settle<AudioAck>): void {
    if (!this.#heard(true, settle)) return;
    const isRefused = this.#options.role === "observer";
    const seconds = !isRefused && this.#audio.pacesPieces(firstSample, pcm) ? 0 : this.#audio.secondsOf(pcm);
    const run = (): Promise<void> | undefined => this.#takeAudio(firstSample, pcm, settle);
    this.#inbox.push({ bytes: pcm.byteLength, run: () => this.#pace.frame(seconds, run) });
  }

  /** What came and is no message. */
  malformed(error: CallError, settle?: Settle<Refusal>): void {
    if (!this.#heard(false, settle)) return;
    const run = (): undefined => {
      this.#countMalformed(error, settle);
    };
    this.#inbox.push({ bytes: messageBytes, run: () => this.#pace.message(null, run) });
  }

  /** A ping of the WebSocket protocol, which is answered there: no message, but it takes a message's time. */
  heardPing(): void {
    if (this.#closed) return;
    this.#inbox.push({ bytes: messageBytes, run: () => this.#pace.message(null, () => undefined) });
  }

  /** Of what comes, before it has been looked at. */
  heardText(characters: number): void {
    this.#pace.heardText(characters);
  }

  #heard(isAudio: boolean, settle: Settle<Refusal>): boolean {
    if (this.#closed) return false;
    this.#keepAlive.heard();
    if (!this.#inbox.full || !this.#options.link.answersFrames) return true;
    const error = new CallError("backpressure", "too much is waiting on this connection", {
      ...(this.#seat === null ? {} : { nextSample: this.#seat.nextSample() }),
    });
    this.#countRefused(isAudio ? "audio_refused" : "messages_refused", error);
    if (settle === undefined) this.#tell(error);
    else settle({ ok: false, error: errorFields(error) });
    return false;
  }

  #handle(message: ClientMessage, settle: Settle<MessageAck>): Promise<void> | undefined {
    this.#malformedInARow = 0;
    if (!maySend(this.#options.role, message.type, this.#givesFeedback)) {
      this.#refuseMessage(new CallError("not_allowed", `an observer may not send ${message.type}`), settle);
      return undefined;
    }
    const seat = this.#seat;
    if (seat === null) return undefined;
    const done = this.#dispatch(seat, message);
    if (done === undefined) {
      settle?.({ ok: true });
      return undefined;
    }
    const settled = done.then(
      () => settle?.({ ok: true }),
      (error: unknown) => {
        this.#refuseMessage(error, settle);
      },
    );
    // A stop ends when the whole call has; what follows it, such as a second stop, is not held up.
    return message.type === "stop_transcription" ? undefined : settled;
  }

  #dispatch(seat: Seat, message: ClientMessage): Promise<void> | undefined {
    switch (message.type) {
      case "start_transcription":
        return seat.start(message.data.after_seq);
      case "stop_transcription":
        return seat.stop();
      case "toggle_coach":
        return seat.toggleCoach(message.data.enabled);
      case "choose_voice":
        return seat.chooseVoice(message.data.voice);
      case "audio_lost": {
        const { first_sample: firstSample, samples, reason } = message.data;
        return seat.audioLost({ firstSample, samples, reason });
      }
      case "suggestion_feedback":
        return seat.feedback(message.data.suggestion_id, message.data.verdict);
      case "ping":
        this.send({ type: "pong", data: { call_id: this.#options.callId, timestamp: this.#now() } });
        return undefined;
      case "pong":
        return undefined;
    }
  }

  #takeAudio(
    firstSample: number | null,
    pcm: Uint8Array,
    settle: Settle<AudioAck>,
  ): Promise<void> | undefined {
    if (this.#options.role === "observer") {
      this.#refuseAudio(new CallError("not_allowed", "an observer may not send audio"), settle);
      return undefined;
    }
    if (this.#seat === null) return undefined;
    return this.#audio.take(this.#seat, firstSample, pcm, {
      taken: (nextSample) => {
        this.#malformedInARow = 0;
        if (!this.#closed) this.#acks.durable();
        settle?.({ ok: true, next_sample: nextSample });
      },
      refused: (error) => {
        this.#refuseAudio(error, settle);
      },
    });
  }

  #sendAudioAck(): void {
    if (this.#seat === null) return;
    const { callId } = this.#options;
    this.send({ type: "audio_ack", data: { call_id: callId, next_sample: this.#seat.nextSample() } });
  }

  #refuseAudio(error: unknown, settle: Settle<AudioAck>): void {
    this.#pace.refusedFrame();
    const refusal = this.#understand(error);
    this.#countRefused("audio_refused", refusal);
    if (settle === undefined) this.#tell(refusal);
    else settle({ ok: false, error: errorFields(refusal) });
  }

  #refuseMessage(error: unknown, settle: Settle<Refusal>): void {
    const refusal = this.#understand(error);
    this.#countRefused("messages_refused", refusal);
    this.#tell(refusal);
    settle?.({ ok: false, error: errorFields(refusal) });
  }

  #countRefused(counter: "audio_refused" | "messages_refused", { code }: CallError): void {
    this.#options.telemetry.count(counter, 1, { code, transport: this.#options.link.transport });
  }

  #understand(error: unknown): CallError {
    const known = asCallError(error);
    if (known.code === "internal") {
      this.#options.logger.error({ err: error, callId: this.#options.callId }, "a socket message failed");
    }
    return known;
  }

  #countMalformed(error: CallError, settle: Settle<Refusal>): void {
    this.#malformedInARow += 1;
    const { telemetry, link } = this.#options;
    telemetry.count("malformed_messages", 1, { code: error.code, transport: link.transport });
    this.#refuseMessage(error, settle);
    if (this.#malformedInARow >= maxMalformedInARow) this.close(closeCodes.malformed);
  }

  /** The peer cannot be blamed for silence while the server does not read it. */
  #isDeaf(): boolean {
    const full = this.#audio.stalled || this.#inbox.full;
    return this.#pace.held || (full && !this.#options.link.answersFrames);
  }

  #applyPressure(): void {
    if (!this.#closed) this.#options.link.pauseReading(this.#isDeaf());
  }
}

function errorFields(error: CallError): Refusal["error"] {
  const { code, message, retryable, nextSample } = error;
  return { code, message, retryable, ...(nextSample === undefined ? {} : { next_sample: nextSample }) };
}
