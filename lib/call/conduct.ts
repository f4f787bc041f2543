import type { Conduct, SideConduct } from "../contract/events.ts";

/** One final of a side that is known, as far as conduct is concerned. Times in milliseconds of call audio. */
export interface SpokenLine {
  readonly segmentId: string;
  readonly role: "rep" | "prospect";
  readonly startMs: number;
  readonly endMs: number;
  readonly words: number;
  readonly questions: number;
  readonly fillers: number;
  readonly isBackchannel: boolean;
}

/** Lines whose times are remembered, over four hours of talk; earlier ones stay in the sums. */
const maxLines = 5000;
/** Of a pause within a monologue no more than this counts as talking. */
const maxPauseMs = 2000;
/** Less speech gives no pace. */
const minPaceMs = 10_000;
const minPaceWords = 20;

/** The other side had been speaking for so long when it was cut off. */
const minSpokenMs = 700;
/** Both are heard for so long at least; segments end some time after the last sound. */
const minOverlapMs = 300;
/** Who speaks on beyond it has not stopped. */
const maxOverlapMs = 2500;
/** Who took the floor goes on for so long after the other has stopped, who stays silent for so long. */
const minTakenMs = 500;
const minSilenceMs = 1000;
const minInterruptingWords = 3;

interface Side {
  speechMs: number;
  words: number;
  questions: number;
  fillers: number;
  interruptions: number;
  longestMonologueMs: number;
}

interface Run {
  role: SpokenLine["role"];
  lengthMs: number;
  endMs: number;
}

interface Tally {
  readonly rep: Side;
  readonly prospect: Side;
  run: Run | null;
}

export interface RecentConduct {
  readonly rep: Readonly<Side>;
  readonly prospect: Readonly<Side>;
  /** How long the rep has been speaking without giving the floor; 0 when the prospect has it. */
  readonly repMonologueMs: number;
}

function emptySide(): Side {
  return { speechMs: 0, words: 0, questions: 0, fillers: 0, interruptions: 0, longestMonologueMs: 0 };
}

function emptyTally(): Tally {
  return { rep: emptySide(), prospect: emptySide(), run: null };
}

function isBefore(a: SpokenLine, b: SpokenLine): boolean {
  return a.startMs !== b.startMs ? a.startMs < b.startMs : a.segmentId < b.segmentId;
}

/**
 * Talk ratio, monologues, interruptions and the rest from the times of finals. What it tells depends on the
 * lines alone, not on the order they came in: finals of two channels, and repairs, come late.
 */
export class ConductMeter {
  readonly #lines: SpokenLine[] = [];
  /** Of lines that are not remembered one by one any more. */
  readonly #earlier = emptyTally();
  #latestMs = 0;

  /** End of the last line. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** A line that is known already is replaced. */
  put(line: SpokenLine): void {
    this.remove(line.segmentId);
    const after = this.#lines.findLastIndex((known) => isBefore(known, line));
    this.#lines.splice(after + 1, 0, line);
    this.#latestMs = Math.max(this.#latestMs, line.endMs);
    if (this.#lines.length <= maxLines) return;
    take(this.#earlier, this.#lines, 0);
    this.#lines.shift();
  }

  remove(segmentId: string): void {
    const at = this.#lines.findLastIndex((known) => known.segmentId === segmentId);
    if (at >= 0) this.#lines.splice(at, 1);
  }

  /** Null while no side has said anything. */
  conduct(): Conduct | null {
    const tally = structuredClone(this.#earlier);
    for (const index of this.#lines.keys()) take(tally, this.#lines, index);
    const spokenMs = tally.rep.speechMs + tally.prospect.speechMs;
    if (spokenMs === 0) return null;
    return {
      talk_ratio: Math.round((tally.rep.speechMs / spokenMs) * 1000) / 1000,
      rep: sideConduct(tally.rep),
      prospect: sideConduct(tally.prospect),
    };
  }

  /** Of the lines that began in the last `windowMs`. */
  recent(windowMs: number): RecentConduct {
    const before = this.#lines.findLastIndex(({ startMs }) => startMs < this.#latestMs - windowMs);
    const tally = emptyTally();
    for (let index = before + 1; index < this.#lines.length; index += 1) take(tally, this.#lines, index);
    const { rep, prospect, run } = tally;
    return { rep, prospect, repMonologueMs: run?.role === "rep" ? run.lengthMs : 0 };
  }
}

function sideConduct(side: Side): SideConduct {
  const hasPace = side.speechMs >= minPaceMs && side.words >= minPaceWords;
  return {
    speech_ms: side.speechMs,
    words: side.words,
    words_per_minute: hasPace ? paceOf(side) : null,
    longest_monologue_ms: side.longestMonologueMs,
    interruptions: side.interruptions,
    questions: side.questions,
    fillers: side.fillers,
  };
}

/** Words a minute of speech. */
export function paceOf({ words, speechMs }: Pick<Side, "words" | "speechMs">): number {
  return speechMs === 0 ? 0 : Math.round((words * 60_000) / speechMs);
}

/** Adds the line at `index`, whose later neighbours say whether it was cut off. */
function take(tally: Tally, lines: readonly SpokenLine[], index: number): void {
  const line = lines[index];
  if (line === undefined) return;
  const side = tally[line.role];
  side.speechMs += Math.max(0, line.endMs - line.startMs);
  side.words += line.words;
  side.questions += line.questions;
  side.fillers += line.fillers;
  if (isCutOff(lines, index)) tally[line.role === "rep" ? "prospect" : "rep"].interruptions += 1;
  const { run } = tally;
  if (run?.role !== line.role) {
    if (line.isBackchannel) return;
    tally.run = { role: line.role, lengthMs: Math.max(0, line.endMs - line.startMs), endMs: line.endMs };
  } else {
    const pauseMs = Math.max(0, line.startMs - run.endMs);
    run.lengthMs +=
      Math.max(0, line.endMs - Math.max(line.startMs, run.endMs)) + Math.min(pauseMs, maxPauseMs);
    run.endMs = Math.max(run.endMs, line.endMs);
  }
  side.longestMonologueMs = Math.max(side.longestMonologueMs, tally.run?.lengthMs ?? 0);
}

/** The other side began to speak in the middle of this line, which ended there, and went on alone. */
function isCutOff(lines: readonly SpokenLine[], index: number): boolean {
  const spoken = lines[index];
  if (spoken === undefined || spoken.isBackchannel) return false;
  let wasTaken = false;
  for (let at = index + 1; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined || line.startMs > spoken.endMs + minSilenceMs) break;
    if (line.role === spoken.role) return false;
    wasTaken ||= takesFloor(line, spoken);
  }
  return wasTaken;
}

function takesFloor(line: SpokenLine, spoken: SpokenLine): boolean {
  const overlapMs = spoken.endMs - line.startMs;
  return (
    !line.isBackchannel &&
    line.words >= minInterruptingWords &&
    line.startMs - spoken.startMs >= minSpokenMs &&
    overlapMs >= minOverlapMs &&
    overlapMs <= maxOverlapMs &&
    line.endMs - spoken.endMs >= minTakenMs
  );
}
