import type { CallCompleted, CallEvent, SessionStarted } from "../contract/events.ts";
import { closeCodes, type CloseCode, type ConnectionRole } from "../contract/vocabulary.ts";
import { SessionSeat, type SeatRequest, type SeatSession } from "./session-seat.ts";

export interface CallSeatsOptions {
  readonly session: SeatSession;
  /** Resolves when all audio taken so far is durable. */
  readonly audioSettled: () => Promise<void>;
  readonly sessionStarted: (role: ConnectionRole) => SessionStarted;
  readonly onHostSeated: () => void;
}

/** The connections of a call that is not completed: any number of observers, at most one host. */
export class CallSeats {
  readonly #options: CallSeatsOptions;
  readonly #seats = new Set<SessionSeat>();
  #host: SessionSeat | null = null;
  /** Seats are given one at a time, so that a take-over is finished before the next begins. */
  #joining: Promise<unknown> = Promise.resolve();

  constructor(options: CallSeatsOptions) {
    this.#options = options;
  }

  isHost(seat: SessionSeat): boolean {
    return seat === this.#host;
  }

  async join(asked: SeatRequest): Promise<SessionSeat> {
    const joined = this.#joining.then(() => this.#seat(asked));
    this.#joining = joined.catch(() => undefined);
    return await joined;
  }

  deliver(event: CallEvent): void {
    for (const seat of this.#seats) seat.deliver(event);
  }

  /** True when it was the host who left. */
  leave(seat: SessionSeat): boolean {
    this.#seats.delete(seat);
    if (seat !== this.#host) return false;
    this.#host = null;
    return true;
  }

  /**
   * Answers every stop that was asked for with the same event. `published`: seats that have started
   * have had it once already, in its place among the call's events.
   */
  tellCompleted(event: CallCompleted, published: boolean): void {
    for (const seat of this.#seats) {
      const owed = Math.max(1, seat.stopRequests) - (published && seat.started ? 1 : 0);
      for (let i = 0; i < owed; i += 1) seat.send({ type: "call_completed", data: event });
    }
  }

  closeAll(code: CloseCode, reason: string): void {
    for (const seat of [...this.#seats]) seat.close(code, reason);
    this.#seats.clear();
    this.#host = null;
  }

  async #seat(asked: SeatRequest): Promise<SessionSeat> {
    const { role } = asked;
    const { session, sessionStarted, onHostSeated } = this.#options;
    if (role === "host") {
      await this.#dismissHost();
      onHostSeated();
    }
    const seat = new SessionSeat(session, asked, session.nextSample());
    this.#seats.add(seat);
    if (role === "host") this.#host = seat;
    seat.send({ type: "session_started", data: sessionStarted(role) });
    return seat;
  }

  /** Stops the old host's intake, waits until what it gave is durable, and tells it. */
  async #dismissHost(): Promise<void> {
    const old = this.#host;
    if (old === null) return;
    const { session, audioSettled } = this.#options;
    this.#host = null;
    await audioSettled();
    old.send({
      type: "error",
      data: {
        call_id: session.callId,
        code: "taken_over",
        message: "Another connection has taken over this call.",
        retryable: false,
        next_sample: session.nextSample(),
        close_code: closeCodes.takenOver,
      },
    });
    this.#seats.delete(old);
    old.close(closeCodes.takenOver, "taken_over");
  }
}
