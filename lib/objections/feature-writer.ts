/**
 * Features one after the other, group after group, each hash once in its group. A feature stands on words of the
 * utterance, so that a decision can show what decided it.
 */
export interface FeatureGroups {
  readonly hashes: Uint32Array;
  /** Tokens [from, to) of each feature; empty where it is of the whole utterance. */
  readonly from: Uint16Array;
  readonly to: Uint16Array;
  /** Where each group ends. */
  readonly ends: readonly number[];
}

/** Groups in the order in which they are written. */
export type GroupName =
  | "stems"
  | "words"
  | "asked"
  | "clauses"
  | "concepts"
  | "pairs"
  | "neighbours"
  | "gaps"
  | "letters"
  | "rules"
  | "verdict"
  | "before"
  | "question"
  | "answer";

/** FNV-1a, 32 bits, over UTF-16 units (Fowler, Noll and Vo; the constants are theirs). */
const emptyHash = 0x811c9dc5;

export function withUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** The hash of what `hash` is of with `text` behind it. */
export function withText(hash: number, text: string): number {
  let longer = hash;
  for (let index = 0; index < text.length; index += 1) longer = withUnit(longer, text.charCodeAt(index));
  return longer;
}

/** Of most utterances; longer ones get more room. */
const usualFeatures = 1024;

/** Writes features down in memory that is used again and again: calls have many utterances, and these hundreds. */
export class FeatureWriter {
  #hashes = new Uint32Array(usualFeatures);
  #from = new Uint16Array(usualFeatures);
  #to = new Uint16Array(usualFeatures);
  /** A hash table with open addressing for the group that is written, at most half full: index of a feature plus one. */
  #slots = new Uint32Array(2 * usualFeatures);
  #ends: number[] = [];
  #count = 0;
  #prefix = emptyHash;

  /** Hash of the group's name, for whoever adds hashes: what a feature is called comes behind it. */
  get prefix(): number {
    return this.#prefix;
  }

  /** Whatever became of the one before. */
  begin(): void {
    this.#ends = [];
    this.#count = 0;
    if (this.#hashes.length === usualFeatures) return;
    this.#hashes = new Uint32Array(usualFeatures);
    this.#from = new Uint16Array(usualFeatures);
    this.#to = new Uint16Array(usualFeatures);
    this.#slots = new Uint32Array(2 * usualFeatures);
  }

  write(group: GroupName, addAll: () => void): void {
    this.#prefix = withText(emptyHash, `${group}:`);
    this.#slots.fill(0);
    addAll();
    this.#ends.push(this.#count);
  }

  add(name: string, from = 0, to = 0): void {
    this.addHash(withText(this.#prefix, name), from, to);
  }

  addHash(signedHash: number, from = 0, to = 0): void {
    const hash = signedHash >>> 0;
    const slot = this.#slotOf(hash);
    if (this.#slots[slot] !== 0) return;
    this.#hashes[this.#count] = hash;
    this.#from[this.#count] = from;
    this.#to[this.#count] = to;
    this.#count += 1;
    this.#slots[slot] = this.#count;
    if (this.#count === this.#hashes.length) this.#grow();
  }

  /** What was written, as a copy. */
  take(): FeatureGroups {
    return {
      hashes: this.#hashes.slice(0, this.#count),
      from: this.#from.slice(0, this.#count),
      to: this.#to.slice(0, this.#count),
      ends: this.#ends,
    };
  }

  /** The slot that holds the hash, or the free one for it. */
  #slotOf(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const index = this.#slots[slot] ?? 0;
      if (index === 0 || this.#hashes[index - 1] === hash) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const groupStart = this.#ends.at(-1) ?? 0;
    const doubled = <List extends Uint32Array | Uint16Array>(list: List, larger: List): List => {
      larger.set(list);
      return larger;
    };
    const room = 2 * this.#hashes.length;
    this.#hashes = doubled(this.#hashes, new Uint32Array(room));
    this.#from = doubled(this.#from, new Uint16Array(room));
    this.#to = doubled(this.#to, new Uint16Array(room));
    this.#slots = new Uint32Array(2 * room);
    for (let index = groupStart; index < this.#count; index += 1) {
      this.#slots[this.#slotOf(this.#hashes[index] ?? 0)] = index + 1;
    }
  }
}
