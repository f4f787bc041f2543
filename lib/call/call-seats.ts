import type { CallCompleted, CallEvent, SessionStarted } from "../contract/events.ts";
import { closeCodes, type CloseCode, type ConnectionRole } from "../contract/vocabulary.ts";
import { CallError } from "./errors.ts";
import { within } from "./patience.ts";
import type { Clock } from "./ports.ts";
import { SessionSeat, type SeatRequest, type SeatSession } from "./session-seat.ts";

export interface CallSeatsOptions {
  readonly session: SeatSession;
  readonly clock: Clock;
  /** Throws `CallError` when nobody can be let in any more. */
  readonly admit: () => void;
  /** True while what was taken cannot be written. */
  readonly storageFails: () => boolean;
  /** Resolves when all audio taken so far is durable. */
  readonly audioSettled: () => Promise<void>;
  readonly sessionStarted: (role: ConnectionRole) => SessionStarted;
  readonly onHostSeated: () => void;
}

/** A new host waits so long for a disk that fails; then it is told to come again, and the old one stays. */
const maxSettleMs = 5000;
/** And so long for what a host that has gone left on its way to the disk. */
const maxLeftMs = 1000;
const lookEveryMs = 200;

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
    const { admit, session, sessionStarted, onHostSeated } = this.#options;
    admit();
    if (role === "host") {
      await this.#dismissHost();
      admit();
      onHostSeated();
    }
    const seat = new SessionSeat(session, asked, session.nextSample());
    this.#seats.add(seat);
    if (role === "host") this.#host = seat;
    seat.send({ type: "session_started", data: sessionStarted(role) });
    return seat;
  }

  /** Stops the old host's intake, waits until what it gave is durable, and tells it; of one that has gone, for a moment. */
  async #dismissHost(): Promise<void> {
    if (this.#host !== null) await this.#storageWorks();
    const { clock, session, audioSettled } = this.#options;
    const old = this.#host;
    if (old === null) {
      // A disk that fails or is slow holds nobody up for long: audio that comes again is ignored (A10).
      if (!this.#options.storageFails()) await within(clock, maxLeftMs, audioSettled());
      return;
    }
    this.#host = null;
    if (!(await within(clock, maxSettleMs, audioSettled()))) {
      // The disk failed in this very moment. What the old one gave stays in memory and is written later.
      if (this.#seats.has(old)) this.#host = old;
      old.close(closeCodes.draining, "storage");
      throw storageFails();
    }
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

  /** While the disk fails the old host goes on: a take-over could not tell the new one where. */
  async #storageWorks(): Promise<void> {
    const { clock, storageFails: failing } = this.#options;
    for (let waitedMs = 0; failing(); waitedMs += lookEveryMs) {
      if (waitedMs >= maxSettleMs) throw storageFails();
      await new Promise<void>((resolve) => void clock.after(lookEveryMs, resolve));
    }
  }
}

function storageFails(): CallError {
  return new CallError(
    "storage_failed",
    "The audio of the connection that has this call cannot be written at the moment; come again in a few seconds.",
  );
}
