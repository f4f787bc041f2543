import type { ObjectionType, Speaker } from "../contract/vocabulary.ts";
import type { CoachingSettings } from "./ports.ts";
import type { SegmentUpdate } from "./transcript.ts";

/** Someone who says the same for one reason may draw breath, or be cut in two by the recogniser, for this long. */
const breathMs = 5000;
/** The rep's "yes" and "mm" do not end what the prospect is saying. */
const listeningWords = 1;
/** Asked back ("sorry, how do you mean?"), people say the same words again, within this time. */
const askedBackMs = 15_000;
const askedBackWords = 5;
/** Share of the fewer words that must be among the others for them to be the same. */
const sameWordsShare = 0.6;
/** What was said longer ago than this brings no card: the conversation has moved on. */
const lateMs = 15_000;
const minuteMs = 60_000;
/** Words of the rep are remembered for this long. */
const rememberedMs = 2 * minuteMs;

/** What is to be raised, in milliseconds of call audio. */
export interface Claim {
  readonly segmentId: string;
  readonly speaker: Speaker;
  readonly voice: number | undefined;
  readonly type: ObjectionType;
  /** Of the deciding words. */
  readonly tsMs: number;
  /** Of the segment. */
  readonly startMs: number;
  readonly endMs: number;
  /** The deciding words. */
  readonly text: string;
}

/** `same`: it is on the screen already. Otherwise it is told, as a repeat or not, with a card or without. */
export type Verdict =
  | { readonly kind: "same" }
  | { readonly kind: "told"; readonly repeatOf: string | null; readonly card: boolean };

interface Raised extends Claim {
  readonly objectionId: string;
  repeatOf: string | null;
}

interface Card {
  readonly objectionId: string;
  readonly segmentId: string;
  readonly type: ObjectionType;
  readonly tsMs: number;
  withdrawn: boolean;
}

/**
 * What of the objections found is told, and what of it brings a card (SPEC Q1 to Q8). Pure: its only time is
 * call audio, so that a recording is coached as the call was.
 */
export class CardPolicy {
  readonly #settings: CoachingSettings;
  readonly #raised: Raised[] = [];
  readonly #cards: Card[] = [];
  /** Beginnings of the rep's words, by segment: an interim has others a moment later. */
  readonly #repWords = new Map<string, readonly number[]>();
  #newestMs = 0;

  constructor(settings: CoachingSettings) {
    this.#settings = settings;
  }

  /** Whether interims raise anything at all. */
  get provisional(): boolean {
    return this.#settings.provisional;
  }

  /** Every version of every segment, before anything is claimed of it. */
  hear(segment: Pick<SegmentUpdate, "segment_id" | "role" | "ts_ms" | "end_ms" | "text" | "words">): void {
    this.#newestMs = Math.max(this.#newestMs, segment.end_ms);
    if (segment.role !== "rep" || segment.text === "") this.#repWords.delete(segment.segment_id);
    else {
      this.#repWords.set(
        segment.segment_id,
        segment.words.map(({ ts_ms: startMs }) => startMs),
      );
    }
    for (const [segmentId, words] of this.#repWords) {
      if ((words.at(-1) ?? 0) >= this.#newestMs - rememberedMs) break;
      this.#repWords.delete(segmentId);
    }
  }

  judge(claim: Claim): Verdict {
    if (this.#raised.some((raised) => raised.type === claim.type && this.#isSame(raised, claim))) {
      return { kind: "same" };
    }
    const first = this.#raised.find(({ type, repeatOf }) => type === claim.type && repeatOf === null);
    return { kind: "told", repeatOf: first?.objectionId ?? null, card: this.#hasRoom(claim) };
  }

  raise(objectionId: string, claim: Claim, repeatOf: string | null): void {
    this.#raised.push({ ...claim, objectionId, repeatOf });
  }

  /** The final has the words in their last place. */
  settle(objectionId: string, claim: Claim): void {
    const at = this.#raised.findIndex((raised) => raised.objectionId === objectionId);
    const raised = this.#raised[at];
    if (raised !== undefined) this.#raised[at] = { ...raised, ...claim };
  }

  showCard(objectionId: string, { segmentId, type, tsMs }: Pick<Claim, "segmentId" | "type" | "tsMs">): void {
    this.#cards.push({ objectionId, segmentId, type, tsMs, withdrawn: false });
  }

  /** Gives the objections that named this one as the first, with the one that they name from now on. */
  retract(
    objectionId: string,
  ): readonly { readonly objectionId: string; readonly repeatOf: string | null }[] {
    const at = this.#raised.findIndex((raised) => raised.objectionId === objectionId);
    if (at >= 0) this.#raised.splice(at, 1);
    this.withdrawCard(objectionId);
    const repeats = this.#raised.filter(({ repeatOf }) => repeatOf === objectionId);
    const [first] = repeats;
    for (const repeat of repeats) {
      repeat.repeatOf = repeat === first ? null : (first?.objectionId ?? null);
    }
    return repeats.map(({ objectionId: id, repeatOf }) => ({ objectionId: id, repeatOf }));
  }

  /** Nothing came to be shown in the place that was kept. */
  keepNoPlace(objectionId: string): void {
    const at = this.#cards.findIndex((card) => card.objectionId === objectionId);
    if (at >= 0) this.#cards.splice(at, 1);
  }

  /** It was seen, and is gone; its objection stands. */
  withdrawCard(objectionId: string): void {
    for (const card of this.#cards) if (card.objectionId === objectionId) card.withdrawn = true;
  }

  /** A card that was there before a restart. */
  recallCard(card: Readonly<Card>): void {
    this.#cards.push({ ...card });
  }

  /** The very same statement: heard twice, cut in two, or repeated because the rep asked back. */
  #isSame(raised: Raised, claim: Claim): boolean {
    if (raised.segmentId === claim.segmentId) return false;
    if (raised.speaker !== claim.speaker || raised.voice !== claim.voice) return false;
    if (claim.startMs < raised.endMs && raised.startMs < claim.endMs) return true;
    const [before, after] = raised.startMs <= claim.startMs ? [raised, claim] : [claim, raised];
    const gapMs = after.startMs - before.endMs;
    const repWords = this.#repWordsBetween(before.endMs, after.startMs);
    if (gapMs <= breathMs && repWords <= listeningWords) return true;
    return gapMs <= askedBackMs && repWords <= askedBackWords && haveSameWords(raised.text, claim.text);
  }

  #repWordsBetween(fromMs: number, toMs: number): number {
    let count = 0;
    for (const words of this.#repWords.values()) {
      count += words.filter((startMs) => startMs >= fromMs && startMs < toMs).length;
    }
    return count;
  }

  #hasRoom({ segmentId, type, tsMs, endMs }: Claim): boolean {
    if (endMs < this.#newestMs - lateMs) return false;
    const { cooldownMs, maxCardsPerMinute } = this.#settings;
    const isNear = (card: Card, ms: number): boolean => Math.abs(card.tsMs - tsMs) < ms;
    if (this.#cards.some((card) => !card.withdrawn && card.type === type && isNear(card, cooldownMs))) {
      return false;
    }
    // What took the place of a card that was withdrawn is no further one; one that was withdrawn was seen.
    const others = this.#cards.filter((card) => card.segmentId !== segmentId && isNear(card, minuteMs));
    return new Set(others.map((card) => card.segmentId)).size < maxCardsPerMinute;
  }
}

function wordsOf(text: string): ReadonlySet<string> {
  const plain = text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return new Set(plain.match(/[\p{L}\p{N}]+/gu));
}

function haveSameWords(a: string, b: string): boolean {
  const [few, many] = [wordsOf(a), wordsOf(b)].toSorted((left, right) => left.size - right.size);
  if (few === undefined || many === undefined || few.size === 0) return false;
  return [...few].filter((word) => many.has(word)).length / few.size >= sameWordsShare;
}
