import type { EngineEvent, OpenTranscription, TranscriptionStream } from "../call/transcription-ports.ts";
import type { FromRecognizer, ToRecognizer } from "./recognizer-messages.ts";
import type { SpokenLanguage } from "./speech-models.ts";

/** A restart is over when no more audio than this waits to be decoded. */
const caughtUpSeconds = 1.5;
/** Deaths of the recogniser on one utterance after which it is given up. */
const maxDeathsOnUtterance = 2;

type Trouble = "none" | "restart";

const troubles: Readonly<Record<Trouble, Omit<Extract<EngineEvent, { type: "trouble" }>, "type">>> = {
  none: { state: "live", reason: "engine_restart", detail: "The transcript is up to date again." },
  restart: {
    state: "reconnecting",
    reason: "engine_restart",
    detail: "Speech recognition stopped and is starting again; nothing that was said is lost.",
  },
};

interface HeldAudio {
  readonly firstSample: number;
  readonly endSample: number;
  readonly pcm: Uint8Array;
}

export interface EmbeddedStreamOptions {
  readonly streamId: number;
  readonly language: SpokenLanguage;
  readonly opened: OpenTranscription;
  readonly voiceThreshold: number;
  readonly send: (message: ToRecognizer) => void;
  readonly onClosed: () => void;
}

/**
 * A call's stream on the server's side. Keeps the audio that has not had its finals, so that another
 * recogniser can go on where one died.
 */
export class EmbeddedStream implements TranscriptionStream {
  readonly language: SpokenLanguage;
  readonly #options: EmbeddedStreamOptions;
  readonly #sampleBytes: number;
  #held: HeldAudio[] = [];
  #writtenSample: number;
  #reachedSample: number;
  /** By channel: what lies before has had its finals. */
  readonly #settled: number[];
  /** By channel: start of utterances with interims and no final. */
  readonly #shown: Map<string, number>[];
  readonly #deaths = new Map<string, number>();
  #trouble: Trouble = "none";
  #closed = false;
  #finishing: { readonly done: Promise<void>; readonly resolve: () => void } | null = null;

  constructor(options: EmbeddedStreamOptions) {
    const { opened } = options;
    this.language = options.language;
    this.#options = options;
    this.#sampleBytes = 2 * opened.channels;
    this.#writtenSample = opened.firstSample;
    this.#reachedSample = opened.firstSample;
    this.#settled = Array.from({ length: opened.channels }, () => opened.firstSample);
    this.#shown = Array.from({ length: opened.channels }, () => new Map<string, number>());
  }

  write(pcm: Uint8Array): void {
    if (this.#closed || this.#finishing !== null) return;
    const samples = Math.floor(pcm.byteLength / this.#sampleBytes);
    if (samples === 0) return;
    const firstSample = this.#writtenSample;
    this.#writtenSample += samples;
    this.#held.push({
      firstSample,
      endSample: this.#writtenSample,
      pcm: Uint8Array.from(pcm.subarray(0, samples * this.#sampleBytes)),
    });
    this.#options.send({ type: "audio", streamId: this.#options.streamId, pcm });
  }

  finish(): Promise<void> {
    if (this.#closed) return this.#finishing?.done ?? Promise.resolve();
    if (this.#finishing === null) {
      let resolve = (): void => undefined;
      const done = new Promise<void>((settle) => {
        resolve = settle;
      });
      this.#finishing = { done, resolve };
      this.#options.send({ type: "finish", streamId: this.#options.streamId });
    }
    return this.#finishing.done;
  }

  abort(): void {
    if (this.#closed) return;
    this.#options.send({ type: "abort", streamId: this.#options.streamId });
    this.#close();
  }

  /** Opens the stream in a recogniser, from where every channel has had its finals. */
  begin(): void {
    const { streamId, language, opened, voiceThreshold, send } = this.#options;
    const firstSample = this.#held[0]?.firstSample ?? this.#writtenSample;
    send({
      type: "open",
      streamId,
      language,
      sampleRateHz: opened.sampleRateHz,
      firstSample,
      voiceThreshold,
      channels: this.#settled.map((settledSample, channel) => ({
        settledSample,
        shown: [...(this.#shown[channel] ?? [])].map(([utteranceId, startSample]) => ({
          utteranceId,
          startSample,
        })),
      })),
      givenUp: [...this.#deaths].filter(([, deaths]) => deaths >= maxDeathsOnUtterance).map(([id]) => id),
    });
    for (const { pcm } of this.#held) send({ type: "audio", streamId, pcm });
    if (this.#finishing !== null) send({ type: "finish", streamId });
  }

  /** The recogniser died; `decoding`: what of this stream it was at. */
  interrupted(decoding: readonly string[]): void {
    for (const id of decoding) this.#deaths.set(id, (this.#deaths.get(id) ?? 0) + 1);
    this.#tellTrouble("restart");
  }

  take(message: Extract<FromRecognizer, { streamId: number }>): void {
    if (this.#closed) return;
    switch (message.type) {
      case "utterance": {
        const { utterance } = message;
        const shown = this.#shown[utterance.channel];
        if (utterance.isFinal) {
          shown?.delete(utterance.utteranceId);
          this.#deaths.delete(utterance.utteranceId);
          // Finals of a channel come in order: nothing before this one's end is heard again.
          this.#settled[utterance.channel] = Math.max(
            this.#settled[utterance.channel] ?? 0,
            utterance.endSample,
          );
        } else {
          shown?.set(utterance.utteranceId, utterance.startSample);
        }
        this.#options.opened.onEvent({ type: "utterance", ...utterance, confidence: null });
        break;
      }
      case "progress": {
        message.settledSamples.forEach((sample, channel) => {
          this.#settled[channel] = Math.max(this.#settled[channel] ?? 0, sample);
        });
        this.#reachedSample = Math.max(this.#reachedSample, message.reachedSample);
        const settledSample = Math.min(...this.#settled);
        while ((this.#held[0]?.endSample ?? Infinity) <= settledSample) this.#held.shift();
        const { consumedSample } = message;
        const reachedSample = this.#reachedSample;
        this.#options.opened.onEvent({ type: "progress", consumedSample, settledSample, reachedSample });
        this.checkRecovery();
        break;
      }
      case "finished": {
        const finishing = this.#finishing;
        this.#close();
        finishing?.resolve();
        break;
      }
      default:
    }
  }

  /** Says so when the transcript is up again after a restart. */
  checkRecovery(): void {
    if (this.#closed) return;
    const behind = (this.#writtenSample - this.#reachedSample) / this.#options.opened.sampleRateHz;
    if (behind < caughtUpSeconds) this.#tellTrouble("none");
  }

  #tellTrouble(trouble: Trouble): void {
    if (this.#closed || this.#trouble === trouble) return;
    this.#trouble = trouble;
    this.#options.opened.onEvent({ type: "trouble", ...troubles[trouble] });
  }

  #close(): void {
    this.#closed = true;
    this.#held = [];
    this.#options.onClosed();
    if (this.#finishing !== null) this.#finishing.resolve();
  }
}
