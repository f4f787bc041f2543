import type { Language, TranscriberName } from "../contract/vocabulary.ts";

/** Positions are samples on the call's axis. `text` is the whole utterance so far. */
export interface UtteranceWord {
  readonly text: string;
  readonly startSample: number;
  readonly endSample: number;
  /** 0 to 1, null where the engine gives none. */
  readonly confidence: number | null;
  /** True where the position was derived from the utterance's, not heard. */
  readonly estimated: boolean;
  /** BCP-47, where the engine tells the language of each word. */
  readonly language?: string;
}

export type EngineEvent =
  | {
      readonly type: "utterance";
      /** Index of the audio channel it was heard on. */
      readonly channel: number;
      /** Stable from the first interim to the final, unique within the stream. */
      readonly utteranceId: string;
      readonly isFinal: boolean;
      readonly startSample: number;
      readonly endSample: number;
      /** An empty final text: nothing came of the interims. */
      readonly text: string;
      readonly confidence: number | null;
      readonly words: readonly UtteranceWord[];
      /** The engine's number of the voice, with diarization. */
      readonly voice?: number;
      /** Heard later than what came after it, in its place: what a gap had left out. */
      readonly reason?: "repair";
      /** Monotonic; when the answer of a service that it was made of came in. */
      readonly receivedAtMs?: number;
    }
  | {
      readonly type: "progress";
      /** Every sample before it has been taken out of the stream's queue and listened to. */
      readonly consumedSample: number;
      /**
       * Every utterance that begins before it has had its final: decoding may restart here. Never passes a
       * gap that waits for its repair.
       */
      readonly settledSample: number;
      /** Nothing that was said before it waits to be decoded; left out, what was listened to counts. */
      readonly reachedSample?: number;
    }
  | {
      /**
       * `live` ends what was told with the same stream. Reason `engine_away`: the engine has not answered for as
       * long as its settings allow; `engine_refused`: it refuses the call for good, its own words in `detail`.
       * Either way the stream gives up nothing.
       */
      readonly type: "trouble";
      readonly state: "live" | "reconnecting" | "degraded";
      readonly reason: string;
      readonly detail: string;
    }
  | {
      readonly type: "usage";
      /** Since the last one: seconds of audio times channels, as the service bills them. */
      readonly billedSeconds: number;
    }
  | {
      readonly type: "engine";
      /** Which engine is at work from now on. */
      readonly name: TranscriberName;
      readonly detail: string;
    };

export interface OpenTranscription {
  readonly callId: string;
  readonly language: Language;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** Position on the call's axis of the first sample that will be written. */
  readonly firstSample: number;
  /** With false, everything is sent to the engine; with true, long silence is not. */
  readonly vadEnabled: boolean;
  readonly keyterms: readonly string[];
  /** Tell the voices of the one channel apart. */
  readonly diarize: boolean;
  /**
   * Durable audio of the call, interleaved PCM16; may give less, and nothing at its end. For gaps too long to be
   * sent again. What had its final before the stream was opened is silent in it, as in what is written.
   */
  readonly readRecording: (firstSample: number, samples: number) => Promise<Uint8Array>;
  /** Monotonic; when the audio before a position of the call came from its client. */
  readonly arrivedAtMs?: (endSample: number) => number | null;
  /** Called in order, never from within `write`. */
  readonly onEvent: (event: EngineEvent) => void;
}

/** One call's stream into an engine. Samples are PCM16 little endian, interleaved. */
export interface TranscriptionStream {
  /**
   * Takes the next samples, contiguous with the last ones; returns at once. The caller keeps at most
   * `maxAheadSeconds` between what it wrote and `consumedSample`, and leaves the bytes as they are.
   */
  write(pcm: Uint8Array): void;
  /** What was written is transcribed to the end; resolves after the last event. Idempotent. */
  finish(): Promise<void>;
  /** Gives up at once: the last event, such as `usage`, comes before it returns. Idempotent. */
  abort(): void;
}

export interface EngineNotice {
  readonly engine: string;
  readonly licence: string;
  readonly attribution: string;
  readonly url: string;
}

export interface TranscriptionEngine {
  readonly name: TranscriberName;
  readonly languages: readonly Language[];
  /** Audio the stream may hold that it has not listened to. */
  readonly maxAheadSeconds: number;
  /** What must be shown where this engine is chosen for this language, or null. */
  notice(language: Language): EngineNotice | null;
  /** Why it would be of no use to a call in this language as it is set up, for people; null: it would. */
  refusal?(language: Language): string | null;
  /** Loads and warms up; resolves when the first utterance would be decoded at full speed. */
  start(): Promise<void>;
  /** Live calls this machine can carry with finals on time; known after `start`. */
  maxLiveCalls(): number;
  open(options: OpenTranscription): TranscriptionStream;
  close(): Promise<void>;
}
