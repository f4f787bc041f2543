import type { UtteranceWord } from "../call/transcription-ports.ts";
import type { SpokenLanguage } from "./speech-models.ts";

/** An utterance whose interims went out and whose final did not. */
export interface ShownUtterance {
  readonly utteranceId: string;
  readonly startSample: number;
}

/** Where a channel goes on in a new recogniser after the death of the last one. */
export interface ChannelResume {
  /** What lies before it has had its finals and is not heard again. */
  readonly settledSample: number;
  /** Their ids are given to the channel's next utterances, in order. */
  readonly shown: readonly ShownUtterance[];
}

/** Positions are samples on the call's axis. Messages of one stream are handled in order. */
export type ToRecognizer =
  | {
      readonly type: "load";
      readonly language: SpokenLanguage;
      /** Speech to warm up with. */
      readonly speechWav: string | null;
    }
  | {
      readonly type: "open";
      readonly streamId: number;
      readonly language: SpokenLanguage;
      readonly sampleRateHz: number;
      readonly firstSample: number;
      /** One of each channel. */
      readonly channels: readonly ChannelResume[];
      readonly voiceThreshold: number;
      /** Utterances on which a recogniser died more than once: they end empty. */
      readonly givenUp: readonly string[];
    }
  | { readonly type: "audio"; readonly streamId: number; readonly pcm: Uint8Array }
  | { readonly type: "finish"; readonly streamId: number }
  | { readonly type: "abort"; readonly streamId: number }
  | { readonly type: "ping" };

export interface RecognizedUtterance {
  readonly channel: number;
  readonly utteranceId: string;
  readonly isFinal: boolean;
  readonly startSample: number;
  readonly endSample: number;
  readonly text: string;
  readonly words: readonly UtteranceWord[];
}

export type FromRecognizer =
  | { readonly type: "started" }
  | {
      readonly type: "loaded";
      readonly language: SpokenLanguage;
      readonly loadMs: number;
      /** Processor time to decode one second of speech once, warm. */
      readonly decodeMsPerSecond: number;
    }
  | { readonly type: "load_failed"; readonly language: SpokenLanguage; readonly message: string }
  | { readonly type: "utterance"; readonly streamId: number; readonly utterance: RecognizedUtterance }
  | {
      readonly type: "progress";
      readonly streamId: number;
      readonly consumedSample: number;
      /** By channel. */
      readonly settledSamples: readonly number[];
      /** What lies before it has its finals or is still being spoken. */
      readonly reachedSample: number;
    }
  | { readonly type: "finished"; readonly streamId: number }
  | {
      readonly type: "decoding" | "decoded";
      readonly streamId: number;
      readonly utteranceId: string;
      readonly isFinal: boolean;
      readonly ms: number;
    }
  | { readonly type: "interims_dropped"; readonly count: number }
  | { readonly type: "pong" };
