import type { Customer } from "../contract/rest.ts";
import { CallInsights } from "./call-insights.ts";
import { Coach, type CoachingSoFar } from "./coach.ts";
import type { CoachStep, SuggestionUpdate } from "./coach-steps.ts";
import { CallError } from "./errors.ts";
import type { EventStream, PublishOptions } from "./event-stream.ts";
import type { LanguageModel } from "./language-model-ports.ts";
import type {
  AudioSpan,
  Clock,
  Ids,
  Logger,
  ObjectionDetector,
  Redactor,
  ReplySuggester,
  SpeechReader,
} from "./ports.ts";
import type { CallChanges, CallRecord, StoredCall, StoredInsight } from "./stored-call.ts";
import {
  audioFormatOf,
  channelOf,
  objectionUpdateOf,
  saidSpansOf,
  storedObjectionOf,
  storedSuggestionOf,
  suggestionUpdateOf,
} from "./records.ts";
import { SaidWatch } from "./said-watch.ts";
import { publishStatus } from "./trouble-details.ts";
import { SecondOpinion } from "./second-opinion.ts";
import { SpokenRedaction, type RedactedSpeech } from "./spoken-redaction.ts";
import { TakenOutAudio } from "./taken-out-audio.ts";
import {
  segmentUpdateOf,
  storedSegmentOf,
  Transcript,
  type SegmentUpdate,
  type Utterance,
} from "./transcript.ts";

export interface CallSpeechOptions {
  readonly call: CallRecord;
  readonly detector: ObjectionDetector;
  readonly suggester: ReplySuggester;
  readonly speechReader: SpeechReader;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventStream;
  readonly redactor: Redactor | null;
  /** What is taken out is silenced in the recording too. */
  readonly redactAudio: boolean;
  readonly silence: (spans: readonly AudioSpan[]) => Promise<void>;
  /** Null: nobody is asked. */
  readonly model: LanguageModel | null;
  readonly save: (changes: CallChanges) => void;
}

/** What is said in a call: from the engine's utterances to published segments, objections, suggestions. */
export class CallSpeech {
  readonly #options: CallSpeechOptions;
  readonly #transcript: Transcript;
  readonly #coach: Coach;
  readonly #insights: CallInsights;
  readonly #redaction: SpokenRedaction | null;
  readonly #takenOut: TakenOutAudio;
  readonly #saidWatch = new SaidWatch();
  readonly #opinion: SecondOpinion | null;

  constructor(options: CallSpeechOptions, stored: StoredCall | null) {
    const { call } = options;
    const customer: Customer = call.customer;
    this.#options = options;
    this.#transcript = new Transcript({
      sampleRateHz: call.sampleRateHz,
      channels: audioFormatOf(call).channels,
      stereoLayout: call.stereoLayout,
      repVoice: call.repVoice,
      ids: options.ids,
    });
    const { coachEnabled: enabled, language } = call;
    this.#coach = new Coach({ ...options, language, customer, enabled, asksModel: options.model !== null });
    this.#opinion = options.model === null ? null : this.#opinionOf(options.model);
    this.#insights = new CallInsights({
      ...options,
      reader: options.speechReader,
      watched: options.suggester.watched(language),
      nudges: options.suggester.coaching.nudges,
      language,
      enabled,
    });
    this.#takenOut = new TakenOutAudio(options);
    const redaction = options.redactor?.call(call.language) ?? null;
    this.#redaction = redaction === null ? null : new SpokenRedaction(redaction, call.sampleRateHz);
    if (stored === null) return;
    this.#redaction?.recall(
      stored.segments.map(({ speaker, text, endMs }) => ({ channel: channelOf(speaker, call), text, endMs })),
    );
    this.#transcript.resumeAfter(saidSpansOf(call, stored.segments), stored.segments);
    this.#coach.resumeAfter(coachingSoFar(stored));
    this.#saidWatch.resumeAfter(stored);
    this.#insights.resumeAfter(stored);
    this.#retractUnfinished(stored);
  }

  get coachEnabled(): boolean {
    return this.#coach.enabled;
  }

  setCoach(enabled: boolean): void {
    this.#coach.setEnabled(enabled);
    // Half a reply is withdrawn; the places of those that have not come are free.
    if (!enabled) void this.#opinion?.cancelAll();
    this.#insights.setEnabled(enabled);
  }

  /** A number that is still being given, or is to be silenced, begins here; null: everything is decided. */
  get undecidedSample(): number | null {
    const samples = [this.#redaction?.unsettledSample ?? null, this.#takenOut.firstPendingSample];
    const first = Math.min(...samples.map((sample) => sample ?? Infinity));
    return first === Infinity ? null : first;
  }

  /** `arrivedAtMs` gives the monotonic arrival of the audio before a position of the call. */
  hear(utterance: Utterance, arrivedAtMs: (endMs: number) => number | null): void {
    const speech = this.#redaction?.hear(utterance);
    const update = this.#transcript.apply(speech?.utterance ?? utterance);
    if (update !== null) this.#tell(update, arrivedAtMs, utterance.receivedAtMs);
    if (speech !== undefined) this.#revise(speech);
    // Nobody revises it any more: a call of hours keeps no more of it than one of minutes.
    else if (utterance.isFinal) this.#keep([utterance.utteranceId]);
  }

  /** Every utterance that begins before this sample has been heard. */
  passed(sample: number): void {
    if (this.#redaction !== null) this.#revise(this.#redaction.passed(sample));
  }

  /**
   * This voice is the rep's: what was said is told again with its speaker, objections follow.
   * Throws `CallError("invalid")` for a voice that has said nothing.
   */
  chooseVoice(voice: number): void {
    if (!this.#transcript.knowsVoice(voice)) {
      throw new CallError("invalid", "No voice of this number has been told apart in this call.");
    }
    const nowMs = this.#options.clock.monotonicMs();
    const changed = this.#transcript.chooseVoice(voice);
    for (const update of changed) this.#publishSegment(update);
    for (const update of changed) {
      for (const step of this.#coach.reassign(update, nowMs)) this.#publishStep(step);
    }
    this.#publishInsights(this.#insights.reassign(changed));
  }

  /** Nothing more will be said: what never had a final ends, what may have been a number is decided and silenced. */
  async end(): Promise<void> {
    this.#abandonOpen();
    await this.#opinion?.close();
    if (this.#redaction !== null) this.#revise(this.#redaction.end());
    this.#publishInsights(this.#insights.end());
    await this.#takenOut.done();
  }

  /** Lets go; the next process does what is left to do. */
  close(): void {
    void this.#opinion?.close();
    this.#takenOut.close();
  }

  #opinionOf(model: LanguageModel): SecondOpinion {
    const { call, clock, events, save } = this.#options;
    const publish = (steps: readonly CoachStep[]): void => {
      for (const step of steps) this.#publishStep(step);
    };
    return new SecondOpinion({
      model,
      clock,
      usage: call.modelUsage,
      onVerdict: (segmentId, verdict) => {
        publish(this.#coach.judged(segmentId, verdict));
      },
      onReply: (segmentId, text, isFinal) => {
        publish(this.#coach.replied(segmentId, text, isFinal));
      },
      onSilence: (segmentId) => {
        publish(this.#coach.unanswered(segmentId));
      },
      save: (modelUsage) => {
        save({ modelUsage });
      },
      tell: (status) => {
        publishStatus(events, status);
      },
    });
  }

  #tell(
    update: SegmentUpdate,
    arrivedAtMs: (endMs: number) => number | null,
    receivedAtMs: number | undefined,
  ): void {
    const lastWordEndMs = update.words.at(-1)?.end_ms ?? update.end_ms;
    this.#publishSegment(update, { causedAtMs: arrivedAtMs(lastWordEndMs), receivedAtMs });
    const nowMs = this.#options.clock.monotonicMs();
    for (const step of this.#coach.follow(update, (endMs) => arrivedAtMs(endMs) ?? nowMs)) {
      this.#publishStep(step);
    }
    if (update.is_final) this.#options.events.noteSaid(this.#saidWatch.heard(update));
    this.#publishInsights(this.#insights.follow(update));
  }

  /** The current interim of every open segment once more, with a new number. */
  repeatInterims(): void {
    for (const update of this.#transcript.openInterims()) this.#publishSegment(update);
  }

  #revise({ revised, settled, silences }: Omit<RedactedSpeech, "utterance">): void {
    for (const { utterance, takesOut, moved } of revised) {
      const revision = this.#transcript.revise(utterance);
      if (revision === null) continue;
      this.#publishSegment(revision.update, { takesOut });
      for (const step of this.#coach.revise(revision.update, moved)) this.#publishStep(step);
      this.#publishInsights(this.#insights.revise(revision.update, moved));
    }
    this.#keep(settled);
    if (silences.length > 0 && this.#options.redactAudio) this.#takenOut.add(silences);
  }

  #keep(utteranceIds: readonly string[]): void {
    this.#transcript.keep(utteranceIds);
  }

  #abandonOpen(): void {
    for (const update of this.#transcript.abandonOpen()) {
      this.#publishSegment(update);
      const nowMs = this.#options.clock.monotonicMs();
      for (const step of this.#coach.follow(update, () => nowMs)) this.#publishStep(step);
    }
  }

  /**
   * Raised on an interim whose final the process did not live to see: it is heard again, and raised again. A reply of
   * which half had come has no other half.
   */
  #retractUnfinished({ objections, suggestions }: StoredCall): void {
    const confirmed = new Set(
      objections.flatMap(({ status, objectionId }) => (status === "confirmed" ? [objectionId] : [])),
    );
    for (const suggestion of suggestions) {
      if (suggestion.status !== "partial" || !confirmed.has(suggestion.objectionId)) continue;
      const update = { ...suggestionUpdateOf(suggestion), status: "withdrawn" } as const;
      this.#publishStep({ kind: "suggestion", update, causedAtMs: null });
    }
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

  #publishSegment(
    update: SegmentUpdate,
    options: Pick<PublishOptions, "causedAtMs" | "receivedAtMs" | "takesOut"> = {},
  ): void {
    this.#options.events.publish((head) => ({ type: "transcript_update", data: { ...head, ...update } }), {
      stored: update.is_final,
      ...(update.is_final && update.text !== "" ? { segment: storedSegmentOf(update) } : {}),
      ...options,
      stage: update.is_final ? "final" : "interim",
    });
  }

  #publishInsights(insights: readonly StoredInsight[]): void {
    for (const insight of insights) {
      this.#options.events.publish((head) => ({ type: "insight", data: { ...head, ...insight } }), {
        stored: true,
        insight,
      });
    }
  }

  #publishStep(step: CoachStep): void {
    if (step.kind === "question") {
      this.#opinion?.ask(step.segmentId, step.question);
      return;
    }
    this.#saidWatch.follow(step);
    if (step.kind === "objection") {
      const { update, causedAtMs } = step;
      if (update.status === "retracted") this.#opinion?.cancel(update.segment_id);
      this.#options.events.publish((head) => ({ type: "objection_detected", data: { ...head, ...update } }), {
        stored: true,
        objection: storedObjectionOf(update),
        causedAtMs,
        stage: "objection",
      });
      return;
    }
    const { update, causedAtMs } = step;
    if (update.status !== "withdrawn") this.#insights.cardShown();
    this.#options.events.publish((head) => ({ type: "suggestion_ready", data: { ...head, ...update } }), {
      stored: true,
      suggestion: storedSuggestionOf(update),
      causedAtMs,
      stage: "suggestion",
    });
  }
}

/** What was raised on an interim is retracted: it is heard again, and raised as if it had never been. */
function coachingSoFar({ segments, objections, suggestions }: StoredCall): CoachingSoFar {
  const settled = objections.filter(({ status }) => status !== "provisional");
  const seen = settled.flatMap(({ objectionId, segmentId }) =>
    suggestions
      .filter((suggestion) => suggestion.objectionId === objectionId)
      .map((suggestion) => ({ segmentId, suggestion: withoutHalves(suggestionUpdateOf(suggestion)) })),
  );
  const standing = new Map(
    seen
      .filter(({ suggestion }) => suggestion.status !== "withdrawn")
      .map(({ suggestion }) => [suggestion.objection_id, suggestion]),
  );
  return {
    segments: segments.map(segmentUpdateOf),
    raised: settled
      .filter(({ status }) => status === "confirmed")
      .map((objection) => ({
        objection: objectionUpdateOf(objection),
        suggestion: standing.get(objection.objectionId) ?? null,
      })),
    suggestions: seen,
  };
}

function withoutHalves(suggestion: SuggestionUpdate): SuggestionUpdate {
  return suggestion.status === "partial" ? { ...suggestion, status: "withdrawn" } : suggestion;
}
