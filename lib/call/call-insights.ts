import type { Evidence } from "../contract/events.ts";
import type { Language } from "../contract/vocabulary.ts";
import { ConductMeter } from "./conduct.ts";
import { createMentionFinder, type Mention } from "./mentions.ts";
import { Nudges } from "./nudges.ts";
import { OpenQuestions, type QuestionState } from "./open-questions.ts";
import type { Ids, Logger, SpeechReader, SpeechReading, WatchedTerms } from "./ports.ts";
import { isSignal, type StoredCall, type StoredInsight, type StoredSignal } from "./stored-call.ts";
import { segmentUpdateOf, type SegmentUpdate } from "./transcript.ts";
import { startOfWordAt } from "./word-times.ts";

/** Between two tellings of the conduct, in milliseconds of call audio. */
const conductEveryMs = 10_000;
/** Signals of one call; what comes beyond is not told. */
const maxSignals = 300;
const maxSignalsOfLine = 4;

export interface CallInsightsOptions {
  readonly language: Language;
  readonly reader: SpeechReader;
  readonly watched: WatchedTerms;
  readonly nudges: boolean;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly enabled: boolean;
}

interface Found {
  readonly kind: StoredSignal["kind"];
  readonly evidence: Evidence;
  readonly term?: string;
  readonly when?: string;
}

type Line = Pick<SegmentUpdate, "segment_id" | "role" | "speaker" | "ts_ms" | "end_ms" | "text" | "words">;

/**
 * What a call's finals say beyond objections, and how it goes: signals, conduct, nudges (SPEC I1 to I7).
 * Follows all that is said, tells only while coaching is on.
 */
export class CallInsights {
  readonly #options: CallInsightsOptions;
  readonly #findMentions: (text: string) => readonly Mention[];
  readonly #meter = new ConductMeter();
  readonly #questions = new OpenQuestions();
  readonly #nudges: Nudges;
  /** By id, as told last. */
  readonly #signals = new Map<string, StoredSignal>();
  #conductId: string | null = null;
  #conductToldMs = 0;
  /** A line was placed since: one that came late changes it as much as the newest. */
  #isConductStale = false;
  #enabled: boolean;

  constructor(options: CallInsightsOptions) {
    this.#options = options;
    this.#enabled = options.enabled;
    this.#findMentions = createMentionFinder(options.watched);
    this.#nudges = new Nudges(options.language);
  }

  setEnabled(enabled: boolean): void {
    this.#enabled = enabled;
  }

  /** What is known from before a restart. */
  resumeAfter({ segments, insights, suggestions }: Omit<StoredCall, "call" | "objections">): void {
    for (const segment of segments) {
      const line = segmentUpdateOf(segment);
      const reading = this.#read(line);
      if (reading !== null) this.#place(line, reading);
    }
    for (const insight of insights) {
      if (isSignal(insight)) this.#signals.set(insight.insight_id, insight);
      else if (insight.kind === "nudge") this.#nudges.told(insight.code, insight.ts_ms);
      else {
        this.#conductId = insight.insight_id;
        this.#conductToldMs = insight.ts_ms;
      }
    }
    for (const { tsMs } of suggestions) this.#nudges.cardShown(tsMs);
  }

  /** A card has just come to the screen. */
  cardShown(): void {
    this.#nudges.cardShown(this.#meter.latestMs);
  }

  /** Finals count; of interims nothing is told. */
  follow(segment: SegmentUpdate): readonly StoredInsight[] {
    if (!segment.is_final || segment.text === "") return [];
    const isNewest = segment.end_ms >= this.#meter.latestMs;
    const reading = this.#read(segment);
    if (reading === null) return [];
    this.#place(segment, reading);
    if (!this.#enabled) return [];
    const told = [...this.#settle(segment, reading), ...this.#settleQuestions(false)];
    const opened = told.filter(
      (insight) => insight.kind === "unanswered_question" && insight.status === "open",
    );
    const isConductDue = this.#meter.latestMs - this.#conductToldMs >= conductEveryMs;
    return [
      ...told,
      ...(isConductDue ? this.#tellConduct() : []),
      ...(isNewest ? this.#nudge(opened.length) : []),
    ];
  }

  /** It was someone else who said these: signals and conduct follow. */
  reassign(segments: readonly SegmentUpdate[]): readonly StoredInsight[] {
    const told: StoredInsight[] = [];
    for (const segment of segments) {
      if (!segment.is_final || segment.text === "") continue;
      const reading = this.#read(segment);
      if (reading === null) continue;
      this.#place(segment, reading);
      if (!this.#enabled) continue;
      told.push(...this.#settle(segment, reading), ...this.#withdrawQuestions(segment));
    }
    return this.#enabled ? [...told, ...this.#settleQuestions(false), ...this.#tellConduct()] : [];
  }

  /** A final has other words now; `moved` takes offsets of the text as it was. What was told is told with them. */
  revise(segment: SegmentUpdate, moved: (offset: number) => number): readonly StoredInsight[] {
    const reading = this.#read(segment);
    if (reading !== null) this.#place(segment, reading);
    return this.#of(segment.segment_id).map((signal) => {
      const places = signal.evidence
        .map(({ start, end }) => ({ start: moved(start), end: moved(end) }))
        .filter(({ start, end }) => end > start);
      const evidence = places.length === 0 ? [{ start: 0, end: segment.text.length }] : places;
      const text = textOf(segment.text, evidence);
      const { when, ...rest } = signal;
      const keepsWhen = when !== undefined && text.includes(when);
      return this.#tell({ ...rest, ...(keepsWhen ? { when } : {}), evidence, text });
    });
  }

  /** Nothing more will be said. */
  end(): readonly StoredInsight[] {
    return this.#enabled ? [...this.#settleQuestions(true), ...this.#tellConduct()] : [];
  }

  /** A failing reader costs what it would have found, never the call. */
  #read(line: Line): SpeechReading | null {
    try {
      return this.#options.reader.read(line.text, this.#options.language);
    } catch (error) {
      this.#options.logger.error(
        { err: error, segment: line.segment_id },
        "reading a line for signals failed",
      );
      return null;
    }
  }

  #place(line: Line, reading: SpeechReading): void {
    this.#isConductStale = true;
    const { segment_id: segmentId, role } = line;
    if (role === "unknown") {
      this.#meter.remove(segmentId);
      this.#questions.remove(segmentId);
      return;
    }
    const { words, questions, fillers, isBackchannel, asked, answer } = reading;
    // A segment may hold some silence before its first word and behind its last one.
    const startMs = line.words[0]?.ts_ms ?? line.ts_ms;
    const endMs = line.words.at(-1)?.end_ms ?? line.end_ms;
    const times = { segmentId, role, startMs, endMs };
    this.#meter.put({ ...times, words, questions, fillers, isBackchannel });
    this.#questions.put({ segmentId, role, startMs: line.ts_ms, asked, isBackchannel, answer });
  }

  /** Of this line, by who said it: what is new, what is told again, what no longer stands. */
  #settle(line: Line, reading: SpeechReading): readonly StoredInsight[] {
    const found = [...this.#signalsIn(line, reading), ...this.#findMentions(line.text)].slice(
      0,
      maxSignalsOfLine,
    );
    const known = this.#of(line.segment_id).filter(({ kind }) => kind !== "unanswered_question");
    const told: StoredInsight[] = [];
    for (const one of found) {
      const same = known.find((signal) => isSame(signal, one));
      if (same === undefined) told.push(...this.#raise(line, one));
      else if (same.speaker !== line.speaker) told.push(this.#tell({ ...same, speaker: line.speaker }));
    }
    const gone = known.filter((signal) => !found.some((one) => isSame(signal, one)));
    return [...told, ...gone.map((signal) => this.#tell({ ...signal, status: "retracted" as const }))];
  }

  #signalsIn(line: Line, { signals }: SpeechReading): readonly Found[] {
    return signals
      .filter(({ kind }) => kind === "commitment" || line.role !== "rep")
      .map(({ kind, evidence, when }) => ({
        kind,
        evidence,
        ...(when === null ? {} : { when: line.text.slice(when.start, when.end) }),
      }));
  }

  #raise(line: Line, { kind, evidence, term, when }: Found): readonly StoredSignal[] {
    if (this.#signals.size >= maxSignals) return [];
    return [
      this.#tell({
        insight_id: this.#options.ids.next("ins_"),
        kind,
        segment_id: line.segment_id,
        speaker: line.speaker,
        ts_ms: startOfWordAt(line, evidence.start),
        text: textOf(line.text, [evidence]),
        evidence: [evidence],
        status: "noted",
        ...(term === undefined ? {} : { term }),
        ...(when === undefined ? {} : { when }),
      }),
    ];
  }

  #settleQuestions(isOver: boolean): readonly StoredInsight[] {
    return this.#questions.states(isOver).flatMap((question) => {
      const { evidence } = question.question;
      const known = this.#of(question.line.segmentId).find((signal) =>
        isSame(signal, { kind: "unanswered_question", evidence }),
      );
      return known === undefined ? this.#openQuestion(question) : this.#answerQuestion(known, question);
    });
  }

  /** Only the prospect's questions are waited for. */
  #withdrawQuestions({ segment_id: segmentId, role }: Line): readonly StoredInsight[] {
    if (role === "prospect") return [];
    return this.#of(segmentId)
      .filter(({ kind }) => kind === "unanswered_question")
      .map((signal) => this.#tell({ ...signal, status: "retracted" as const }));
  }

  #openQuestion({ line, question, state }: QuestionState): readonly StoredInsight[] {
    if (state !== "open" || this.#signals.size >= maxSignals) return [];
    return [
      this.#tell({
        insight_id: this.#options.ids.next("ins_"),
        kind: "unanswered_question",
        segment_id: line.segmentId,
        speaker: 1,
        ts_ms: line.startMs,
        text: question.text,
        evidence: [question.evidence],
        status: "open",
      }),
    ];
  }

  #answerQuestion(known: StoredSignal, { state }: QuestionState): readonly StoredInsight[] {
    if (state === "open" || known.status === "answered") return [];
    return [this.#tell({ ...known, status: "answered", answered_by: state.answeredBy })];
  }

  #tellConduct(): readonly StoredInsight[] {
    if (!this.#isConductStale) return [];
    const { latestMs } = this.#meter;
    const conduct = this.#meter.conduct();
    if (conduct === null) return [];
    this.#conductToldMs = latestMs;
    this.#isConductStale = false;
    this.#conductId ??= this.#options.ids.next("ins_");
    return [{ insight_id: this.#conductId, kind: "conduct", ts_ms: latestMs, conduct }];
  }

  #nudge(openQuestions: number): readonly StoredInsight[] {
    if (!this.#options.nudges) return [];
    const nudge = this.#nudges.next(this.#meter, openQuestions);
    if (nudge === null) return [];
    const insightId = this.#options.ids.next("ins_");
    return [{ insight_id: insightId, kind: "nudge", ts_ms: this.#meter.latestMs, ...nudge }];
  }

  #of(segmentId: string): readonly StoredSignal[] {
    return [...this.#signals.values()].filter(
      (signal) => signal.segment_id === segmentId && signal.status !== "retracted",
    );
  }

  #tell(signal: StoredSignal): StoredSignal {
    this.#signals.set(signal.insight_id, signal);
    return signal;
  }
}

/** Of the same words, as far as a revision has left them in place. */
function isSame(signal: StoredSignal, { kind, evidence, term }: Found): boolean {
  return (
    signal.kind === kind &&
    signal.term === term &&
    signal.evidence.some(({ start, end }) => start < evidence.end && evidence.start < end)
  );
}

function textOf(text: string, evidence: readonly Evidence[]): string {
  return evidence.map(({ start, end }) => text.slice(start, end)).join(" … ");
}
