import { EngineFeed } from "../call/engine-feed.ts";
import { SaidSpans } from "../call/said-spans.ts";
import type { Clock, Logger, Telemetry } from "../call/ports.ts";
import type {
  EngineEvent,
  OpenTranscription,
  TranscriptionEngine,
  TranscriptionStream,
} from "../call/transcription-ports.ts";

/** With people talking all the time the primary is returned to in the middle of a sentence. */
const maxWaitForBoundaryMs = 10_000;
/** A primary that went away again so soon after its return is not trusted at once. */
const shortReturnMs = 60_000;
const firstHoldMs = 30_000;
const lastHoldMs = 300_000;

type Utterance = Extract<EngineEvent, { type: "utterance" }>;
type Trouble = Extract<EngineEvent, { type: "trouble" }>;

export interface FallbackEngineOptions {
  readonly primary: TranscriptionEngine;
  /** Closed by whoever made it. */
  readonly fallback: TranscriptionEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

interface FallbackStreamOptions extends FallbackEngineOptions {
  readonly opened: OpenTranscription;
}

/** One engine's part of the call. */
interface Leg {
  readonly number: number;
  readonly engine: TranscriptionEngine;
  /** What had had its final when it began. */
  readonly said: SaidSpans;
  readonly stream: TranscriptionStream;
  readonly feed: EngineFeed;
  /** Resolves when another leg goes on. */
  readonly left: Promise<void>;
  readonly leave: () => void;
}

/**
 * One call over two engines. Whichever takes over hears again, from the recording, everything from where words
 * were settled, with what had its final silent in it: no word is lost or said twice. While the fallback is at work
 * the primary's stream is kept, without audio, to tell when it is back.
 */
export class FallbackStream implements TranscriptionStream {
  readonly #options: FallbackStreamOptions;
  readonly #said = new SaidSpans();
  #writtenSample: number;
  #consumedSample: number;
  #settledSample: number;
  #legs = 0;
  #active: Leg;
  /** The primary's stream while the fallback is at work. */
  #absent: Leg | null = null;
  /** Monotonic time from which the primary may be returned to; null: it is not back. */
  #returnFromMs: number | null = null;
  #returnedMs = -Infinity;
  #holdMs = 0;
  /** Reasons of trouble that the engine at work has told and not said to be over. */
  readonly #troubles = new Set<string>();
  /** Interims without a final, by id; those of an earlier leg stay until the same words come again. */
  readonly #open = new Map<string, { readonly leg: number; readonly last: Utterance }>();
  #finished: Promise<void> | null = null;
  #closed = false;

  constructor(options: FallbackStreamOptions) {
    const { firstSample } = options.opened;
    this.#options = options;
    this.#writtenSample = firstSample;
    this.#consumedSample = firstSample;
    this.#settledSample = firstSample;
    this.#active = this.#begin(options.primary);
  }

  write(pcm: Uint8Array): void {
    if (this.#closed || this.#finished !== null) return;
    const samples = Math.floor(pcm.byteLength / (2 * this.#options.opened.channels));
    const firstSample = this.#writtenSample;
    this.#writtenSample += samples;
    this.#active.feed.offer(firstSample, samples, pcm);
  }

  finish(): Promise<void> {
    this.#finished ??= this.#finishLegs();
    return this.#finished;
  }

  abort(): void {
    if (this.#closed) return;
    // What an engine says while it gives up, such as what it billed, still counts.
    this.#letGo(this.#active);
    this.#letGoOfAbsent();
    this.#closed = true;
  }

  get #fallsBack(): boolean {
    return this.#active.engine === this.#options.fallback;
  }

  #begin(engine: TranscriptionEngine): Leg {
    const { clock, logger, opened } = this.#options;
    const firstSample = this.#settledSample;
    const said = this.#said.copy();
    const read = async (sample: number, samples: number): Promise<Uint8Array> =>
      said.silenced(await opened.readRecording(sample, samples), sample, opened.channels);
    const number = (this.#legs += 1);
    const stream = engine.open({
      ...opened,
      firstSample,
      readRecording: read,
      onEvent: (event) => {
        this.#take(number, event);
      },
    });
    const feed = new EngineFeed({
      recording: {
        format: { sampleRateHz: opened.sampleRateHz, channels: opened.channels },
        durableSamples: this.#writtenSample,
        read,
      },
      stream,
      firstSample,
      maxAheadSeconds: engine.maxAheadSeconds,
      clock,
      logger,
      onBacklog: () => undefined,
    });
    let leave = (): void => undefined;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    return { number, engine, said, stream, feed, left, leave };
  }

  #take(number: number, event: EngineEvent): void {
    if (this.#closed) return;
    if (event.type === "usage") {
      this.#emit(event);
    } else if (number === this.#absent?.number) {
      if (event.type === "trouble") this.#hearOfAbsent(event);
    } else if (number !== this.#active.number) {
      return;
    } else if (event.type === "utterance") {
      this.#hear(this.#unsaid(event));
    } else if (event.type === "progress") {
      this.#passed(event);
    } else if (event.type === "trouble") {
      this.#hearOfTrouble(event);
    } else {
      this.#emit(event);
    }
  }

  #hearOfTrouble(event: Trouble): void {
    const isGone =
      !this.#fallsBack &&
      event.state !== "live" &&
      (event.reason === "engine_away" || event.reason === "engine_refused");
    if (isGone && this.#fallBack(event)) return;
    if (event.state === "live") {
      this.#troubles.delete(event.reason);
      this.#endTroubles();
    } else {
      this.#troubles.add(event.reason);
    }
    this.#emit(isGone ? { ...event, detail: `${event.detail} No other engine can take this call.` } : event);
  }

  #endTroubles(): void {
    for (const reason of this.#troubles) this.#emit({ type: "trouble", state: "live", reason, detail: "" });
    this.#troubles.clear();
  }

  /** False: there is nothing to fall back on. */
  #fallBack({ reason, detail }: Pick<Trouble, "reason" | "detail">): boolean {
    const { clock, fallback, opened } = this.#options;
    if (!fallback.languages.includes(opened.language)) return false;
    const primary = this.#active;
    if (!this.#switchTo(fallback)) return false;
    if (reason === "engine_refused" || this.#finished !== null) primary.stream.abort();
    else this.#absent = primary;
    const stayedMs = clock.monotonicMs() - this.#returnedMs;
    this.#holdMs =
      stayedMs < shortReturnMs ? Math.min(lastHoldMs, Math.max(firstHoldMs, this.#holdMs * 2)) : 0;
    this.#returnFromMs = null;
    this.#emit({ type: "engine", name: fallback.name, detail });
    return true;
  }

  #hearOfAbsent({ reason, state }: Trouble): void {
    if (state === "live") this.#returnFromMs = this.#options.clock.monotonicMs() + this.#holdMs;
    // What it would send again is heard by the fallback already.
    if (state === "live" || reason === "engine_refused") this.#letGoOfAbsent();
  }

  #returnIfBoundary(): void {
    const { clock, primary } = this.#options;
    if (this.#returnFromMs === null || this.#finished !== null) return;
    const waitedMs = clock.monotonicMs() - this.#returnFromMs;
    if (waitedMs < 0 || (this.#open.size > 0 && waitedMs < maxWaitForBoundaryMs)) return;
    this.#returnFromMs = null;
    const fallback = this.#active;
    if (!this.#switchTo(primary)) return;
    fallback.stream.abort();
    this.#returnedMs = clock.monotonicMs();
    this.#emit({ type: "engine", name: primary.name, detail: "" });
  }

  /** False: the other engine does not take the call, and this one goes on. */
  #switchTo(engine: TranscriptionEngine): boolean {
    const { logger, opened, telemetry } = this.#options;
    const before = this.#active;
    try {
      this.#active = this.#begin(engine);
    } catch (error) {
      logger.error({ call: opened.callId, err: error }, `the call cannot go on with ${engine.name}`);
      return false;
    }
    before.feed.close();
    before.leave();
    this.#endTroubles();
    telemetry.count("engine_switches", 1, { engine: engine.name });
    logger.warn(
      { call: opened.callId, settled: this.#settledSample },
      `the call goes on with ${engine.name}`,
    );
    return true;
  }

  #hear(event: Utterance): void {
    const text = event.text.trim();
    const utteranceId = `${this.#active.number}-${event.utteranceId}`;
    const known = this.#open.has(utteranceId);
    if (!known && text === "") return;
    if (text !== "")
      this.#endLeftOver((last) => last.channel === event.channel && last.startSample < event.endSample);
    const utterance = { ...event, utteranceId };
    if (event.isFinal) {
      this.#open.delete(utteranceId);
      if (text !== "") this.#said.add(event.channel, event.startSample, event.endSample);
    } else {
      this.#open.set(utteranceId, { leg: this.#active.number, last: utterance });
    }
    this.#emit(utterance);
  }

  #passed(event: Extract<EngineEvent, { type: "progress" }>): void {
    this.#consumedSample = Math.max(this.#consumedSample, event.consumedSample);
    this.#settledSample = Math.max(this.#settledSample, Math.min(event.settledSample, this.#consumedSample));
    this.#endLeftOver((last) => last.startSample < this.#settledSample);
    this.#said.forgetBefore(this.#settledSample);
    const reachedSample = event.reachedSample ?? event.consumedSample;
    this.#emit({
      type: "progress",
      consumedSample: this.#consumedSample,
      settledSample: this.#settledSample,
      reachedSample,
    });
    this.#active.feed.consumed(event.consumedSample, reachedSample);
    if (this.#fallsBack) this.#returnIfBoundary();
  }

  /** Interims of an engine that is gone end when their place is heard again, so that they do not flicker. */
  #endLeftOver(isDue: (last: Utterance) => boolean): void {
    for (const [utteranceId, { leg, last }] of this.#open) {
      if (leg === this.#active.number || !isDue(last)) continue;
      this.#open.delete(utteranceId);
      this.#emit({ ...last, isFinal: true, text: "", words: [] });
    }
  }

  /**
   * Without what had its final before this leg began: an engine may hear a little of it where its silence begins.
   * Positions that are estimates decide only about an utterance as a whole.
   */
  #unsaid(event: Utterance): Utterance {
    const { said } = this.#active;
    const { channel, endSample, startSample } = event;
    const share = said.share(channel, startSample, endSample);
    if (share === 0) return event;
    if (event.words.length === 0 || event.words.some((word) => word.estimated)) {
      return share > 0.5 ? { ...event, text: "", words: [] } : event;
    }
    const words = event.words.filter((word) => said.share(channel, word.startSample, word.endSample) <= 0.5);
    if (words.length === event.words.length) return event;
    return { ...event, text: words.map(({ text }) => text).join(" "), words };
  }

  #emit(event: EngineEvent): void {
    this.#options.opened.onEvent(event);
  }

  async #finishLegs(): Promise<void> {
    this.#letGoOfAbsent();
    while (!this.#isClosed()) {
      const leg = this.#active;
      const failure = await Promise.race([
        leg.feed
          .allWritten()
          .then(() => leg.stream.finish())
          .then(() => null)
          .catch((error: unknown) => ({ error })),
        leg.left.then(() => null),
      ]);
      if (leg !== this.#active || this.#isClosed()) continue;
      if (failure === null) break;
      const { logger, opened } = this.#options;
      logger.error(
        { call: opened.callId, err: failure.error },
        `${leg.engine.name} could not finish the call`,
      );
      const goesOn =
        !this.#fallsBack &&
        this.#fallBack({ reason: "engine_refused", detail: "It could not finish the call." });
      if (!goesOn) throw failure.error;
    }
    if (this.#isClosed()) return;
    this.#endLeftOver(() => true);
    this.#closed = true;
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #letGo(leg: Leg): void {
    leg.stream.abort();
    leg.feed.close();
    leg.leave();
  }

  #letGoOfAbsent(): void {
    const absent = this.#absent;
    if (absent === null) return;
    absent.stream.abort();
    // Only now: the last usage comes while it gives up.
    this.#absent = null;
  }
}
