import type { ObjectionType } from "../contract/vocabulary.ts";
import { CardPolicy } from "./card-policy.ts";
import type { CoachStep, ObjectionUpdate, SuggestionUpdate } from "./coach-steps.ts";
import type { ModelQuestion, ModelVerdict } from "./language-model-ports.ts";
import {
  claimOf,
  evidenceEndMs,
  evidenceOfQuote,
  evidenceText,
  notRepeated,
  wordsAt,
} from "./objection-wording.ts";
import type { Detection, DetectionInput, Doubt, ObjectionDetector } from "./ports.ts";
import { PlaybookReplies, type PlaybookRepliesOptions } from "./playbook-replies.ts";
import { InterimLooks } from "./interim-looks.ts";
import { SpokenTurns } from "./spoken-turns.ts";
import type { SegmentUpdate } from "./transcript.ts";

export interface RaisedObjection {
  objection: ObjectionUpdate;
  suggestion: SuggestionUpdate | null;
}

interface StandingObjection extends RaisedObjection {
  /** Nothing in the playbook was good enough: the card's place is kept for a model's reply. */
  awaitsReply: boolean;
  readonly causedAtMs: number | null;
}

/** A final that the detector would neither call an objection nor rule out. */
interface Doubted {
  segment: SegmentUpdate;
  readonly doubt: Doubt;
  readonly causedAtMs: number;
}

type ArrivedAtMs = (endMs: number) => number;

/** What an earlier process has told of a call. */
export interface CoachingSoFar {
  /** Finals in order. */
  readonly segments: readonly SegmentUpdate[];
  /** That stand, in order. */
  readonly raised: readonly RaisedObjection[];
  /** All that were seen, with what became of them. */
  readonly suggestions: readonly { readonly segmentId: string; readonly suggestion: SuggestionUpdate }[];
}

export interface CoachOptions extends PlaybookRepliesOptions {
  readonly detector: ObjectionDetector;
  readonly enabled: boolean;
  /** Whether there is a language model to ask. */
  readonly asksModel: boolean;
}

/**
 * Watches the prospect's segments: one objection per thing said, provisional on an interim, confirmed
 * or retracted by the final, each with at most one suggestion that is withdrawn with it (SPEC O1 to O6, Q1 to Q8).
 */
export class Coach {
  readonly #options: CoachOptions;
  readonly #policy: CardPolicy;
  /** What stands, by segment: on an interim that has no final yet, or confirmed. */
  readonly #raised = new Map<string, StandingObjection>();
  readonly #doubted = new Map<string, Doubted>();
  readonly #turns = new SpokenTurns();
  readonly #looks = new InterimLooks();
  readonly #replies: PlaybookReplies;
  #enabled: boolean;

  constructor(options: CoachOptions) {
    this.#options = options;
    this.#policy = new CardPolicy(options.suggester.coaching);
    this.#replies = new PlaybookReplies(options);
    this.#enabled = options.enabled;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
  }

  /** What is known from before a restart. */
  resumeAfter({ segments, raised, suggestions }: CoachingSoFar): void {
    const byId = new Map(segments.map((segment) => [segment.segment_id, segment]));
    for (const segment of segments) {
      this.#policy.hear(segment);
      this.#remember(segment);
    }
    for (const one of raised) {
      const segment = byId.get(one.objection.segment_id);
      if (segment === undefined) continue;
      this.#raised.set(segment.segment_id, { ...one, awaitsReply: false, causedAtMs: null });
      const { objection_id: id, repeat_of: repeatOf = null } = one.objection;
      this.#policy.raise(id, claimOf(segment, one.objection), repeatOf);
    }
    for (const { segmentId, suggestion } of suggestions) {
      if (suggestion.playbook_entry !== null) this.#replies.recall(suggestion.playbook_entry);
      this.#policy.recallCard({
        objectionId: suggestion.objection_id,
        segmentId,
        type: suggestion.type,
        tsMs: suggestion.ts_ms,
        withdrawn: suggestion.status === "withdrawn",
      });
    }
  }

  /** `arrivedAtMs`: monotonic arrival of the audio before a position of the call, in milliseconds. */
  follow(segment: SegmentUpdate, arrivedAtMs: ArrivedAtMs): readonly CoachStep[] {
    this.#policy.hear(segment);
    const standing = this.#raised.get(segment.segment_id);
    const listens = this.#enabled && segment.role !== "rep" && segment.text !== "";
    const isLookedAt = listens && this.#mayDecide(segment, standing) && this.#looks.take(segment);
    const detection = isLookedAt ? this.#detect(segment) : null;
    const steps = segment.is_final
      ? this.#settle(segment, standing, detection, arrivedAtMs)
      : standing === undefined && detection !== null
        ? this.#raise(segment, detection, "provisional", arrivedAtMs)
        : [];
    const questions =
      segment.is_final && listens && detection === null && standing === undefined
        ? this.#doubt(segment, arrivedAtMs)
        : [];
    if (segment.is_final) {
      this.#looks.forget(segment.segment_id);
      this.#remember(segment);
    }
    return [...steps, ...questions];
  }

  /** An interim decides nothing that stands already, and nothing at all where the playbook says so. */
  #mayDecide(segment: SegmentUpdate, standing: RaisedObjection | undefined): boolean {
    return segment.is_final || (standing === undefined && this.#policy.provisional);
  }

  /** It was someone else who said this: a rep raises no objection, a prospect may. */
  reassign(segment: SegmentUpdate, nowMs: number): readonly CoachStep[] {
    this.#policy.hear(segment);
    const raised = this.#raised.get(segment.segment_id);
    this.#doubted.delete(segment.segment_id);
    if (segment.is_final) {
      this.#turns.reassign({ role: segment.role, text: segment.text, startMs: segment.ts_ms });
    }
    if (raised === undefined) {
      if (!segment.is_final) return this.follow(segment, () => nowMs);
      const detection = this.#enabled && segment.role !== "rep" ? this.#detect(segment) : null;
      return detection === null ? [] : this.#raise(segment, detection, "confirmed", () => nowMs);
    }
    if (segment.role === "rep") return this.#retract(segment, raised, () => nowMs);
    raised.objection = { ...raised.objection, speaker: segment.speaker };
    this.#policy.settle(raised.objection.objection_id, claimOf(segment, raised.objection));
    return [{ kind: "objection", update: raised.objection, causedAtMs: null }];
  }

  /**
   * A final has other words now: what was raised on it is told again with its evidence where it lies now.
   * `moved` takes offsets of the text as it was.
   */
  revise(segment: SegmentUpdate, moved: (offset: number) => number): readonly CoachStep[] {
    this.#turns.revise({ role: segment.role, text: segment.text, startMs: segment.ts_ms });
    const doubted = this.#doubted.get(segment.segment_id);
    if (doubted !== undefined) doubted.segment = segment;
    const raised = this.#raised.get(segment.segment_id);
    if (raised?.objection.status !== "confirmed") return [];
    const evidence = raised.objection.evidence
      .map(({ start, end }) => ({ start: moved(start), end: moved(end) }))
      .filter(({ start, end }) => end > start);
    const [only = { start: 0, end: segment.text.length }, ...more] = evidence;
    const placed = [only, ...more];
    raised.objection = {
      ...raised.objection,
      evidence: placed,
      text: evidenceText(segment.text, placed),
    };
    return [{ kind: "objection", update: raised.objection, causedAtMs: null }];
  }

  /** What a model makes of a doubt: an objection like any other, as sure as the doubt was strong. */
  judged(segmentId: string, { quote, type }: ModelVerdict): readonly CoachStep[] {
    const doubted = this.#doubted.get(segmentId);
    this.#doubted.delete(segmentId);
    if (doubted === undefined || type === null || !this.#enabled) return [];
    const { causedAtMs, doubt, segment } = doubted;
    const evidence = evidenceOfQuote(segment.text, quote);
    const detection: Detection = { type, confidence: doubt.confidence, source: "llm", evidence };
    const steps = this.#raise(segment, detection, "confirmed", () => causedAtMs);
    // The reply comes in the same answer.
    return steps.filter(({ kind }) => kind !== "question");
  }

  /** A model's reply, as far as it has come. What stands on a card already is exchanged whole or not at all. */
  replied(segmentId: string, text: string, isFinal: boolean): readonly CoachStep[] {
    const raised = this.#raised.get(segmentId);
    if (raised?.awaitsReply !== true || !this.#enabled) return [];
    const { causedAtMs, objection, suggestion: before } = raised;
    if (before?.source === "playbook" && !isFinal) return [];
    const suggestion: SuggestionUpdate = {
      suggestion_id: before?.suggestion_id ?? this.#options.ids.next("sug_"),
      objection_id: objection.objection_id,
      ts_ms: objection.ts_ms,
      type: objection.type,
      text,
      source: "llm",
      playbook_entry: null,
      status: isFinal ? "final" : "partial",
      latency_ms: 0,
    };
    raised.suggestion = suggestion;
    raised.awaitsReply = !isFinal;
    return [{ kind: "suggestion", update: suggestion, causedAtMs }];
  }

  /** No more will come of a question: what was decided without it stands, half a reply does not. */
  unanswered(segmentId: string): readonly CoachStep[] {
    this.#doubted.delete(segmentId);
    const raised = this.#raised.get(segmentId);
    if (raised?.awaitsReply !== true) return [];
    raised.awaitsReply = false;
    const { objection, suggestion } = raised;
    if (suggestion === null) this.#policy.keepNoPlace(objection.objection_id);
    if (suggestion?.status !== "partial") return [];
    raised.suggestion = null;
    this.#policy.withdrawCard(objection.objection_id);
    return [{ kind: "suggestion", update: { ...suggestion, status: "withdrawn" }, causedAtMs: null }];
  }

  #doubt(segment: SegmentUpdate, arrivedAtMs: ArrivedAtMs): readonly CoachStep[] {
    if (!this.#options.asksModel) return [];
    const doubt = this.#judgement(segment, (input) => this.#options.detector.doubt(input));
    if (doubt === null) return [];
    const verdict = this.#policy.judge(
      claimOf(segment, { type: doubt.type, ts_ms: segment.ts_ms, text: segment.text }),
    );
    // Without a card there is nothing that the answer would be good for in the call.
    if (verdict.kind === "same" || !verdict.card) return [];
    const causedAtMs = arrivedAtMs(segment.end_ms);
    this.#doubted.set(segment.segment_id, { segment, doubt, causedAtMs });
    return [this.#question("judge", segment, doubt.type)];
  }

  #question(ask: ModelQuestion["ask"], segment: SegmentUpdate, type: ObjectionType): CoachStep {
    const question = {
      ask,
      language: this.#options.language,
      type,
      said: segment.text,
      context: this.#turns.before(segment.ts_ms),
    };
    return { kind: "question", segmentId: segment.segment_id, question };
  }

  #remember(segment: SegmentUpdate): void {
    if (segment.text === "") return;
    this.#turns.add({ role: segment.role, text: segment.text, startMs: segment.ts_ms });
  }

  #detect(segment: SegmentUpdate): Detection | null {
    return this.#judgement(segment, (input) => this.#options.detector.detect(input));
  }

  /** A failing detector costs its objection, never the call. */
  #judgement<T>(segment: SegmentUpdate, judge: (input: DetectionInput) => T | null): T | null {
    try {
      return judge({
        text: segment.text,
        language: this.#options.language,
        role: segment.role,
        isFinal: segment.is_final,
        context: this.#turns.before(segment.ts_ms),
      });
    } catch (error) {
      this.#options.logger.error({ err: error, segment: segment.segment_id }, "objection detection failed");
      return null;
    }
  }

  #settle(
    segment: SegmentUpdate,
    open: StandingObjection | undefined,
    detection: Detection | null,
    arrivedAtMs: ArrivedAtMs,
  ): readonly CoachStep[] {
    if (open === undefined) {
      return detection === null ? [] : this.#raise(segment, detection, "confirmed", arrivedAtMs);
    }
    // Coaching was switched off in between: what is on the screen still gets its end.
    const kept = this.#enabled ? detection?.type === open.objection.type : segment.text !== "";
    if (kept) return this.#confirm(segment, open, detection, arrivedAtMs);
    const retracted = this.#retract(segment, open, arrivedAtMs);
    return detection === null
      ? retracted
      : [...retracted, ...this.#raise(segment, detection, "confirmed", arrivedAtMs)];
  }

  #raise(
    segment: SegmentUpdate,
    detection: Detection,
    status: "provisional" | "confirmed",
    arrivedAtMs: ArrivedAtMs,
  ): readonly CoachStep[] {
    const wording = this.#wording(segment, detection);
    const claim = claimOf(segment, wording);
    const verdict = this.#policy.judge(claim);
    if (verdict.kind === "same") return [];
    const causedAtMs = arrivedAtMs(evidenceEndMs(segment, detection.evidence));
    const objection: ObjectionUpdate = {
      objection_id: this.#options.ids.next("obj_"),
      segment_id: segment.segment_id,
      speaker: segment.speaker,
      ...wording,
      status,
      ...(verdict.repeatOf === null ? {} : { repeat_of: verdict.repeatOf }),
      latency_ms: 0,
    };
    this.#policy.raise(objection.objection_id, claim, verdict.repeatOf);
    const choice = verdict.card
      ? this.#replies.choose(objection, segment.text, this.#turns.before(segment.ts_ms))
      : null;
    const suggestion = choice?.suggestion ?? null;
    const awaitsReply = verdict.card && this.#options.asksModel && choice?.fits !== true;
    this.#raised.set(segment.segment_id, { objection, suggestion, awaitsReply, causedAtMs });
    const steps: CoachStep[] = [{ kind: "objection", update: objection, causedAtMs }];
    if (suggestion !== null) steps.push({ kind: "suggestion", update: suggestion, causedAtMs });
    if (suggestion !== null || awaitsReply) this.#policy.showCard(objection.objection_id, claim);
    // What may be taken back is not worth a question yet.
    if (awaitsReply && status === "confirmed") steps.push(this.#question("reply", segment, objection.type));
    return steps;
  }

  #wording(
    segment: SegmentUpdate,
    detection: Detection,
  ): Pick<ObjectionUpdate, "ts_ms" | "type" | "text" | "evidence" | "confidence" | "source"> {
    return {
      ts_ms: wordsAt(segment, detection.evidence)[0]?.ts_ms ?? segment.ts_ms,
      type: detection.type,
      text: evidenceText(segment.text, detection.evidence),
      evidence: [...detection.evidence],
      confidence: detection.confidence,
      source: detection.source,
    };
  }

  #confirm(
    segment: SegmentUpdate,
    open: StandingObjection,
    detection: Detection | null,
    arrivedAtMs: ArrivedAtMs,
  ): readonly CoachStep[] {
    const wording = detection === null ? {} : this.#wording(segment, detection);
    open.objection = { ...open.objection, ...wording, status: "confirmed" };
    this.#policy.settle(open.objection.objection_id, claimOf(segment, open.objection));
    const causedAtMs = arrivedAtMs(segment.end_ms);
    const confirmed: CoachStep = { kind: "objection", update: open.objection, causedAtMs };
    if (!open.awaitsReply) return [confirmed];
    if (segment.text !== "" && this.#enabled) {
      return [confirmed, this.#question("reply", segment, open.objection.type)];
    }
    return [confirmed, ...this.unanswered(segment.segment_id)];
  }

  #retract(
    segment: SegmentUpdate,
    { awaitsReply, objection, suggestion }: StandingObjection,
    arrivedAtMs: ArrivedAtMs,
  ): readonly CoachStep[] {
    const causedAtMs = arrivedAtMs(segment.end_ms);
    this.#raised.delete(segment.segment_id);
    // Nobody has seen anything in the place that was kept.
    if (awaitsReply && suggestion === null) this.#policy.keepNoPlace(objection.objection_id);
    const steps: CoachStep[] = [
      { kind: "objection", update: { ...objection, status: "retracted" }, causedAtMs },
    ];
    if (suggestion !== null) {
      steps.push({ kind: "suggestion", update: { ...suggestion, status: "withdrawn" }, causedAtMs });
    }
    return [...steps, ...this.#nameAnotherFirst(objection.objection_id)];
  }

  /** What named a retracted objection as the first of its kind is told again, with another one or none. */
  #nameAnotherFirst(retractedId: string): readonly CoachStep[] {
    return this.#policy.retract(retractedId).flatMap(({ objectionId, repeatOf }): readonly CoachStep[] => {
      const raised = [...this.#raised.values()].find(
        ({ objection }) => objection.objection_id === objectionId,
      );
      if (raised === undefined) return [];
      raised.objection =
        repeatOf === null ? notRepeated(raised.objection) : { ...raised.objection, repeat_of: repeatOf };
      return [{ kind: "objection", update: raised.objection, causedAtMs: null }];
    });
  }
}
