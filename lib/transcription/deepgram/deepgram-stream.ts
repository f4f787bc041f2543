import { CallError } from "../../call/errors.ts";
import type { TranscriptionStream } from "../../call/transcription-ports.ts";
import { EventFeed } from "../event-feed.ts";
import type { AudioRing } from "./audio-ring.ts";
import { AudioPause } from "./audio-pause.ts";
import type { AwayWatch } from "./away-watch.ts";
import type { BackOff } from "./back-off.ts";
import type { GapRepair } from "./gap-repair.ts";
import { heardResult } from "./heard-words.ts";
import { ListenConnection, type ListenEnd } from "./listen-connection.ts";
import type { ListenMessage, ListenResults } from "./listen-messages.ts";
import { listenParameters } from "./listen-parameters.ts";
import { LiveSender } from "./live-sender.ts";
import { endWords, isFinal, recordedWords } from "./plain-words.ts";
import type { ResultAssembler } from "./result-assembler.ts";
import { planResume } from "./resume-plan.ts";
import type { SentAxis } from "./sent-axis.ts";
import { streamParts, type DeepgramStreamOptions } from "./stream-parts.ts";
import type { StreamReport } from "./stream-report.ts";
import type { StreamState } from "./stream-state.ts";
import type { VoiceGate } from "./voice-gate.ts";

const takeOnMs = 3000;
const firstPatienceMs = 4000;
const lastPatienceMs = 20_000;
const shownWithinSeconds = 2;

/**
 * A call's stream into Deepgram, over any number of connections: what had no final when one was lost is sent again
 * over the next, or repaired from the recording where that would take too long.
 */
export class DeepgramStream implements TranscriptionStream {
  readonly #options: DeepgramStreamOptions;
  readonly #feed: EventFeed;
  readonly #ring: AudioRing;
  readonly #gate: VoiceGate;
  readonly #report: StreamReport;
  readonly #assembler: ResultAssembler;
  readonly #repair: GapRepair;
  readonly #backOff: BackOff;
  readonly #watch: AwayWatch;
  readonly #pause: AudioPause;
  #state: StreamState = { kind: "idle" };
  #patienceMs: number;
  #finishing: Promise<void> | null = null;
  /** Of the message that is being taken. */
  #receivedAtMs: number | null = null;
  #answered: { readonly resolve: () => void; readonly reject: (cause: CallError) => void } | null = null;

  constructor(options: DeepgramStreamOptions) {
    this.#options = options;
    this.#feed = new EventFeed(options.opened.onEvent);
    const parts = streamParts(options, {
      event: (event) => {
        const receivedAtMs = this.#receivedAtMs;
        const isHeard = event.type === "utterance" && receivedAtMs !== null;
        this.#feed.push(isHeard ? { ...event, receivedAtMs } : event);
      },
      repaired: () => {
        this.#tellProgress();
      },
    });
    this.#ring = parts.ring;
    this.#gate = parts.gate;
    this.#report = parts.report;
    this.#assembler = parts.assembler;
    this.#repair = parts.repair;
    this.#backOff = parts.backOff;
    this.#watch = parts.watch;
    this.#pause = new AudioPause(options.clock, () => {
      this.#park();
    });
    this.#patienceMs = options.settings.interimResults ? firstPatienceMs : lastPatienceMs;
  }

  write(pcm: Uint8Array): void {
    if (this.#state.kind === "closed" || this.#finishing !== null) return;
    this.#pause.came();
    this.#gate.listen(this.#ring.push(pcm));
    if (this.#state.kind === "idle" || this.#state.kind === "parked") this.#connect();
    else if (this.#state.kind === "live") this.#state.sender.pump();
    if (this.#report.isDue) this.#tellProgress();
  }

  finish(): Promise<void> {
    this.#finishing ??= this.#state.kind === "closed" ? Promise.resolve() : this.#finish();
    return this.#finishing;
  }

  abort(): void {
    if (this.#state.kind === "closed") return;
    // There is no later moment for it.
    const billedSeconds = this.#report.takeUsage();
    if (billedSeconds > 0) this.#options.opened.onEvent({ type: "usage", billedSeconds });
    this.#answered?.resolve();
    this.#close();
  }

  // ---------------------------------------------------------------- connections

  #connect(): void {
    const { clock, opened, settings } = this.#options;
    this.#watch.connecting();
    const connection = new ListenConnection({
      apiKey: settings.apiKey,
      baseUrl: settings.baseUrl,
      parameters: listenParameters(settings, opened),
      clock,
      bytesPerSecond: 2 * opened.channels * opened.sampleRateHz,
      resultsWithinMs: this.#patienceMs,
      onOpen: () => {
        this.#live(connection);
      },
      onMessage: (message) => {
        this.#take(message);
      },
      onEnd: (end) => {
        this.#lost(end);
      },
    });
    this.#state = { kind: "connecting", connection };
  }

  #live(connection: ListenConnection): void {
    const { clock, logger, opened } = this.#options;
    const { channels, sampleRateHz } = opened;
    const from = this.#resumeFrom();
    logger.info(
      { request: connection.requestId, goneMs: Math.round(this.#watch.goneForMs) },
      "connected to Deepgram",
    );
    const sender = new LiveSender({
      connection,
      ring: this.#ring,
      gate: this.#gate,
      sparesSilence: opened.vadEnabled,
      sampleRateHz,
      channels,
      fromSample: from,
      heardFrom: this.#channels().map((channel) => this.#assembler.channel(channel)?.closedSample ?? from),
      clock,
      onSpared: (samples) => {
        this.#report.spare(samples);
      },
      onSent: (endSample, samples) => {
        this.#measureSending(endSample);
        this.#report.bill(samples, "sent");
      },
    });
    this.#state = { kind: "live", connection, sender };
    this.#watch.opened();
    if (this.#finishing === null) sender.pump();
    else sender.end();
    this.#pause.watch();
    this.#tellProgress();
  }

  /** No audio comes: what has had no final is sent again with the next, or when the call ends. */
  #park(): void {
    if (this.#state.kind !== "live" || this.#finishing !== null) return;
    const { connection, sender } = this.#state;
    this.#options.logger.info({ request: connection.requestId }, "no audio comes; Deepgram is let go of");
    sender.close();
    connection.abort();
    this.#state = { kind: "parked" };
    this.#report.tellUsage();
    this.#tellProgress();
  }

  /** Where the new connection goes on; what it leaves out is given to the repair. */
  #resumeFrom(): number {
    const { channels, sampleRateHz, vadEnabled } = this.#options.opened;
    const unsettled = this.#assembler.closedSample;
    const plan = planResume({
      assembler: this.#assembler,
      ring: this.#ring,
      gate: this.#gate,
      channels,
      sampleRateHz,
      sparesSilence: vadEnabled,
    });
    if (plan.gap !== null) {
      const seconds = Math.round((plan.from - unsettled) / sampleRateHz);
      this.#options.logger.warn({ seconds }, "a gap is repaired from the recording");
      this.#repair.add(plan.gap);
    }
    return plan.from;
  }

  #lost(end: ListenEnd): void {
    const { clock, logger, telemetry } = this.#options;
    if (this.#state.kind === "live") this.#state.sender.close();
    if (end.kind === "closed") {
      this.#report.tellUsage();
      this.#endChannels();
      this.#answered?.resolve();
      return;
    }
    if (this.#finishing !== null && end.kind !== "refused" && this.#isAllSaid()) {
      // It went without a goodbye, but there was nothing left to say.
      this.#state = { kind: "idle" };
      this.#answered?.resolve();
      return;
    }
    const why = endWords(end);
    telemetry.count("engine_connections_lost", 1, { reason: end.kind });
    logger.warn({ ...end, finishing: this.#finishing !== null }, "no connection to Deepgram");
    if (end.kind === "stalled" && end.sign === "no_results") {
      this.#patienceMs = Math.min(lastPatienceMs, this.#patienceMs * 2);
    }
    if (end.kind === "refused" && isFinal(end)) {
      this.#state = { kind: "refused", why };
      this.#watch.refused(why);
      this.#answered?.reject(new CallError("engine_failed", why));
      this.#tellProgress();
      return;
    }
    this.#watch.gone(why);
    this.#report.tellUsage();
    if (this.#finishing !== null) {
      this.#leaveToRepair();
      return;
    }
    const askedMs = end.kind === "refused" && end.retryAfterSec !== null ? end.retryAfterSec * 1000 : null;
    const cancel = clock.after(this.#backOff.nextMs(askedMs), () => {
      this.#connect();
    });
    this.#state = { kind: "waiting", cancel };
    this.#tellProgress();
  }

  #endChannels(): void {
    this.#state = { kind: "idle" };
    for (const channel of this.#channels()) this.#assembler.channel(channel)?.end(this.#ring.endSample);
  }

  /** Everything that was written has had its finals, or holds no voice from `since` on. */
  #isAllSaid(since = this.#assembler.closedSample): boolean {
    const isOpen = this.#channels().some((channel) => this.#assembler.channel(channel)?.isOpen === true);
    return !isOpen && !this.#gate.hasVoice(since, this.#ring.endSample);
  }

  /** Of a voice before it a service that has had its time has shown an interim, which is open until its final. */
  #shownBefore(): number | undefined {
    const shownSamples = shownWithinSeconds * this.#options.opened.sampleRateHz;
    return this.#options.settings.interimResults ? this.#ring.endSample - shownSamples : undefined;
  }

  // ---------------------------------------------------------------- results

  #take(message: ListenMessage): void {
    if (this.#state.kind !== "live") return;
    const { axis } = this.#state.sender;
    this.#receivedAtMs = this.#options.clock.monotonicMs();
    if (message.type === "Results") {
      this.#watch.worked();
      this.#hear(message, axis);
    } else if (message.type === "UtteranceEnd") {
      const [channel = 0] = message.channel;
      if (message.last_word_end >= 0) {
        this.#assembler.channel(channel)?.utteranceEnd(axis.endAt(message.last_word_end));
      }
    } else if (message.type === "Error") {
      const { description, variant } = message;
      this.#options.logger.warn({ variant, description }, "Deepgram reports an error and goes on");
    }
    this.#receivedAtMs = null;
    this.#tellProgress();
  }

  #hear(results: ListenResults, axis: SentAxis): void {
    const { opened, telemetry } = this.#options;
    const result = heardResult(results, axis);
    if (!result.isFinal) {
      const heardSeconds = results.start + results.duration;
      telemetry.latency("engine_cursor", (axis.sentSamples / opened.sampleRateHz - heardSeconds) * 1000);
    }
    this.#assembler.channel(result.channel)?.hear(result);
  }

  #measureSending(endSample: number): void {
    const { clock, opened, telemetry } = this.#options;
    const arrivedAtMs = opened.arrivedAtMs?.(endSample) ?? null;
    if (arrivedAtMs !== null) telemetry.latency("engine_send", clock.monotonicMs() - arrivedAtMs);
  }

  // ---------------------------------------------------------------- progress

  #channels(): readonly number[] {
    return Array.from({ length: this.#options.opened.channels }, (_, channel) => channel);
  }

  #tellProgress(): void {
    const { opened, settings } = this.#options;
    this.#restInSilence();
    const written = this.#ring.endSample;
    const taken = this.#takenUntil();
    const pending = Math.min(...this.#channels().map((channel) => this.#repair.pendingSample(channel)));
    this.#report.progress({
      consumed: this.#takesOn() ? written : taken,
      settled: Math.min(this.#assembler.closedSample, pending),
      reached: settings.interimResults ? Math.min(this.#heardUntil(), pending) : null,
    });
    const needed = Math.min(this.#assembler.closedSample, taken, this.#gate.quietUntil);
    this.#ring.dropBefore(needed - opened.sampleRateHz);
    this.#gate.dropBefore(this.#ring.firstSample);
  }

  #takenUntil(): number {
    if (this.#state.kind === "live") return this.#state.sender.takenSample;
    // Nothing was written yet, or everything has been answered, or at least sent.
    return ["idle", "parked"].includes(this.#state.kind) ? this.#ring.endSample : this.#report.consumed;
  }

  /** Without a connection audio is taken all the same after a while: the transcript goes on where the call is then. */
  #takesOn(): boolean {
    if (this.#state.kind === "refused") return true;
    if (this.#state.kind !== "waiting" && this.#state.kind !== "connecting") return false;
    return this.#watch.goneForMs >= takeOnMs;
  }

  /** Silence that is not sent has been heard, so to say. */
  #restInSilence(): void {
    if (this.#state.kind !== "live" || !this.#state.sender.isAtRest) return;
    for (const channel of this.#channels())
      this.#assembler.channel(channel)?.quietUntil(this.#gate.quietUntil);
  }

  /** Where nobody has spoken since, no word waits to be known. */
  #heardUntil(): number {
    const heard = this.#assembler.heardSample;
    if (this.#state.kind !== "live") return heard;
    const { cursor, takenSample } = this.#state.sender;
    return this.#gate.hasVoice(heard, cursor) ? heard : Math.max(heard, takenSample);
  }

  // ---------------------------------------------------------------- the end

  async #finish(): Promise<void> {
    try {
      await this.#lastWords();
      const { fallbackAfterSec } = this.#options.settings;
      const failure = await this.#repair.done(fallbackAfterSec * 1000);
      if (failure !== null) throw new CallError("engine_failed", recordedWords(failure));
      this.#tellProgress();
      this.#report.tellUsage();
      await this.#feed.drained();
    } finally {
      this.#close();
    }
  }

  /** Resolves when everything that was written has been answered, or given to the repair. */
  async #lastWords(): Promise<void> {
    if (this.#state.kind === "parked" && this.#isAllSaid(this.#shownBefore())) this.#endChannels();
    if (this.#state.kind === "idle") return;
    if (this.#state.kind === "refused") throw new CallError("engine_failed", this.#state.why);
    const answered = new Promise<void>((resolve, reject) => {
      this.#answered = { resolve, reject };
    });
    if (this.#state.kind === "live") this.#state.sender.end();
    if (this.#state.kind === "parked") this.#connect();
    if (this.#state.kind === "waiting") {
      this.#state.cancel();
      this.#leaveToRepair();
    }
    await answered;
  }

  /** The call is over: what has had no final is not sent again, but read from the recording. */
  #leaveToRepair(): void {
    const written = this.#ring.endSample;
    this.#repair.add(
      this.#channels().map((channel) => {
        const heard = this.#assembler.channel(channel);
        const from = heard?.closedSample ?? written;
        return { from, until: written, shown: heard?.skipTo(written) ?? null };
      }),
    );
    this.#state = { kind: "idle" };
    this.#answered?.resolve();
  }

  #close(): void {
    if (this.#state.kind === "closed") return;
    if (this.#state.kind === "waiting") this.#state.cancel();
    if (this.#state.kind === "live") this.#state.sender.close();
    if (this.#state.kind === "live" || this.#state.kind === "connecting") this.#state.connection.abort();
    this.#state = { kind: "closed" };
    this.#pause.close();
    this.#watch.close();
    this.#repair.close();
    this.#feed.close();
    this.#options.onClosed();
  }
}
