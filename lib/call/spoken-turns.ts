import type { Turn } from "./ports.ts";

/** Turns a detector is given. */
export const contextTurns = 12;
/** Kept beyond that for a channel whose finals come later than those of the other. */
const keptTurns = 8 * contextTurns;

export interface SpokenTurn extends Turn {
  readonly startMs: number;
}

/** What was said lately, in the order of the call: finals of two channels do not arrive in that order. */
export class SpokenTurns {
  readonly #turns: SpokenTurn[] = [];

  add(turn: SpokenTurn): void {
    const after = this.#turns.findLastIndex((known) => known.startMs <= turn.startMs);
    this.#turns.splice(after + 1, 0, turn);
    if (this.#turns.length > keptTurns) this.#turns.shift();
  }

  /** The same turn with other words. */
  revise(turn: SpokenTurn): void {
    const at = this.#turns.findLastIndex(
      (known) => known.startMs === turn.startMs && known.role === turn.role,
    );
    if (at >= 0) this.#turns.splice(at, 1, turn);
  }

  /** It was someone else who said so. */
  reassign(turn: SpokenTurn): void {
    const at = this.#turns.findLastIndex(
      (known) => known.startMs === turn.startMs && known.text === turn.text,
    );
    if (at >= 0) this.#turns.splice(at, 1, turn);
  }

  /** What had been begun before this time. */
  before(startMs: number): readonly Turn[] {
    return this.#turns.filter((turn) => turn.startMs < startMs).slice(-contextTurns);
  }
}
