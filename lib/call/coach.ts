import type { CallEventPayloads, Evidence } from "../contract/events.ts";
import type { Customer } from "../contract/rest.ts";
import type { Language, ObjectionType } from "../contract/vocabulary.ts";
import { CardPolicy, type Claim } from "./card-policy.ts";
import type { Detection, Ids, Logger, ObjectionDetector, ReplySuggester } from "./ports.ts";
import { SpokenTurns } from "./spoken-turns.ts";
import type { SegmentUpdate } from "./transcript.ts";

export type ObjectionUpdate = Omit<CallEventPayloads["objection_detected"], "call_id" | "seq">;
export type SuggestionUpdate = Omit<CallEventPayloads["suggestion_ready"], "call_id" | "seq">;

/** What coaching has to say of one version of a segment, in the order to publish it. */
export type CoachStep =
  | { readonly kind: "objection"; readonly update: ObjectionUpdate; readonly causedAtMs: number | null }
  | { readonly kind: "suggestion"; readonly update: SuggestionUpdate; readonly causedAtMs: number | null };

export interface RaisedObjection {
  objection: ObjectionUpdate;
  suggestion: SuggestionUpdate | null;
}

/** What an earlier process has told of a call. */
export interface CoachingSoFar {
  /** Finals in order. */
  readonly segments: readonly SegmentUpdate[];
  /** That stand, in order. */
  readonly raised: readonly RaisedObjection[];
  /** All that were seen, with what became of them. */
  readonly suggestions: readonly { readonly segmentId: string; readonly suggestion: SuggestionUpdate }[];
}

export interface CoachOptions {
  readonly language: Language;
  readonly customer: Customer;
  readonly detector: ObjectionDetector;
  readonly suggester: ReplySuggester;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly enabled: boolean;
}

/** End of the last word of the evidence, in milliseconds of call audio; the segment's end without words. */
function evidenceEndMs(segment: SegmentUpdate, evidence: readonly Evidence[]): number {
  return wordsAt(segment, evidence).at(-1)?.end_ms ?? segment.end_ms;
}

function wordsAt(segment: SegmentUpdate, evidence: readonly Evidence[]): SegmentUpdate["words"] {
  let searchFrom = 0;
  return segment.words.filter((word) => {
    const start = segment.text.indexOf(word.text, searchFrom);
    if (start < 0) return false;
    searchFrom = start + word.text.length;
    return evidence.some((span) => span.start < searchFrom && span.end > start);
  });
}

function claimOf(
  segment: SegmentUpdate,
  { type, ts_ms: tsMs, text }: Pick<ObjectionUpdate, "type" | "ts_ms" | "text">,
): Claim {
  return {
    segmentId: segment.segment_id,
    speaker: segment.speaker,
    voice: segment.voice,
    type,
    tsMs,
    startMs: segment.ts_ms,
    endMs: segment.end_ms,
    text,
  };
}

function notRepeated(objection: ObjectionUpdate): ObjectionUpdate {
  const first = { ...objection };
  delete first.repeat_of;
  return first;
}

function evidenceText(text: string, evidence: readonly Evidence[]): string {
  return evidence.map((span) => text.slice(span.start, span.end)).join(" … ");
}

/**
 * Watches the prospect's segments: one objection per thing said, provisional on an interim, confirmed
 * or retracted by the final, each with at most one suggestion that is withdrawn with it (SPEC O1 to O6, Q1 to Q8).
 */
export class Coach {
  readonly #options: CoachOptions;
  readonly #policy: CardPolicy;
  /** What stands, by segment: on an interim that has no final yet, or confirmed. */
  readonly #raised = new Map<string, RaisedObjection>();
  readonly #turns = new SpokenTurns();
  readonly #shownEntries: string[] = [];
  #enabled: boolean;

  constructor(options: CoachOptions) {
    this.#options = options;
    this.#policy = new CardPolicy(options.suggester.coaching);
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
      this.#raised.set(segment.segment_id, { ...one });
      const { objection_id: id, repeat_of: repeatOf = null } = one.objection;
      this.#policy.raise(id, claimOf(segment, one.objection), repeatOf);
    }
    for (const { segmentId, suggestion } of suggestions) {
      if (suggestion.playbook_entry !== null) this.#shownEntries.push(suggestion.playbook_entry);
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
  follow(segment: SegmentUpdate, arrivedAtMs: (endMs: number) => number): readonly CoachStep[] {
    this.#policy.hear(segment);
    const standing = this.#raised.get(segment.segment_id);
    const listens = this.#enabled && segment.role !== "rep" && segment.text !== "";
    const detection = listens && this.#mayDecide(segment, standing) ? this.#detect(segment) : null;
    const steps = segment.is_final
      ? this.#settle(segment, standing, detection, arrivedAtMs)
      : standing === undefined && detection !== null
        ? this.#raise(segment, detection, "provisional", arrivedAtMs)
        : [];
    if (segment.is_final) this.#remember(segment);
    return steps;
  }

  /** An interim decides nothing that stands already, and nothing at all where the playbook says so. */
  #mayDecide(segment: SegmentUpdate, standing: RaisedObjection | undefined): boolean {
    return segment.is_final || (standing === undefined && this.#policy.provisional);
  }

  /** It was someone else who said this: a rep raises no objection, a prospect may. */
  reassign(segment: SegmentUpdate, nowMs: number): readonly CoachStep[] {
    this.#policy.hear(segment);
    const raised = this.#raised.get(segment.segment_id);
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

  #remember(segment: SegmentUpdate): void {
    if (segment.text === "") return;
    this.#turns.add({ role: segment.role, text: segment.text, startMs: segment.ts_ms });
  }

  /** A failing detector costs its objection, never the call. */
  #detect(segment: SegmentUpdate): Detection | null {
    try {
      return this.#options.detector.detect({
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
    open: RaisedObjection | undefined,
    detection: Detection | null,
    arrivedAtMs: (endMs: number) => number,
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
    arrivedAtMs: (endMs: number) => number,
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
    const suggestion = verdict.card ? this.#suggest(objection, segment) : null;
    this.#raised.set(segment.segment_id, { objection, suggestion });
    const raised: CoachStep = { kind: "objection", update: objection, causedAtMs };
    if (suggestion === null) return [raised];
    this.#policy.showCard(objection.objection_id, claim);
    return [raised, { kind: "suggestion", update: suggestion, causedAtMs }];
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
    open: RaisedObjection,
    detection: Detection | null,
    arrivedAtMs: (endMs: number) => number,
  ): readonly CoachStep[] {
    const wording = detection === null ? {} : this.#wording(segment, detection);
    open.objection = { ...open.objection, ...wording, status: "confirmed" };
    this.#policy.settle(open.objection.objection_id, claimOf(segment, open.objection));
    return [{ kind: "objection", update: open.objection, causedAtMs: arrivedAtMs(segment.end_ms) }];
  }

  #retract(
    segment: SegmentUpdate,
    { objection, suggestion }: RaisedObjection,
    arrivedAtMs: (endMs: number) => number,
  ): readonly CoachStep[] {
    const causedAtMs = arrivedAtMs(segment.end_ms);
    this.#raised.delete(segment.segment_id);
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

  #suggest(objection: ObjectionUpdate, segment: SegmentUpdate): SuggestionUpdate | null {
    try {
      const choice = this.#options.suggester.suggest({
        type: objection.type satisfies ObjectionType,
        language: this.#options.language,
        text: segment.text,
        customer: this.#options.customer,
        shownEntries: this.#shownEntries,
        context: this.#turns.before(segment.ts_ms),
        atMs: objection.ts_ms,
      });
      if (choice === null) return null;
      if (choice.playbookEntry !== null) this.#shownEntries.push(choice.playbookEntry);
      return {
        suggestion_id: this.#options.ids.next("sug_"),
        objection_id: objection.objection_id,
        ts_ms: objection.ts_ms,
        type: objection.type,
        text: choice.text,
        source: choice.source,
        playbook_entry: choice.playbookEntry,
        status: "final",
        latency_ms: 0,
      };
    } catch (error) {
      this.#options.logger.error({ err: error, objection: objection.objection_id }, "suggestion failed");
      return null;
    }
  }
}
