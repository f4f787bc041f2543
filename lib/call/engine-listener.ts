import type { Status } from "../contract/events.ts";
import type { TranscriberName } from "../contract/vocabulary.ts";
import type { CallSpeech } from "./call-speech.ts";
import type { Clock, Telemetry } from "./ports.ts";
import { SettledAudio } from "./settled-audio.ts";
import type { CallChanges, CallRecord } from "./stored-call.ts";
import type { EngineEvent } from "./transcription-ports.ts";

export interface EngineListenerOptions {
  readonly call: Pick<CallRecord, "transcriber" | "billedSeconds" | "settledSample">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly speech: CallSpeech;
  /** Monotonic arrival of the audio before a position of the call. */
  readonly arrivedAtMs: (endMs: number) => number | null;
  readonly save: (changes: CallChanges) => void;
  readonly tell: (status: Pick<Status, "state" | "reason" | "detail" | "transcriber">) => void;
}

/** What an engine says of a call: words, how far it is, trouble, what it bills, which engine it is. */
export class EngineListener {
  readonly #options: EngineListenerOptions;
  readonly #settled: SettledAudio;
  #atWork: TranscriberName;
  #billedSeconds: number;

  constructor(options: EngineListenerOptions) {
    const { call, clock, save, speech } = options;
    this.#options = options;
    this.#atWork = call.transcriber;
    this.#billedSeconds = call.billedSeconds;
    this.#settled = new SettledAudio(speech, call, clock, (settledSample) => {
      save({ settledSample });
    });
  }

  get settledSample(): number {
    return this.#settled.sample;
  }

  /** The engine that hears the call now: another one than the call's own while that is away. */
  get atWork(): TranscriberName {
    return this.#atWork;
  }

  hear(event: EngineEvent): void {
    const { arrivedAtMs, speech, tell } = this.#options;
    switch (event.type) {
      case "utterance":
        speech.hear(event, arrivedAtMs);
        if (event.isFinal) this.#settled.finalTold();
        break;
      case "trouble":
        tell({ state: event.state, reason: event.reason, detail: event.detail });
        break;
      case "progress":
        speech.passed(event.settledSample);
        this.#settled.reach(event.settledSample);
        break;
      case "usage":
        this.#bill(event.billedSeconds);
        break;
      case "engine":
        this.#goOnWith(event.name, event.detail);
    }
  }

  #bill(seconds: number): void {
    const { call, save, telemetry } = this.#options;
    if (seconds <= 0) return;
    this.#billedSeconds += seconds;
    telemetry.count("billed_seconds", seconds, { engine: call.transcriber });
    save({ billedSeconds: this.#billedSeconds });
  }

  #goOnWith(transcriber: TranscriberName, detail: string): void {
    if (transcriber === this.#atWork) return;
    this.#atWork = transcriber;
    const state = transcriber === this.#options.call.transcriber ? "live" : "degraded";
    this.#options.tell({ state, reason: "engine", detail, transcriber });
  }
}
