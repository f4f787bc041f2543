import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type { CallEvent } from "../contract/events.ts";
import { closeCodes, type ConnectionRole } from "../contract/vocabulary.ts";
import { CallError } from "./errors.ts";
import type { CallRepository } from "./ports.ts";
import type { CallRecord } from "./stored-call.ts";
import { eventsUpTo } from "./replay.ts";
import type { ConnectionOutlet, Seat } from "./seat.ts";
import type { SeatRequest } from "./session-seat.ts";

/** A connection to a call that is over: replay on request, `call_completed`, close 1000. */
export class CompletedSeat implements Seat {
  readonly role: ConnectionRole;
  readonly #call: CallRecord;
  readonly #repository: CallRepository;
  readonly #outlet: ConnectionOutlet;
  readonly #givesFeedback: boolean;
  #gone = false;

  constructor(call: CallRecord, asked: SeatRequest, repository: CallRepository) {
    this.#call = call;
    this.role = asked.role;
    this.#givesFeedback = asked.role === "host" || asked.givesFeedback === true;
    this.#outlet = asked.outlet;
    this.#repository = repository;
  }

  get callId(): string {
    return this.#call.callId;
  }

  async start(afterSeq: number | undefined): Promise<void> {
    // Without `after_seq` nothing is replayed.
    if (afterSeq !== undefined) {
      for await (const event of eventsUpTo(this.#repository, this.callId, afterSeq, Infinity)) {
        if (this.#gone) return;
        if (event.type !== "call_completed") this.#outlet.send(event);
        await this.#outlet.caughtUp();
      }
    }
    this.#finish(await this.#completion());
  }

  async stop(): Promise<void> {
    this.#finish(await this.#completion());
  }

  async feedback(suggestionId: string, verdict: FeedbackVerdict): Promise<void> {
    if (!this.#givesFeedback) throw new CallError("not_allowed", "Only the host and managers may do this.");
    await noteFeedback(this.#repository, this.callId, suggestionId, verdict);
  }

  audio(): Promise<number> {
    return Promise.reject(this.#refusal());
  }

  audioLost(): Promise<void> {
    return Promise.reject(this.#refusal());
  }

  toggleCoach(): Promise<void> {
    return Promise.reject(this.#refusal());
  }

  chooseVoice(): Promise<void> {
    return Promise.reject(this.#refusal());
  }

  undurableSeconds(): number {
    return 0;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  nextSample(): number {
    return this.#call.durableSamples;
  }

  leave(): void {
    this.#gone = true;
  }

  /** The last event of a completed call has the call's last number. */
  async #completion(): Promise<CallEvent | null> {
    const [event] = await this.#repository.eventsAfter(this.callId, this.#call.reservedSeq - 1, 1);
    return event ?? null;
  }

  #finish(completion: CallEvent | null): void {
    if (completion !== null) this.#outlet.send(completion);
    this.#outlet.close(closeCodes.completed, "completed");
  }

  #refusal(): CallError {
    return new CallError("call_completed", "This call is completed.", { nextSample: this.nextSample() });
  }
}

/** Rejects with `CallError("suggestion_not_found")`. */
export async function noteFeedback(
  repository: CallRepository,
  callId: string,
  suggestionId: string,
  verdict: FeedbackVerdict,
): Promise<void> {
  if (!(await repository.setFeedback(callId, suggestionId, verdict))) {
    throw new CallError("suggestion_not_found", "This call has no such suggestion.");
  }
}
