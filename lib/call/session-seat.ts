import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type { CallEvent, ServerMessage } from "../contract/events.ts";
import { closeCodes, type CloseCode, type ConnectionRole } from "../contract/vocabulary.ts";
import { CallError, takenOver } from "./errors.ts";
import type { AudioLoss, ConnectionOutlet, Seat } from "./seat.ts";

/** Live events that may queue up behind a replay. */
const maxQueuedBehindReplay = 20_000;

/** Who wants a seat. */
export interface SeatRequest {
  readonly role: ConnectionRole;
  readonly outlet: ConnectionOutlet;
  readonly givesFeedback?: boolean;
}

/** What a seat asks of its session. */
export interface SeatSession {
  readonly callId: string;
  startSeat(seat: SessionSeat, afterSeq: number | undefined): Promise<void>;
  takeAudio(seat: SessionSeat, firstSample: number, pcm: Uint8Array): Promise<number>;
  takeLoss(seat: SessionSeat, loss: AudioLoss): Promise<number>;
  undurableSeconds(): number;
  drained(): Promise<void>;
  nextSample(): number;
  stopBy(seat: SessionSeat): Promise<void>;
  toggleCoach(enabled: boolean): Promise<boolean>;
  chooseVoice(voice: number): Promise<void>;
  feedback(suggestionId: string, verdict: FeedbackVerdict): Promise<void>;
  leave(seat: SessionSeat): void;
}

type Phase =
  | { readonly name: "joined" }
  | { readonly name: "replaying"; readonly queue: CallEvent[] }
  | { readonly name: "following" }
  | { readonly name: "gone"; readonly why: "left" | "taken_over" | "closed" };

/** A connection's place in a call that is not completed. */
export class SessionSeat implements Seat {
  readonly role: ConnectionRole;
  /** Completion is told once for every time it was asked for. */
  stopRequests = 0;
  /** Replays that were asked for: a new one ends the one before. */
  replays = 0;
  readonly #session: SeatSession;
  readonly #outlet: ConnectionOutlet;
  readonly #givesFeedback: boolean;
  #phase: Phase = { name: "joined" };
  /** Where the next frame without an index begins. */
  #cursor: number;

  constructor(session: SeatSession, asked: SeatRequest, nextSample: number) {
    this.#session = session;
    this.role = asked.role;
    this.#givesFeedback = asked.role === "host" || asked.givesFeedback === true;
    this.#outlet = asked.outlet;
    this.#cursor = nextSample;
  }

  get callId(): string {
    return this.#session.callId;
  }

  get started(): boolean {
    return this.#phase.name === "replaying" || this.#phase.name === "following";
  }

  send(message: ServerMessage): void {
    if (this.#phase.name !== "gone") this.#outlet.send(message);
  }

  /** A replay waits for a peer that reads slowly instead of filling its buffer. */
  async caughtUp(): Promise<void> {
    if (this.#phase.name !== "gone") await this.#outlet.caughtUp();
  }

  /** Live events from here on queue up until `follow`. */
  beginReplay(): void {
    this.replays += 1;
    if (this.#phase.name === "gone") return;
    const queue = this.#phase.name === "replaying" ? this.#phase.queue : [];
    this.#phase = { name: "replaying", queue };
  }

  /** The replay is through: what queued up is sent, and what comes is sent as it comes. */
  follow(): void {
    if (this.#phase.name !== "replaying") return;
    const { queue } = this.#phase;
    this.#phase = { name: "following" };
    for (const event of queue) this.#outlet.send(event);
  }

  deliver(event: CallEvent): void {
    if (this.#phase.name === "following") this.#outlet.send(event);
    else if (this.#phase.name === "replaying") {
      this.#phase.queue.push(event);
      if (this.#phase.queue.length > maxQueuedBehindReplay)
        this.close(closeCodes.silent, "too slow to follow");
    }
  }

  close(code: CloseCode, reason: string): void {
    if (this.#phase.name === "gone") return;
    this.#phase = { name: "gone", why: code === closeCodes.takenOver ? "taken_over" : "closed" };
    this.#outlet.close(code, reason);
  }

  /** Refuses further audio; called before the new host is let in. */
  get isGone(): boolean {
    return this.#phase.name === "gone";
  }

  async start(afterSeq: number | undefined): Promise<void> {
    this.#refuseGone();
    await this.#session.startSeat(this, afterSeq);
  }

  async audio(firstSample: number | null, pcm: Uint8Array): Promise<number> {
    this.#refuseGone();
    this.#hostOnly();
    if (!this.started) {
      throw new CallError("not_started", "Send start_transcription before audio.", {
        nextSample: this.#session.nextSample(),
      });
    }
    const first = firstSample ?? this.#cursor;
    const durable = this.#session.takeAudio(this, first, pcm);
    // Taken synchronously up to here: a refusal has thrown and leaves the cursor where it was.
    return await durable;
  }

  /** Where audio without an index of its own goes on. */
  get cursor(): number {
    return this.#cursor;
  }

  /** This connection has given its audio up to here. */
  advance(sample: number): void {
    this.#cursor = sample;
  }

  undurableSeconds(): number {
    return this.#session.undurableSeconds();
  }

  drained(): Promise<void> {
    return this.#session.drained();
  }

  nextSample(): number {
    return this.#session.nextSample();
  }

  async stop(): Promise<void> {
    this.#refuseGone();
    this.#hostOnly();
    await this.#session.stopBy(this);
  }

  async toggleCoach(enabled: boolean): Promise<void> {
    this.#refuseGone();
    this.#hostOnly();
    await this.#session.toggleCoach(enabled);
  }

  async chooseVoice(voice: number): Promise<void> {
    this.#refuseGone();
    this.#hostOnly();
    await this.#session.chooseVoice(voice);
  }

  async audioLost(loss: AudioLoss): Promise<void> {
    this.#refuseGone();
    this.#hostOnly();
    if (!this.started) throw new CallError("not_started", "Send start_transcription before audio_lost.");
    await this.#session.takeLoss(this, loss);
  }

  async feedback(suggestionId: string, verdict: FeedbackVerdict): Promise<void> {
    this.#refuseGone();
    if (!this.#givesFeedback) throw new CallError("not_allowed", "Only the host and managers may do this.");
    await this.#session.feedback(suggestionId, verdict);
  }

  leave(): void {
    if (this.#phase.name !== "gone") this.#phase = { name: "gone", why: "left" };
    this.#session.leave(this);
  }

  #hostOnly(): void {
    if (this.role !== "host") throw new CallError("not_allowed", "Only the host of the call may do this.");
  }

  #refuseGone(): void {
    if (this.#phase.name !== "gone") return;
    if (this.#phase.why === "taken_over") {
      throw takenOver();
    }
    throw new CallError("wrong_state", "This connection is closed.");
  }
}
