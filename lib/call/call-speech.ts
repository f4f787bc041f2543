import type { Customer } from "../contract/rest.ts";
import { roleOfSpeaker } from "../contract/vocabulary.ts";
import { Coach, type CoachStep } from "./coach.ts";
import type { EventStream } from "./event-stream.ts";
import type { Clock, Ids, Logger, ObjectionDetector, ReplySuggester } from "./ports.ts";
import type { CallRecord, StoredCall } from "./stored-call.ts";
import {
  audioFormatOf,
  objectionUpdateOf,
  storedObjectionOf,
  storedSuggestionOf,
  suggestionUpdateOf,
} from "./records.ts";
import { storedSegmentOf, Transcript, type SegmentUpdate, type Utterance } from "./transcript.ts";

export interface CallSpeechOptions {
  readonly call: CallRecord;
  readonly detector: ObjectionDetector;
  readonly suggester: ReplySuggester;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventStream;
}

/** What is said in a call: from the engine's utterances to published segments, objections, suggestions. */
export class CallSpeech {
  readonly #options: CallSpeechOptions;
  readonly #transcript: Transcript;
  readonly #coach: Coach;

  constructor(options: CallSpeechOptions, stored: StoredCall | null) {
    const { call } = options;
    const customer: Customer = call.customer;
    this.#options = options;
    this.#transcript = new Transcript({
      sampleRateHz: call.sampleRateHz,
      channels: audioFormatOf(call).channels,
      stereoLayout: call.stereoLayout,
      ids: options.ids,
    });
    this.#coach = new Coach({ ...options, language: call.language, customer, enabled: call.coachEnabled });
    if (stored === null) return;
    this.#transcript.resumeAfter(stored.segments);
    this.#coach.resumeAfter(
      stored.segments.map(({ speaker, text, tsMs }) => ({
        role: roleOfSpeaker(speaker),
        text,
        startMs: tsMs,
      })),
      stored.suggestions.flatMap(({ playbookEntry }) => playbookEntry ?? []),
    );
    this.#retractUnfinished(stored);
  }

  get coachEnabled(): boolean {
    return this.#coach.enabled;
  }

  setCoach(enabled: boolean): void {
    this.#coach.setEnabled(enabled);
  }

  /** `arrivedAtMs` gives the monotonic arrival of the audio before a position of the call. */
  hear(utterance: Utterance, arrivedAtMs: (endMs: number) => number | null): void {
    const update = this.#transcript.apply(utterance);
    if (update === null) return;
    const lastWordEndMs = update.words.at(-1)?.end_ms ?? update.end_ms;
    this.#publishSegment(update, arrivedAtMs(lastWordEndMs));
    const nowMs = this.#options.clock.monotonicMs();
    for (const step of this.#coach.follow(update, (endMs) => arrivedAtMs(endMs) ?? nowMs)) {
      this.#publishStep(step);
    }
  }

  /** The current interim of every open segment once more, with a new number. */
  repeatInterims(): void {
    for (const update of this.#transcript.openInterims()) this.#publishSegment(update, null);
  }

  abandonOpen(): void {
    for (const update of this.#transcript.abandonOpen()) {
      this.#publishSegment(update, null);
      const nowMs = this.#options.clock.monotonicMs();
      for (const step of this.#coach.follow(update, () => nowMs)) this.#publishStep(step);
    }
  }

  /** Raised on an interim whose final the process did not live to see: it is heard again, and raised again. */
  #retractUnfinished({ objections, suggestions }: StoredCall): void {
    for (const objection of objections.filter(({ status }) => status === "provisional")) {
      const update = { ...objectionUpdateOf(objection), status: "retracted" } as const;
      this.#publishStep({ kind: "objection", update, causedAtMs: null });
      for (const suggestion of suggestions) {
        if (suggestion.objectionId !== objection.objectionId || suggestion.status === "withdrawn") continue;
        const withdrawn = { ...suggestionUpdateOf(suggestion), status: "withdrawn" } as const;
        this.#publishStep({ kind: "suggestion", update: withdrawn, causedAtMs: null });
      }
    }
  }

  #publishSegment(update: SegmentUpdate, causedAtMs: number | null): void {
    this.#options.events.publish((head) => ({ type: "transcript_update", data: { ...head, ...update } }), {
      stored: update.is_final,
      ...(update.is_final && update.text !== "" ? { segment: storedSegmentOf(update) } : {}),
      causedAtMs,
      stage: update.is_final ? "final" : "interim",
    });
  }

  #publishStep(step: CoachStep): void {
    if (step.kind === "objection") {
      const { update, causedAtMs } = step;
      this.#options.events.publish((head) => ({ type: "objection_detected", data: { ...head, ...update } }), {
        stored: true,
        objection: storedObjectionOf(update),
        causedAtMs,
        stage: "objection",
      });
      return;
    }
    const { update, causedAtMs } = step;
    this.#options.events.publish((head) => ({ type: "suggestion_ready", data: { ...head, ...update } }), {
      stored: true,
      suggestion: storedSuggestionOf(update),
      causedAtMs,
      stage: "suggestion",
    });
  }
}
