import type { CoachStep, SuggestionUpdate } from "./coach-steps.ts";
import { recentTalk, replySimilarity, saidThreshold } from "./reply-similarity.ts";
import type { CallWrite, StoredCall } from "./stored-call.ts";
import { roleOfSpeaker, type SpeakerRole } from "../contract/vocabulary.ts";
import type { SegmentUpdate } from "./transcript.ts";

/** Turns of the rep after a card in which its reply may be said. */
const watchedTurns = 2;
/** Where nobody knows whose voice it is, every line is a turn, and half of them are the prospect's. */
const watchedLines = 2 * watchedTurns;

type Said = NonNullable<CallWrite["said"]>[number];
type Heard = Pick<SegmentUpdate, "segment_id" | "role" | "text" | "ts_ms">;

interface Watched {
  readonly suggestionId: string;
  readonly text: string;
  /** When the objection was raised, in milliseconds of call audio. */
  readonly tsMs: number;
  /** Turns begun since, the one going on included. */
  turns: number;
  /** What the rep has said last in the turn that goes on. */
  turn: string;
}

/**
 * Notices when the rep says what a card offered: in one of the next two turns of the rep, recognised by its words
 * (SPEC P2). A turn is all that the rep says until someone else does.
 */
export class SaidWatch {
  readonly #watched = new Map<string, Watched>();
  #lastRole: SpeakerRole | null = null;

  /** What is known from before a restart. */
  resumeAfter({ segments, suggestions }: Pick<StoredCall, "segments" | "suggestions">): void {
    const cards = suggestions.filter(({ status, said }) => status === "final" && said === null);
    for (const { suggestionId, text, tsMs } of cards) this.#watch(suggestionId, text, tsMs);
    for (const { segmentId, speaker, text, tsMs } of segments) {
      this.heard({ segment_id: segmentId, role: roleOfSpeaker(speaker), text, ts_ms: tsMs });
    }
  }

  follow(step: CoachStep): void {
    if (step.kind !== "suggestion") return;
    const { suggestion_id, status, text, ts_ms } = step.update satisfies SuggestionUpdate;
    if (status === "final") this.#watch(suggestion_id, text, ts_ms);
    if (status === "withdrawn") this.#watched.delete(suggestion_id);
  }

  /** A final; those of two channels may come in another order than they were said. */
  heard(segment: Heard): readonly Said[] {
    if (segment.text === "") return [];
    const begins = segment.role === "unknown" || segment.role !== this.#lastRole;
    this.#lastRole = segment.role;
    return segment.role === "prospect"
      ? []
      : [...this.#watched.values()].flatMap((card) => this.#compare(card, segment, begins) ?? []);
  }

  /** A reply that took the place of another is read from now on, within the turns that are left. */
  #watch(suggestionId: string, text: string, tsMs: number): void {
    const before = this.#watched.get(suggestionId);
    if (before?.text === text) return;
    this.#watched.set(suggestionId, { suggestionId, text, tsMs, turns: before?.turns ?? 0, turn: "" });
  }

  #compare(card: Watched, { segment_id, role, text, ts_ms }: Heard, begins: boolean): Said | null {
    // What was said before the objection is no answer to it.
    if (ts_ms < card.tsMs) return null;
    if (begins || card.turns === 0) {
      card.turns += 1;
      card.turn = "";
    }
    if (card.turns > (role === "unknown" ? watchedLines : watchedTurns)) {
      this.#watched.delete(card.suggestionId);
      return null;
    }
    card.turn = recentTalk(card.text, card.turn, text);
    const similarity = replySimilarity(card.text, card.turn);
    if (similarity < saidThreshold) return null;
    this.#watched.delete(card.suggestionId);
    const { suggestionId } = card;
    return { suggestionId, segmentId: segment_id, similarity: Number(similarity.toFixed(3)) };
  }
}
