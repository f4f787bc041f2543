/** What a fuzzing run was made of, so that it can be made again: `FUZZ_SEED=… FUZZ_CASES=… npx vitest run test/fuzz`. */
export const fuzzCases = Number(process.env.FUZZ_CASES ?? "3000");
export const fuzzSeed = Number(process.env.FUZZ_SEED ?? String(Date.now() % 1_000_000_007));

/** Mulberry32 by Tommy Ettinger, public domain: 32 bits of state are enough to repeat a run. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 up to 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(most: number): number {
    return Math.floor(this.next() * most);
  }

  one<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

const oddNumbers = [
  0,
  -0,
  -1,
  1,
  0.5,
  2 ** 31,
  2 ** 53,
  2 ** 53 - 1,
  -(2 ** 63),
  1e308,
  5e-324,
  NaN,
  Infinity,
];
const oddTexts = [
  "",
  "\0",
  "\ud800",
  "\u202e",
  "__proto__",
  "constructor",
  "toString",
  "a".repeat(5000),
  "😀".repeat(50),
  "../../etc",
  "%00",
  "'; drop table calls; --",
  "0",
  "true",
];

/** Any JSON value, mostly small, sometimes deep or wide. */
export function anyValue(dice: Dice, depth = 0): unknown {
  const kind = dice.below(depth > 4 ? 5 : 8);
  if (kind === 0) return null;
  if (kind === 1) return dice.next() < 0.5;
  if (kind === 2) return dice.one(oddNumbers);
  if (kind === 3) return dice.below(100_000);
  if (kind === 4) return dice.one(oddTexts);
  if (kind === 5) return Array.from({ length: dice.below(5) }, () => anyValue(dice, depth + 1));
  if (kind === 6) {
    const keys = Array.from({ length: dice.below(5) }, () =>
      dice.one([...oddTexts, "enabled", "after_seq", "reason"]),
    );
    return Object.fromEntries(keys.map((key) => [key, anyValue(dice, depth + 1)]));
  }
  let value: unknown = 1;
  for (let level = dice.below(300); level > 0; level -= 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Bits turned, bytes lost, doubled, moved in, a tail cut. */
export function mutated(dice: Dice, bytes: Buffer): Buffer {
  let changed = Buffer.from(bytes);
  for (let times = 1 + dice.below(4); times > 0; times -= 1) {
    const at = dice.below(Math.max(1, changed.length));
    const kind = dice.below(5);
    if (kind === 0 && changed.length > 0) changed[at] = (changed[at] ?? 0) ^ (1 << dice.below(8));
    else if (kind === 1) changed = changed.subarray(0, at);
    else if (kind === 2)
      changed = Buffer.concat([changed.subarray(0, at), dice.bytes(dice.below(9)), changed.subarray(at)]);
    else if (kind === 3)
      changed = Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1 + dice.below(8))]);
    else changed = Buffer.concat([changed, changed.subarray(at)]).subarray(0, 20_000);
  }
  return changed;
}
