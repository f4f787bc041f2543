import { objectionTypes, type ObjectionType } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";
import type { FeatureGroups } from "./feature-writer.ts";
import { featureVersion } from "./features.ts";

/** `objects`: whether it is an objection at all; then one output a type, meaningful where it is one. */
export const modelOutputs = ["objects", ...objectionTypes] as const;

/** What a weights file says of itself; numbers are decimal so that the file is the same everywhere. */
export interface ModelHeader {
  readonly featureVersion: number;
  readonly language: "es" | "en";
  /** How many features have weights. */
  readonly features: number;
  /** What a step of a weight is worth: of each hidden unit, then of each output. */
  readonly scales: readonly number[];
  readonly hiddenBiases: readonly number[];
  /** For each output, one after the other: the weight of every hidden unit. */
  readonly hiddenWeights: readonly number[];
  readonly biases: readonly number[];
  /**
   * Score to probability, in order: measured on sentences of writers that the weights which scored them had
   * not met. Straight lines between the points.
   */
  readonly calibration: readonly { readonly score: number; readonly probability: number }[];
  /** Probabilities from which on something is said of a final, and of an interim. */
  readonly finalThreshold: number;
  readonly interimThreshold: number;
  /** From here to the final threshold a second opinion is worth its time. */
  readonly doubtFrom: number;
  /** Of the sentences it was trained on, so that a change of them without new weights is noticed. */
  readonly sentencesDigest: string;
  /** At the final threshold, on writers that the weights which scored them had not met. */
  readonly unmetWriters: { readonly sentences: number; readonly precision: number; readonly recall: number };
}

export interface Scored {
  /** 0 to 1, calibrated. */
  readonly probability: number;
  readonly type: ObjectionType;
  /** What each token adds to the score, by its share of the features it is part of. */
  readonly tokenScores: readonly number[];
}

export interface ObjectionModel {
  readonly header: ModelHeader;
  score(groups: FeatureGroups, tokenCount: number): Scored;
}

/** A feature's value in a group of this size. */
export function valueInGroup(size: number): number {
  return 1 / (5 * Math.sqrt(size + 2));
}

/** Bytes of a feature's weights: half a byte for each hidden unit, of which there is an even number, one for each output. */
export function recordBytes(hidden: number, outputs: number): number {
  return hidden / 2 + outputs;
}

/** A feature's weights, -8 to 7 for hidden units and -128 to 127 for outputs; of two units in a byte the first lies lower. */
export function packSteps(steps: readonly number[], hidden: number): Int8Array {
  const record = new Int8Array(recordBytes(hidden, steps.length - hidden));
  for (let pair = 0; pair < hidden / 2; pair += 1) {
    record[pair] = ((steps[2 * pair + 1] ?? 0) << 4) | ((steps[2 * pair] ?? 0) & 15);
  }
  record.set(steps.slice(hidden), hidden / 2);
  return record;
}

/** The two weights in a byte of `packSteps`. */
const lower = (pair: number): number => (pair << 28) >> 28;
const upper = (pair: number): number => pair >> 4;

/**
 * Reads a weights file: the header's length (32 bits, little endian), the header as JSON filled up with
 * blanks to a multiple of four bytes, the hashes of the features in ascending order (32 bits each), then the weights of each
 * feature as `packSteps` writes them. Throws `CallError("invalid")` for anything else.
 */
export function readModel(file: Uint8Array): ObjectionModel {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const fault = (what: string): CallError => new CallError("invalid", `The objection model ${what}.`);
  if (file.byteLength < 4) throw fault("is not a weights file");
  const headerBytes = view.getUint32(0, true);
  if (headerBytes > file.byteLength - 4) throw fault("is cut short");
  const header = parseHeader(file.subarray(4, 4 + headerBytes));
  if (header === null) throw fault("is not a weights file");
  if (header.featureVersion !== featureVersion) {
    throw fault("was trained on other features: train it again (npm run train)");
  }
  if (!isWhole(header)) throw fault("is of another make: train it again (npm run train)");
  const start = 4 + headerBytes;
  const count = header.features;
  const record = recordBytes(header.hiddenBiases.length, header.biases.length);
  if (file.byteLength !== start + count * (4 + record)) throw fault("is cut short");
  const hashes = new Uint32Array(count);
  for (let index = 0; index < count; index += 1) hashes[index] = view.getUint32(start + index * 4, true);
  const weights = new Int8Array(new Uint8Array(file.subarray(start + count * 4)).buffer);
  const network = new Network(header, new PlacesOfHashes(hashes), weights);
  return { header, score: (groups, tokenCount) => network.score(groups, tokenCount) };
}

/** What `npm run train` wrote: its own file is believed, anything else is none. */
function parseHeader(bytes: Uint8Array): ModelHeader | null {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as ModelHeader;
  } catch {
    return null;
  }
}

/** All parts of a network with these outputs are there, in their lengths. */
function isWhole(header: Partial<ModelHeader>): boolean {
  const { biases, calibration, features, hiddenBiases, hiddenWeights, scales } = header;
  const outputs = modelOutputs.length;
  const hidden = hiddenBiases?.length ?? 0;
  return (
    Number.isInteger(features) &&
    hidden % 2 === 0 &&
    biases?.length === outputs &&
    scales?.length === hidden + outputs &&
    hiddenWeights?.length === hidden * outputs &&
    (calibration?.length ?? 0) > 0
  );
}

const bucketBits = 16;

/** Where a hash is among ascending ones. Their upper bits lead straight to the few that begin alike. */
class PlacesOfHashes {
  readonly #hashes: Uint32Array;
  /** Index of the first hash whose upper bits are at least these. */
  readonly #starts = new Uint32Array(2 ** bucketBits + 1);

  constructor(hashes: Uint32Array) {
    this.#hashes = hashes;
    let place = 0;
    for (let bucket = 0; bucket < this.#starts.length; bucket += 1) {
      while (place < hashes.length && (hashes[place] ?? 0) >>> (32 - bucketBits) < bucket) place += 1;
      this.#starts[bucket] = place;
    }
  }

  /** -1: it has no weights. */
  of(hash: number): number {
    const bucket = hash >>> (32 - bucketBits);
    const end = this.#starts[bucket + 1] ?? 0;
    for (let place = this.#starts[bucket] ?? 0; place < end; place += 1) {
      if (this.#hashes[place] === hash) return place;
    }
    return -1;
  }
}

/**
 * One layer of hidden units, each silent below zero, beside a direct way from features to outputs. At the features of one
 * utterance it is linear in them, so that its score falls apart into what each of them adds.
 */
class Network {
  readonly #header: ModelHeader;
  readonly #places: PlacesOfHashes;
  readonly #weights: Int8Array;
  readonly #hidden: number;
  readonly #recordBytes: number;
  /** Sums of hidden units, then of outputs; used again for each utterance. */
  readonly #sums: Float64Array;
  /** What one step of a weight adds to the score, of hidden units and of the first output. */
  readonly #slopes: Float64Array;

  constructor(header: ModelHeader, places: PlacesOfHashes, weights: Int8Array) {
    this.#header = header;
    this.#places = places;
    this.#weights = weights;
    this.#hidden = header.hiddenBiases.length;
    this.#recordBytes = recordBytes(this.#hidden, header.biases.length);
    this.#sums = new Float64Array(header.scales.length);
    this.#slopes = new Float64Array(this.#hidden + 1);
  }

  score(groups: FeatureGroups, tokenCount: number): Scored {
    const places = Int32Array.from(groups.hashes, (hash) => this.#places.of(hash));
    this.#sum(groups, places);
    const scores = this.#outputs();
    let best = 1;
    for (let output = 2; output < scores.length; output += 1) {
      if ((scores[output] ?? 0) > (scores[best] ?? 0)) best = output;
    }
    return {
      probability: probabilityOf(this.#header.calibration, scores[0] ?? 0),
      type: objectionTypes[best - 1] ?? "other",
      tokenScores: this.#tokenScores(groups, places, tokenCount),
    };
  }

  #sum({ ends }: FeatureGroups, places: Int32Array): void {
    const [sums, weights, hidden] = [this.#sums, this.#weights, this.#hidden];
    sums.fill(0);
    let start = 0;
    for (const end of ends) {
      const value = valueInGroup(end - start);
      for (let index = start; index < end; index += 1) {
        const place = places[index] ?? -1;
        if (place < 0) continue;
        let at = place * this.#recordBytes;
        for (let unit = 0; unit < hidden; unit += 2, at += 1) {
          const pair = weights[at] ?? 0;
          sums[unit] = (sums[unit] ?? 0) + value * lower(pair);
          sums[unit + 1] = (sums[unit + 1] ?? 0) + value * upper(pair);
        }
        for (let unit = hidden; unit < sums.length; unit += 1, at += 1) {
          sums[unit] = (sums[unit] ?? 0) + value * (weights[at] ?? 0);
        }
      }
      start = end;
    }
  }

  /** The outputs, and the slopes of the first of them. */
  #outputs(): number[] {
    const { scales, hiddenBiases, hiddenWeights, biases } = this.#header;
    const [hidden, slopes] = [this.#hidden, this.#slopes];
    const scores = biases.map(
      (bias, output) => bias + (this.#sums[hidden + output] ?? 0) * (scales[hidden + output] ?? 0),
    );
    slopes.fill(0);
    slopes[hidden] = scales[hidden] ?? 0;
    for (let unit = 0; unit < hidden; unit += 1) {
      const scale = scales[unit] ?? 0;
      const sum = (this.#sums[unit] ?? 0) * scale + (hiddenBiases[unit] ?? 0);
      if (sum <= 0) continue;
      slopes[unit] = scale * (hiddenWeights[unit] ?? 0);
      for (let output = 0; output < scores.length; output += 1) {
        scores[output] = (scores[output] ?? 0) + sum * (hiddenWeights[output * hidden + unit] ?? 0);
      }
    }
    return scores;
  }

  #tokenScores({ ends, from, to }: FeatureGroups, places: Int32Array, tokenCount: number): number[] {
    const [slopes, weights, hidden] = [this.#slopes, this.#weights, this.#hidden];
    const tokenScores = new Array<number>(tokenCount).fill(0);
    let start = 0;
    for (const end of ends) {
      const value = valueInGroup(end - start);
      for (let index = start; index < end; index += 1) {
        const place = places[index] ?? -1;
        const [first, behind] = [from[index] ?? 0, to[index] ?? 0];
        if (place < 0 || behind === first) continue;
        let at = place * this.#recordBytes;
        let score = (slopes[hidden] ?? 0) * (weights[at + hidden / 2] ?? 0);
        for (let unit = 0; unit < hidden; unit += 2, at += 1) {
          const pair = weights[at] ?? 0;
          score += (slopes[unit] ?? 0) * lower(pair) + (slopes[unit + 1] ?? 0) * upper(pair);
        }
        const share = (value * score) / (behind - first);
        for (let token = first; token < behind; token += 1) {
          tokenScores[token] = (tokenScores[token] ?? 0) + share;
        }
      }
      start = end;
    }
    return tokenScores;
  }
}

export function probabilityOf(calibration: ModelHeader["calibration"], score: number): number {
  const above = calibration.findIndex((point) => point.score >= score);
  if (above < 0) return calibration.at(-1)?.probability ?? 0;
  const high = calibration[above];
  const low = calibration[above - 1];
  if (high === undefined) return 0;
  if (low === undefined || high.score === low.score) return high.probability;
  const part = (score - low.score) / (high.score - low.score);
  return low.probability + part * (high.probability - low.probability);
}
