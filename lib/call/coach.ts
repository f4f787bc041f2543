import type { CallEventPayloads, Evidence } from "../contract/events.ts";
import type { Customer } from "../contract/rest.ts";
import type { Language, ObjectionType } from "../contract/vocabulary.ts";
import type { Detection, Ids, Logger, ObjectionDetector, ReplySuggester } from "./ports.ts";
import { SpokenTurns, type SpokenTurn } from "./spoken-turns.ts";
import type { SegmentUpdate } from "./transcript.ts";

export type ObjectionUpdate = Omit<CallEventPayloads["objection_detected"], "call_id" | "seq">;
export type SuggestionUpdate = Omit<CallEventPayloads["suggestion_ready"], "call_id" | "seq">;

/** What coaching has to say of one version of a segment, in the order to publish it. */
export type CoachStep =
  | { readonly kind: "objection"; readonly update: ObjectionUpdate; readonly causedAtMs: number | null }
  | { readonly kind: "suggestion"; readonly update: SuggestionUpdate; readonly causedAtMs: number | null };

export interface OpenObjection {
  objection: ObjectionUpdate;
  suggestion: SuggestionUpdate | null;
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

function evidenceText(text: string, evidence: readonly Evidence[]): string {
  return evidence.map((span) => text.slice(span.start, span.end)).join(" … ");
}

/**
 * Watches the prospect's segments: one objection per thing said, provisional on an interim, confirmed
 * or retracted by the final, each with one suggestion that is withdrawn with it (SPEC O1 to O7).
 */
export class Coach {
  readonly #options: CoachOptions;
  readonly #open = new Map<string, OpenObjection>();
  /** Confirmed on finals whose words may still change. */
  readonly #settled = new Map<string, ObjectionUpdate>();
  /** Confirmed on what a voice said of which somebody may say later whose it is. */
  readonly #voiced = new Map<string, OpenObjection>();
  readonly #turns = new SpokenTurns();
  readonly #shownEntries: string[] = [];
  #enabled: boolean;

  constructor(options: CoachOptions) {
    this.#options = options;
    this.#enabled = options.enabled;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
  }

  /** What is known from before a restart: finals in order, and the entries shown. */
  resumeAfter(
    turns: readonly SpokenTurn[],
    shownEntries: readonly string[],
    voiced: readonly OpenObjection[],
  ): void {
    for (const turn of turns) this.#turns.add(turn);
    this.#shownEntries.push(...shownEntries);
    for (const raised of voiced) this.#voiced.set(raised.objection.segment_id, raised);
  }

  /** `arrivedAtMs`: monotonic arrival of the audio before a position of the call, in milliseconds. */
  follow(segment: SegmentUpdate, arrivedAtMs: (endMs: number) => number): readonly CoachStep[] {
    const open = this.#open.get(segment.segment_id);
    const listens = this.#enabled && segment.role !== "rep" && segment.text !== "";
    const detection = listens ? this.#detect(segment) : null;
    const steps = segment.is_final
      ? this.#settle(segment, open, detection, arrivedAtMs)
      : open === undefined && detection !== null
        ? this.#raise(segment, detection, "provisional", arrivedAtMs)
        : [];
    if (segment.is_final) this.#remember(segment);
    for (const step of steps) {
      if (step.kind === "objection" && step.update.status === "confirmed") {
        this.#settled.set(segment.segment_id, step.update);
      }
    }
    if (segment.is_final && segment.voice !== undefined) this.#keepVoiced(segment.segment_id, open, steps);
    return steps;
  }

  /** It was someone else who said this: a rep raises no objection, a prospect may. */
  reassign(segment: SegmentUpdate, nowMs: number): readonly CoachStep[] {
    if (!segment.is_final) return this.#reassignOpen(segment, nowMs);
    this.#turns.reassign({ role: segment.role, text: segment.text, startMs: segment.ts_ms });
    const raised = this.#voiced.get(segment.segment_id);
    if (raised === undefined) {
      const detection = this.#enabled && segment.role !== "rep" ? this.#detect(segment) : null;
      if (detection === null) return [];
      const steps = this.#raise(segment, detection, "confirmed", () => nowMs);
      this.#keepVoiced(segment.segment_id, undefined, steps);
      return steps;
    }
    if (segment.role === "rep") {
      this.#voiced.delete(segment.segment_id);
      this.#settled.delete(segment.segment_id);
      return this.#retract(segment, raised, () => nowMs);
    }
    raised.objection = { ...raised.objection, speaker: segment.speaker };
    if (this.#settled.has(segment.segment_id)) this.#settled.set(segment.segment_id, raised.objection);
    return [{ kind: "objection", update: raised.objection, causedAtMs: null }];
  }

  #reassignOpen(segment: SegmentUpdate, nowMs: number): readonly CoachStep[] {
    const open = this.#open.get(segment.segment_id);
    if (open === undefined) return this.follow(segment, () => nowMs);
    if (segment.role === "rep") {
      this.#open.delete(segment.segment_id);
      return this.#retract(segment, open, () => nowMs);
    }
    open.objection = { ...open.objection, speaker: segment.speaker };
    return [{ kind: "objection", update: open.objection, causedAtMs: null }];
  }

  #keepVoiced(segmentId: string, open: OpenObjection | undefined, steps: readonly CoachStep[]): void {
    const objection = steps.findLast((step) => step.kind === "objection")?.update;
    if (objection?.status !== "confirmed") return;
    const suggested = steps.find((step) => step.kind === "suggestion" && step.update.status !== "withdrawn");
    const suggestion = suggested?.kind === "suggestion" ? suggested.update : (open?.suggestion ?? null);
    this.#voiced.set(segmentId, { objection, suggestion });
  }

  /**
   * A final has other words now: what was raised on it is told again with its evidence where it lies now.
   * `moved` takes offsets of the text as it was.
   */
  revise(segment: SegmentUpdate, moved: (offset: number) => number): readonly CoachStep[] {
    this.#turns.revise({ role: segment.role, text: segment.text, startMs: segment.ts_ms });
    const raised = this.#settled.get(segment.segment_id);
    if (raised === undefined) return [];
    const evidence = raised.evidence
      .map(({ start, end }) => ({ start: moved(start), end: moved(end) }))
      .filter(({ start, end }) => end > start);
    const [only = { start: 0, end: segment.text.length }, ...more] = evidence;
    const placed = [only, ...more];
    const update = { ...raised, evidence: placed, text: evidenceText(segment.text, placed) };
    this.#settled.set(segment.segment_id, update);
    const voiced = this.#voiced.get(segment.segment_id);
    if (voiced !== undefined) voiced.objection = update;
    return [{ kind: "objection", update, causedAtMs: null }];
  }

  /** These segments stay as they are. */
  keep(segmentIds: readonly string[]): void {
    for (const segmentId of segmentIds) this.#settled.delete(segmentId);
  }

  #remember(segment: SegmentUpdate): void {
    this.#open.delete(segment.segment_id);
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
    open: OpenObjection | undefined,
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
    const causedAtMs = arrivedAtMs(evidenceEndMs(segment, detection.evidence));
    const objection: ObjectionUpdate = {
      objection_id: this.#options.ids.next("obj_"),
      segment_id: segment.segment_id,
      speaker: segment.speaker,
      ...this.#wording(segment, detection),
      status,
      latency_ms: 0,
    };
    const suggestion = this.#suggest(objection, segment);
    if (status === "provisional") this.#open.set(segment.segment_id, { objection, suggestion });
    const raised: CoachStep = { kind: "objection", update: objection, causedAtMs };
    return suggestion === null ? [raised] : [raised, { kind: "suggestion", update: suggestion, causedAtMs }];
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
    open: OpenObjection,
    detection: Detection | null,
    arrivedAtMs: (endMs: number) => number,
  ): readonly CoachStep[] {
    const wording = detection === null ? {} : this.#wording(segment, detection);
    const update: ObjectionUpdate = { ...open.objection, ...wording, status: "confirmed" };
    return [{ kind: "objection", update, causedAtMs: arrivedAtMs(segment.end_ms) }];
  }

  #retract(
    segment: SegmentUpdate,
    open: OpenObjection,
    arrivedAtMs: (endMs: number) => number,
  ): readonly CoachStep[] {
    const causedAtMs = arrivedAtMs(segment.end_ms);
    const retracted: CoachStep = {
      kind: "objection",
      update: { ...open.objection, status: "retracted" },
      causedAtMs,
    };
    if (open.suggestion === null) return [retracted];
    const update: SuggestionUpdate = { ...open.suggestion, status: "withdrawn" };
    return [retracted, { kind: "suggestion", update, causedAtMs }];
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
