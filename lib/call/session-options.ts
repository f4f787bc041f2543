import type { LanguageModel } from "./language-model-ports.ts";
import type {
  CallRepository,
  Clock,
  Ids,
  Logger,
  ObjectionDetector,
  Recorder,
  Redactor,
  ReplySuggester,
  SpeechReader,
  Telemetry,
} from "./ports.ts";
import type { TranscriptionEngine } from "./transcription-ports.ts";
import type { SummaryProse } from "./summary-prose.ts";
import type { UnsavedWrites } from "./unsaved.ts";
import type { CallRecord } from "./stored-call.ts";

export interface SessionSettings {
  readonly resumeWindowSec: number;
  readonly sessionTimeoutSec: number;
  readonly vadEnabled: boolean;
  /** Voices are told apart in mono, by engines that can. */
  readonly diarize: boolean;
}

export interface SessionOptions {
  readonly call: CallRecord;
  readonly settings: SessionSettings;
  readonly engine: TranscriptionEngine;
  readonly detector: ObjectionDetector;
  readonly suggester: ReplySuggester;
  readonly speechReader: SpeechReader;
  /** Null: nobody is asked. */
  readonly model: LanguageModel | null;
  readonly prose: SummaryProse | null;
  /** Null: nothing is taken out. */
  readonly redactor: Redactor | null;
  /** What is taken out of the transcript is silenced in the recording too. */
  readonly redactAudio: boolean;
  readonly recorder: Recorder;
  readonly repository: CallRepository;
  readonly unsaved: UnsavedWrites;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Runs what nobody waits for one at a time, so that live calls keep their engine. */
  readonly inTurn: <T>(run: () => Promise<T>) => Promise<T>;
  /** The call is completed, or was deleted because nothing had been recorded. */
  readonly onEnded: () => void;
}
