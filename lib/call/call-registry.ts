import type { CallEvent } from "../contract/events.ts";
import type { CallPatch, SessionStartRequest } from "../contract/rest.ts";
import {
  callIdPattern,
  type ConnectionRole,
  type Language,
  type TranscriberName,
} from "../contract/vocabulary.ts";
import { CallSession } from "./call-session.ts";
import type { SessionOptions } from "./session-options.ts";
import { markedSpans, withoutUnheard } from "./audible-audio.ts";
import { CompletedSeat } from "./completed-seat.ts";
import { playbookOf } from "./call-playbook.ts";
import { completionOf, eraseCall } from "./completion.ts";
import { reservedAfter } from "./event-writer.ts";
import { newCall, requireConsent, type CallDefaults } from "./new-call.ts";
import { lossBefore } from "./lost-audio.ts";
import type { CallDesk, CallStatus, RecordingSnapshot } from "./desk.ts";
import { CallError, callNotFound } from "./errors.ts";
import { within } from "./patience.ts";
import type { Playbooks, ReplySuggester } from "./ports.ts";
import type { TranscriptionEngine } from "./transcription-ports.ts";
import type { CallChanges, CallRecord, StoredCall } from "./stored-call.ts";
import { summariseInTurns } from "./summary.ts";
import { localPrincipal, type Principal } from "./principal.ts";
import { redactedTyped } from "./typed-text.ts";
import { audioFormatOf, changesOfPatch, repChannelOf, sessionStartedOf } from "./records.ts";
import type { CallDoor, ConnectionOutlet, Seat } from "./seat.ts";
import { writeUnsaved } from "./unsaved.ts";

/** Counted from now until a place is likely to be free. */
const retryAfterSec = 30;
/** A call that could not be taken up is tried again, at first after this. */
const firstTakeUpMs = 5000;
const lastTakeUpMs = 300_000;

export interface RegistryOptions extends Omit<
  SessionOptions,
  "call" | "engine" | "suggester" | "inTurn" | "onEnded"
> {
  readonly defaults: CallDefaults;
  readonly consentRequired: boolean;
  /** null: as many as the engine of a call says this machine can carry. */
  readonly maxLiveCalls: number | null;
  readonly engines: ReadonlyMap<TranscriberName, TranscriptionEngine>;
  readonly playbooks: Playbooks;
}

/** Every call that is not completed, in memory; the completed ones are asked of the repository. */
export class CallRegistry implements CallDesk, CallDoor {
  readonly #options: RegistryOptions;
  readonly #sessions = new Map<string, CallSession>();
  /** Calls being created, so that two requests at once cannot both take the last place. */
  #starting = 0;
  #draining = false;
  /** Calls of an earlier process that are being read. */
  readonly #takenUp = new Set<string>();
  /** The last of the calls that are completed one after the other. */
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  activeCalls(): number {
    return this.#sessions.size + this.#starting;
  }

  async start(typed: SessionStartRequest, by: Principal = localPrincipal): Promise<CallRecord> {
    if (this.#draining) throw drainingError();
    // Before anything else is looked at, started or stored.
    requireConsent(this.#options, typed.consent);
    const { clock, defaults, ids, playbooks, redactor, repository, settings, telemetry } = this.#options;
    const request = redactedTyped(typed, redactor, typed.language ?? defaults.language);
    // A name that is not there is refused before anything is stored.
    const playbook = await playbooks.open(request.playbook ?? null, null);
    const made = { callId: ids.next("call_"), by, nowMs: clock.nowMs(), playbook };
    const call = newCall(request, made, this.#options);
    const engine = this.#engineFor(call.transcriber, call.language);
    // Only a warm engine knows how many calls this machine carries.
    await engine.start();
    const most = this.#options.maxLiveCalls ?? engine.maxLiveCalls();
    if (this.activeCalls() >= most) {
      throw new CallError(
        "too_many_calls",
        `This server carries ${most} calls at once and all places are taken; try again when one has ended.`,
        { retryAfterSec: Math.min(retryAfterSec, settings.resumeWindowSec) },
      );
    }
    this.#starting += 1;
    try {
      await repository.create(call);
      this.#adopt(call, null, playbook.suggester);
    } finally {
      this.#starting -= 1;
    }
    telemetry.count("calls_started", 1, { engine: call.transcriber });
    return call;
  }

  async join(options: {
    readonly callId: string;
    readonly role: ConnectionRole;
    readonly outlet: ConnectionOutlet;
    readonly givesFeedback?: boolean;
  }): Promise<Seat> {
    if (this.#draining) throw drainingError();
    const session = this.#sessions.get(options.callId);
    if (session !== undefined) {
      // A call of a time when none was required.
      if (options.role === "host") requireConsent(this.#options, session.call.consent);
      return await session.join(options);
    }
    const call = await this.#stored(options.callId);
    if (call.status !== "completed") {
      throw new CallError("storage_failed", "This call could not be taken up yet; it is tried again.");
    }
    const seat = new CompletedSeat(call, options, this.#options.repository);
    const data = sessionStartedOf(call, {
      role: options.role,
      state: "completed",
      nextSample: call.durableSamples,
      lastSeq: call.reservedSeq,
      nowMs: this.#options.clock.nowMs(),
      message: "This call is completed; send start_transcription with after_seq for a replay.",
    });
    options.outlet.send({ type: "session_started", data });
    return seat;
  }

  async status(callId: string): Promise<CallStatus> {
    const session = this.#sessions.get(callId);
    if (session !== undefined) {
      const { call, state } = session;
      return { call, state, nextSample: session.nextSample(), coachEnabled: call.coachEnabled };
    }
    const call = await this.#stored(callId);
    return { call, state: call.status, nextSample: call.durableSamples, coachEnabled: call.coachEnabled };
  }

  async patch(callId: string, patch: CallPatch): Promise<void> {
    const session = this.#sessions.get(callId);
    if (session !== undefined) {
      await session.patch(patch);
      return;
    }
    const { language } = await this.#stored(callId);
    await this.#write(callId, changesOfPatch(redactedTyped(patch, this.#options.redactor, language)));
  }

  async delete(callId: string): Promise<void> {
    if (this.#sessions.has(callId)) {
      throw new CallError("call_not_completed", "This call is not completed; stop it before deleting it.");
    }
    const { status } = await this.#stored(callId);
    if (status !== "completed") {
      throw new CallError("call_not_completed", "This call could not be taken up yet; it is tried again.");
    }
    await eraseCall(callId, this.#options);
    this.#options.telemetry.count("calls_deleted", 1, { reason: "request" });
    this.#options.logger.info({ call: callId }, "call deleted");
  }

  /** Whether the call goes on or may go on: nothing that deletes by age may touch it. */
  isUnderWay(callId: string): boolean {
    return this.#sessions.has(callId) || this.#takenUp.has(callId);
  }

  /** Erases a stored call, whatever its state. Nothing happens to one that is under way. */
  async erase(callId: string): Promise<void> {
    if (!this.isUnderWay(callId)) await eraseCall(callId, this.#options);
  }

  async toggleCoach(callId: string, enabled: boolean): Promise<boolean> {
    const session = this.#sessions.get(callId);
    if (session !== undefined) return await session.toggleCoach(enabled);
    await this.#stored(callId);
    throw new CallError("wrong_state", "This call is completed; there is nothing to coach.");
  }

  async recording(callId: string): Promise<RecordingSnapshot> {
    const session = this.#sessions.get(callId);
    const call = session?.call ?? (await this.#stored(callId));
    const live = session?.pipeline?.recording ?? null;
    const closed = live === null ? await this.#options.recorder.open(callId) : null;
    const recording = live ?? closed;
    let own = closed;
    const audibleWhenStored =
      this.#options.redactAudio && session === undefined ? call.settledSample : Infinity;
    return {
      format: recording?.format ?? audioFormatOf(call),
      repChannel: repChannelOf(call),
      samples: recording?.durableSamples ?? 0,
      read: async (firstSample, samples) => {
        // The call may have ended, and its recording been closed, since the snapshot was taken.
        if (own === null && (this.#sessions.get(callId)?.pipeline?.recording ?? null) !== live) {
          own = await this.#options.recorder.open(callId);
        }
        const source = own ?? live;
        if (source === null) return new Uint8Array(0);
        const pcm = await source.read(firstSample, samples);
        const audible = this.#sessions.get(callId)?.audibleSample() ?? audibleWhenStored;
        return withoutUnheard(pcm, firstSample, audible, source.format);
      },
      close: async () => {
        await own?.close();
      },
    };
  }

  /** Takes up the calls of a process that died: their hosts may come back with audio of which nothing had arrived. */
  async recover(): Promise<void> {
    const { logger, repository } = this.#options;
    await this.#finishDeletions();
    await writeUnsaved(this.#options);
    for (const call of await repository.unfinished()) {
      try {
        await this.#takeUp(call);
      } catch (error) {
        // The other calls must not wait for that.
        logger.error({ call: call.callId, err: error }, "a call could not be taken up; it is tried again");
        this.#takeUpLater(call.callId, firstTakeUpMs);
      }
    }
  }

  /** The process died after the audio of a call was gone, and before the rest of it was. */
  async #finishDeletions(): Promise<void> {
    const { logger, recorder } = this.#options;
    try {
      for (const callId of await recorder.deletions()) {
        await eraseCall(callId, this.#options);
        logger.info({ call: callId }, "the deletion of a call was finished");
      }
    } catch (error) {
      // The calls that go on must not wait for that.
      logger.error({ err: error }, "a deletion that was cut short could not be finished");
    }
  }

  #takeUpLater(callId: string, delayMs: number): void {
    const { clock, logger, repository } = this.#options;
    clock.after(delayMs, () => {
      const again = async (): Promise<void> => {
        if (this.#draining || this.#sessions.has(callId)) return;
        const call = await repository.get(callId);
        if (call !== null && call.status !== "completed") await this.#takeUp(call);
      };
      again().catch((error: unknown) => {
        logger.warn({ call: callId, err: error }, "a call still could not be taken up");
        this.#takeUpLater(callId, Math.min(delayMs * 2, lastTakeUpMs));
      });
    });
  }

  /** No new calls; what is live is completed with reason `shutdown`, what cannot be in time is let go. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    const sessions = [...this.#sessions.values()];
    const completed = Promise.all(sessions.map((session) => session.complete("shutdown")));
    await within(this.#options.clock, withinMs, completed);
    await Promise.all([...this.#sessions.values()].map((session) => session.release()));
  }

  async #takeUp(recorded: CallRecord): Promise<void> {
    this.#takenUp.add(recorded.callId);
    try {
      await this.#takeUpNow(recorded);
    } finally {
      this.#takenUp.delete(recorded.callId);
    }
  }

  async #takeUpNow(recorded: CallRecord): Promise<void> {
    const { engines, logger, recorder, repository } = this.#options;
    const { callId } = recorded;
    const stored = await repository.load(callId);
    const recording = await recorder.open(callId);
    const samples = recording?.durableSamples ?? 0;
    try {
      if (stored !== null && this.#options.redactAudio) {
        await recording?.silence(markedSpans(recorded, stored.segments));
      }
    } finally {
      await recording?.close();
    }
    if (stored === null) {
      await eraseCall(callId, this.#options);
      return;
    }
    const lostAudio = lossBefore(recorded.lostAudio, samples, recorded.sampleRateHz);
    const reservedSeq = reservedAfter(recorded.reservedSeq);
    const call = { ...recorded, durableSamples: samples, lostAudio, reservedSeq };
    await this.#write(callId, { durableSamples: samples, lostAudio, reservedSeq });
    if (engines.get(call.transcriber)?.languages.includes(call.language) !== true) {
      logger.warn({ call: callId }, "the transcriber of an interrupted call is gone; the call is completed");
      if (samples === 0) await eraseCall(callId, this.#options);
      else await this.#completeAsIs(call, stored);
      return;
    }
    const playbook = await playbookOf(call, this.#options);
    const kept = { playbook: playbook.name, playbookVersion: playbook.version };
    if (call.playbook !== kept.playbook || call.playbookVersion !== kept.playbookVersion) {
      await this.#write(callId, kept);
    }
    this.#adopt({ ...call, ...kept }, stored, playbook.suggester);
    logger.info({ call: callId, samples }, "call waits for its host after a restart");
  }

  /** Ends a call that nobody can go on with: what is stored of it is all there will be. */
  async #completeAsIs(call: CallRecord, stored: StoredCall): Promise<void> {
    const facts = {
      call,
      stored,
      summary: await summariseInTurns(stored, call.language, this.#options.speechReader),
      reason: "interrupted" as const,
      samples: call.durableSamples,
      heardUntilSample: call.settledSample,
      seq: call.reservedSeq + 1,
      endedAtMs: this.#options.clock.nowMs(),
    };
    const { event, changes } = completionOf(facts);
    await this.#write(call.callId, changes, [{ type: "call_completed", data: event }]);
  }

  #write(callId: string, changes: CallChanges, events: readonly CallEvent[] = []): Promise<void> {
    const nothing = { segments: [], objections: [], suggestions: [] };
    return this.#options.repository.write({ callId, events, ...nothing, changes });
  }

  #adopt(call: CallRecord, stored: StoredCall | null, suggester: ReplySuggester): void {
    const options = {
      ...this.#options,
      call,
      engine: this.#engineFor(call.transcriber, call.language),
      suggester,
      inTurn: <T>(run: () => Promise<T>): Promise<T> => {
        const turn = this.#lastTurn.then(run);
        this.#lastTurn = turn.catch(() => undefined);
        return turn;
      },
      onEnded: () => {
        this.#sessions.delete(call.callId);
      },
    };
    this.#sessions.set(call.callId, new CallSession(options, stored));
  }

  #engineFor(transcriber: TranscriberName, language: Language): TranscriptionEngine {
    const engine = this.#options.engines.get(transcriber);
    if (engine === undefined) {
      throw new CallError(
        "transcriber_not_available",
        `The transcriber "${transcriber}" is not set up on this server; it has ${[...this.#options.engines.keys()].join(", ")}.`,
      );
    }
    if (!engine.languages.includes(language)) {
      throw new CallError(
        "language_not_supported",
        `The transcriber "${transcriber}" does not know the language "${language}"; it knows ${engine.languages.join(", ")}.`,
      );
    }
    const refusal = engine.refusal?.(language) ?? null;
    if (refusal !== null) throw new CallError("language_not_supported", refusal);
    return engine;
  }

  async #stored(callId: string): Promise<CallRecord> {
    const call = callIdPattern.test(callId) ? await this.#options.repository.get(callId) : null;
    if (call === null) throw callNotFound();
    return call;
  }
}

function drainingError(): CallError {
  return new CallError("draining", "This server is shutting down; try again in a moment.", {
    retryAfterSec: 5,
  });
}
