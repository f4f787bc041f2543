import type {
  CallRepository,
  Clock,
  Ids,
  Logger,
  ObjectionDetector,
  Recorder,
  Redactor,
  ReplySuggester,
  Telemetry,
  TranscriptionEngine,
} from "./ports.ts";
import type { CallRecord } from "./stored-call.ts";

export interface SessionSettings {
  readonly resumeWindowSec: number;
  readonly sessionTimeoutSec: number;
  readonly vadEnabled: boolean;
}

export interface SessionOptions {
  readonly call: CallRecord;
  readonly settings: SessionSettings;
  readonly engine: TranscriptionEngine;
  readonly detector: ObjectionDetector;
  readonly suggester: ReplySuggester;
  /** Null: nothing is taken out. */
  readonly redactor: Redactor | null;
  /** What is taken out of the transcript is silenced in the recording too. */
  readonly redactAudio: boolean;
  readonly recorder: Recorder;
  readonly repository: CallRepository;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** The call is completed, or was deleted because nothing had been recorded. */
  readonly onEnded: () => void;
}
