import type { NudgeCode } from "../contract/events.ts";
import type { Language } from "../contract/vocabulary.ts";
import { paceOf, type ConductMeter } from "./conduct.ts";

/** Between two nudges, of any sort and of the same sort, in milliseconds of call audio. */
const apartMs = 60_000;
const sameApartMs = 300_000;
/** A card that is newer than this has the rep's eyes. */
const cardMs = 8_000;

const monologueMs = 90_000;
const fastestWordsPerMinute: Readonly<Record<Language, number>> = { es: 240, en: 225, multi: 240 };

export interface Nudge {
  readonly code: NudgeCode;
  readonly value: number;
}

/** At most one gentle hint a minute on how the call goes; time is call audio. */
export class Nudges {
  readonly #language: Language;
  readonly #lastOf = new Map<NudgeCode, number>();
  #lastMs = -Infinity;
  #lastCardMs = -Infinity;

  constructor(language: Language) {
    this.#language = language;
  }

  cardShown(atMs: number): void {
    this.#lastCardMs = Math.max(this.#lastCardMs, atMs);
  }

  /** It was told, by this process or the one before. */
  told(code: NudgeCode, atMs: number): void {
    this.#lastMs = Math.max(this.#lastMs, atMs);
    this.#lastOf.set(code, Math.max(this.#lastOf.get(code) ?? -Infinity, atMs));
  }

  /** What to tell now, or null. `openQuestions`: those that have just been left unanswered. */
  next(meter: ConductMeter, openQuestions: number): Nudge | null {
    const nowMs = meter.latestMs;
    if (nowMs - this.#lastMs < apartMs || nowMs - this.#lastCardMs < cardMs) return null;
    const nudge = this.#candidates(meter, openQuestions).find(
      ({ code }) => nowMs - (this.#lastOf.get(code) ?? -Infinity) >= sameApartMs,
    );
    if (nudge === undefined) return null;
    this.told(nudge.code, nowMs);
    return nudge;
  }

  /** What there is to say, the most useful first. */
  #candidates(meter: ConductMeter, openQuestions: number): readonly Nudge[] {
    const lately = meter.recent(60_000);
    const minutes = meter.recent(180_000);
    const long = meter.recent(300_000);
    const spokenMs = long.rep.speechMs + long.prospect.speechMs;
    const share = spokenMs === 0 ? 0 : long.rep.speechMs / spokenMs;
    const pace = paceOf(lately.rep);
    const found: (Nudge | false)[] = [
      openQuestions > 0 && { code: "question_open", value: openQuestions },
      long.repMonologueMs >= monologueMs && {
        code: "long_monologue",
        value: Math.round(long.repMonologueMs / 1000),
      },
      minutes.rep.interruptions >= 3 && { code: "interrupting", value: minutes.rep.interruptions },
      spokenMs >= 120_000 && share > 0.7 && { code: "talking_a_lot", value: Math.round(share * 100) },
      long.rep.speechMs >= 150_000 && long.rep.questions === 0 && { code: "no_questions", value: 0 },
      lately.rep.speechMs >= 25_000 &&
        pace > fastestWordsPerMinute[this.#language] && {
          code: "fast_pace",
          value: pace,
        },
      minutes.rep.fillers >= 8 &&
        minutes.rep.fillers * 10_000 >= minutes.rep.speechMs && {
          code: "many_fillers",
          value: minutes.rep.fillers,
        },
    ];
    return found.filter((nudge) => nudge !== false);
  }
}
