import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type { Status } from "../contract/events.ts";
import type { CallPatch } from "../contract/rest.ts";
import {
  closeCodes,
  type CallState,
  type CompletionReason,
  type ConnectionRole,
} from "../contract/vocabulary.ts";
import { samplesToMs } from "./audio-axis.ts";
import { endCall } from "./call-ending.ts";
import { CallPipeline } from "./call-pipeline.ts";
import { CallSeats } from "./call-seats.ts";
import { CallSpeech } from "./call-speech.ts";
import { CallTimers } from "./call-timers.ts";
import { CallError, noIntake, takenOver } from "./errors.ts";
import { noteFeedback } from "./completed-seat.ts";
import { EngineListener } from "./engine-listener.ts";
import { EventStream } from "./event-stream.ts";
import { keytermsOf } from "./keyterms.ts";
import { refuseTooMuchLoss, withLoss } from "./lost-audio.ts";
import { farewellMs, maxPatchMs, within } from "./patience.ts";
import type { Logger } from "./ports.ts";
import type { SaidSpans } from "./said-spans.ts";
import type { CallChanges, CallRecord, StoredCall } from "./stored-call.ts";
import { changesOfPatch, markedAt, saidSpansOf, sessionStartedOf } from "./records.ts";
import { replayTo } from "./replay.ts";
import type { AudioLoss, Seat } from "./seat.ts";
import type { SessionOptions } from "./session-options.ts";
import { refuseEnding, type SessionState } from "./session-state.ts";
import { backlogStatus, publishStatus, troubleDetails } from "./trouble-details.ts";
import type { SeatSession, SessionSeat } from "./session-seat.ts";
import { redactedTyped } from "./typed-text.ts";

/** One call from its creation to its end. The numbered rules of SPEC.md are its behaviour. */
export class CallSession implements SeatSession {
  readonly callId: string;
  readonly #options: SessionOptions;
  readonly #events: EventStream;
  readonly #speech: CallSpeech;
  readonly #engine: EngineListener;
  readonly #seats: CallSeats;
  readonly #timers: CallTimers;
  readonly #logger: Logger;
  #call: CallRecord;
  #state: SessionState;
  #pipeline: CallPipeline | null = null;
  #opening: Promise<CallPipeline> | null = null;
  #markNextAudio = true;
  #vanishing = false;
  #released = false;
  readonly #said: SaidSpans;

  /** `stored`: what an earlier process left of the call. */
  constructor(options: SessionOptions, stored: StoredCall | null) {
    const { call, clock, repository, settings, telemetry, unsaved } = options;
    this.callId = call.callId;
    this.#options = options;
    this.#call = call;
    this.#said = saidSpansOf(call, stored?.segments ?? []);
    this.#logger = options.logger.child({ call: call.callId });
    this.#state = stored === null ? { name: "created" } : { name: "waiting", recovered: true };
    this.#events = new EventStream({
      callId: call.callId,
      // Numbers are reserved ahead: an earlier process may have sent any of its own.
      lastSeq: stored?.call.reservedSeq ?? 0,
      reservedSeq: call.reservedSeq,
      repository,
      unsaved,
      clock,
      logger: this.#logger,
      telemetry,
      fanOut: (event) => {
        this.#seats.deliver(event);
      },
      onTrouble: (failing) => {
        this.#tellTrouble(failing, "database");
      },
      onRefused: () => {
        this.#tellTrouble(true, "not_stored");
      },
    });
    const silence: CallPipeline["silence"] = async (spans) => (await this.#open()).silence(spans);
    this.#speech = new CallSpeech(
      { ...options, events: this.#events, logger: this.#logger, silence, save: this.#change.bind(this) },
      stored,
    );
    this.#engine = new EngineListener({
      ...options,
      speech: this.#speech,
      arrivedAtMs: (endMs) => this.#pipeline?.arrivedAtMs(endMs) ?? null,
      save: (changes) => {
        this.#change({ ...changes, durableSamples: this.nextSample() });
      },
      tell: (status) => {
        this.#publish(status);
      },
    });
    this.#seats = new CallSeats({
      session: this,
      clock,
      admit: () => {
        if (this.#vanishing) throw new CallError("call_not_found", "There is no such call.");
      },
      storageFails: () => this.#pipeline?.storageFails ?? false,
      audioSettled: async () => {
        await this.#pipeline?.durable(this.#pipeline.axis.takenSample);
      },
      sessionStarted: (role) => this.#sessionStarted(role),
      onHostSeated: () => {
        this.#timers.hostCame();
      },
    });
    // Trouble that was told before the process died is over: whatever still fails is told anew.
    if (stored !== null) this.#tell("live", "restarted", "");
    this.#timers = new CallTimers({
      clock,
      startedAtMs: call.startedAtMs,
      ...settings,
      recovered: stored !== null,
      onAbandoned: () => {
        const recovered = this.#state.name === "waiting" && this.#state.recovered;
        void this.complete(recovered ? "interrupted" : "abandoned");
      },
      onTimeLimit: () => void this.complete("time_limit"),
      onTimeLimitNear: (secondsLeft) => {
        this.#tell("live", "time_limit", `The call ends in ${secondsLeft} s.`);
      },
    });
  }

  get state(): CallState {
    return this.#state.name;
  }

  get call(): CallRecord {
    return { ...this.#call, status: this.state, coachEnabled: this.#speech.coachEnabled };
  }

  /** Null until the first host has started the call. */
  get pipeline(): CallPipeline | null {
    return this.#pipeline;
  }

  nextSample(): number {
    return this.#pipeline?.axis.nextSample ?? this.#call.durableSamples;
  }

  /** Audio before it may be listened to: what had to be silenced in it is silent. */
  audibleSample(): number {
    const all = !this.#options.redactAudio || this.#state.name === "completed";
    return all ? Number.POSITIVE_INFINITY : this.#engine.settledSample;
  }

  undurableSeconds(): number {
    return this.#pipeline?.undurableSeconds() ?? 0;
  }

  async drained(): Promise<void> {
    await this.#pipeline?.drained();
  }

  join(...seat: Parameters<CallSeats["join"]>): Promise<Seat> {
    return this.#seats.join(...seat);
  }

  async startSeat(seat: SessionSeat, afterSeq: number | undefined): Promise<void> {
    if (this.#seats.isHost(seat)) await this.#goLive(seat);
    // All that was published is sent and stored; from here on it queues up behind the replay.
    await this.#events.sent();
    const lastSeq = this.#events.lastSeq;
    seat.beginReplay();
    this.#speech.repeatInterims();
    if (afterSeq === undefined) seat.follow();
    else await replayTo(seat, { afterSeq, lastSeq }, { ...this.#options, events: this.#events });
  }

  /** Not async: a refusal is thrown before the next message of the connection is looked at. */
  takeAudio(seat: SessionSeat, firstSample: number, pcm: Uint8Array): Promise<number> {
    const pipeline = this.#intakeOf(seat);
    const before = pipeline.axis.takenSample;
    const { taken, end } = pipeline.take(firstSample, pcm);
    seat.advance(end);
    if (taken > before && this.#markNextAudio) {
      this.#markNextAudio = false;
      this.#change(markedAt(this.#call, before, this.#options.clock.nowMs()));
    }
    const longestSec = this.#options.settings.sessionTimeoutSec;
    if (taken / this.#call.sampleRateHz >= longestSec) void this.complete("time_limit");
    return pipeline.durable(taken).then(() => pipeline.axis.nextSample);
  }

  async takeLoss(seat: SessionSeat, loss: AudioLoss): Promise<number> {
    const pipeline = this.#intakeOf(seat);
    const { lostAudio, sampleRateHz } = this.#call;
    refuseTooMuchLoss(lostAudio, loss.samples, sampleRateHz);
    const span = pipeline.takeLoss(loss);
    seat.advance(Math.max(seat.cursor, loss.firstSample + loss.samples));
    if (span !== null) {
      const reason = this.#options.redactor?.text(loss.reason, this.#call.language) ?? loss.reason;
      this.#change({ lostAudio: withLoss(lostAudio, { ...span, reason }, sampleRateHz) });
      const lostMs = samplesToMs(span.samples, sampleRateHz);
      this.#options.telemetry.count("audio_lost_seconds", lostMs / 1000);
      this.#tell("degraded", "audio_lost", `${lostMs} ms of audio were lost: ${reason}`);
    }
    await pipeline.durable(pipeline.axis.takenSample);
    return pipeline.axis.nextSample;
  }

  async stopBy(seat: SessionSeat): Promise<void> {
    seat.stopRequests += 1;
    if (this.#state.name === "completed") {
      seat.send({ type: "call_completed", data: this.#state.event });
      return;
    }
    await this.complete("stopped");
  }

  async toggleCoach(enabled: boolean): Promise<boolean> {
    refuseEnding(this.#state);
    if (enabled !== this.#speech.coachEnabled) {
      this.#speech.setCoach(enabled);
      this.#events.publish((head) => ({ type: "coach_changed", data: { ...head, coach_enabled: enabled } }), {
        stored: true,
        changes: { coachEnabled: enabled },
      });
    }
    await this.#events.sent();
    return enabled;
  }

  async chooseVoice(voice: number): Promise<void> {
    refuseEnding(this.#state);
    if (voice === this.#call.repVoice) return;
    this.#speech.chooseVoice(voice);
    this.#change({ repVoice: voice });
    await this.#events.sent();
  }

  feedback(suggestionId: string, verdict: FeedbackVerdict): Promise<void> {
    return noteFeedback(this.#options.repository, this.callId, suggestionId, verdict);
  }

  async patch(patch: CallPatch): Promise<void> {
    this.#change(changesOfPatch(redactedTyped(patch, this.#options.redactor, this.#call.language)));
    if (!(await within(this.#options.clock, maxPatchMs, this.#events.saved()))) {
      throw new CallError("storage_failed", "The change is kept and not written yet; ask again in a moment.");
    }
  }

  leave(seat: SessionSeat): void {
    if (!this.#seats.leave(seat)) return;
    if (this.#state.name === "completing" || this.#state.name === "completed") return;
    if (this.#state.name === "live") {
      this.#state = { name: "waiting", recovered: false };
      this.#change({ status: "waiting" });
    }
    this.#timers.hostLeft();
  }

  /** Ends the call in order; resolves when `call_completed` has been sent. Idempotent. */
  complete(reason: CompletionReason): Promise<void> {
    if (this.#state.name === "completing") return this.#state.done;
    if (this.#state.name === "completed") return Promise.resolve();
    this.#timers.cancel();
    const neverStarted = this.#state.name === "created" && this.#opening === null;
    // Taken up after a restart and not asked for by anybody: hours of audio must not crowd out live calls.
    const unattended = this.#pipeline === null && this.#opening === null && reason === "interrupted";
    const run = async (): Promise<void> => {
      if (!this.#released) await this.#runCompletion(reason, neverStarted);
    };
    const done = Promise.resolve()
      .then(() => (unattended ? this.#options.inTurn(run) : run()))
      .catch((error: unknown) => {
        this.#logger.error({ err: error }, "completing the call failed; the next start tries again");
        this.#seats.closeAll(closeCodes.draining, "draining");
        this.#options.onEnded();
      });
    this.#state = { name: "completing", done };
    return done;
  }

  /** Lets go at once; what is durable is taken up again at the next start. */
  async release(): Promise<void> {
    this.#timers.cancel();
    this.#speech.close();
    this.#seats.closeAll(closeCodes.draining, "draining");
    this.#released = true;
    await this.#pipeline?.abort();
    await this.#events.release();
  }

  #sessionStarted(role: ConnectionRole): ReturnType<typeof sessionStartedOf> {
    return sessionStartedOf(this.call, {
      role,
      state: this.state,
      nextSample: this.nextSample(),
      lastSeq: this.#events.lastSeq,
      nowMs: this.#options.clock.nowMs(),
      message: "Send start_transcription to begin or to resume.",
      transcriber: this.#engine.atWork,
    });
  }

  async #goLive(host: SessionSeat): Promise<void> {
    const state = this.#state;
    this.#markNextAudio = true;
    if (state.name !== "created" && state.name !== "waiting") return;
    await this.#open();
    // Opening takes a moment in which the call may have been completed, or its host have gone.
    if (this.#state !== state || !this.#seats.isHost(host)) return;
    this.#state = { name: "live" };
    this.#change({ status: "live" });
    this.#logger.info({ next_sample: this.nextSample() }, "call is live");
  }

  #open(): Promise<CallPipeline> {
    this.#opening ??= CallPipeline.open({
      ...this.#options,
      call: this.#call,
      keyterms: keytermsOf(this.#call, this.#options.suggester),
      vadEnabled: this.#options.settings.vadEnabled,
      diarize: this.#options.settings.diarize,
      said: this.#said,
      logger: this.#logger,
      onEngineEvent: (event) => {
        this.#engine.hear(event);
      },
      onBacklog: (behind, seconds) => {
        this.#tell(...backlogStatus(behind, seconds));
      },
      onStorageTrouble: (failing) => {
        this.#tellTrouble(failing, "storage");
      },
    }).then(
      (pipeline) => (this.#pipeline = pipeline),
      (error: unknown) => {
        this.#opening = null;
        throw error;
      },
    );
    return this.#opening;
  }

  #intakeOf(seat: SessionSeat): CallPipeline {
    if (!this.#seats.isHost(seat)) throw takenOver();
    if (this.#state.name !== "live" || this.#pipeline === null) throw noIntake(this.state, this.nextSample());
    return this.#pipeline;
  }

  async #runCompletion(reason: CompletionReason, neverStarted: boolean): Promise<void> {
    const { event, published } = await endCall({
      ...this.#options,
      reason,
      logger: this.#logger,
      events: this.#events,
      speech: this.#speech,
      current: () => this.#call,
      nextSample: () => this.nextSample(),
      openPipeline: neverStarted ? null : () => this.#open(),
      tell: (...status) => {
        this.#tell(...status);
      },
      onVanishing: () => {
        this.#vanishing = true;
      },
      isReleased: () => this.#released,
    });
    this.#state = { name: "completed", event };
    this.#seats.tellCompleted(event, published);
    this.#options.telemetry.count("calls_completed", 1, { reason });
    this.#logger.info({ reason, samples: this.nextSample() }, "call is completed");
    const farewell = (): void => {
      this.#seats.closeAll(closeCodes.completed, "completed");
    };
    if (reason === "shutdown") farewell();
    else this.#options.clock.after(farewellMs, farewell);
    this.#options.onEnded();
  }

  #change(changes: CallChanges): void {
    this.#call = { ...this.#call, ...changes };
    this.#events.save(changes);
  }

  #tellTrouble(failing: boolean, reason: keyof typeof troubleDetails): void {
    this.#tell(failing ? "degraded" : "live", reason, failing ? troubleDetails[reason] : "");
  }

  #tell(state: Status["state"], reason: string, detail: string): void {
    this.#publish({ state, reason, detail });
  }

  #publish(status: Parameters<typeof publishStatus>[1]): void {
    // Nobody is helped by hearing that a call that is being finished is behind, or no longer is.
    if (this.#state.name === "completing" && status.state !== "completing") return;
    publishStatus(this.#events, status);
  }
}
