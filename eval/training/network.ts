/**
 * A network with one layer of hidden units beside a direct way from features to outputs, learned by stochastic gradient
 * descent with the step sizes of Adam (Kingma and Ba, ICLR 2015) and with dropout of features and of hidden units
 * (Srivastava et al., JMLR 2014). Only the features of a batch take a step ("lazy" Adam); its correction for beginnings
 * counts all batches, so that a feature met late begins with three times the step. Only additions, multiplications,
 * divisions and square roots in a fixed order, so that the same examples give the same weights, to the bit, on any
 * machine.
 */

/** Examples as rows of a sparse matrix: row `i` is at [starts[i], starts[i + 1]) of `columns` and `values`. */
export interface Examples {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
  readonly columnCount: number;
}

export interface Network {
  readonly hidden: number;
  /** For each column, one after the other: its weight for every hidden unit, then for every output. */
  readonly weights: Float32Array;
  readonly hiddenBiases: Float64Array;
  /** For each output, one after the other: the weight of every hidden unit. */
  readonly hiddenWeights: Float64Array;
  readonly biases: Float64Array;
}

export interface NetworkOptions {
  readonly hidden: number;
  /** How often each example is learned from. */
  readonly rounds: number;
  /** Step size at the beginning; it falls to nothing in a straight line. */
  readonly rate: number;
  /** Shares of features and of hidden units that an example does without. */
  readonly featureDropout: number;
  readonly hiddenDropout: number;
  /** Where chance begins, a whole number from 1 to 2^31 - 1: another network of the same make for each. */
  readonly seed: number;
}

/**
 * Output 0 says whether it is one of the classes at all, by logistic loss; output `n` that it is class `n`, by
 * cross entropy, where it is one.
 */
export type ClassOf = (row: number) => number;

const batchRows = 32;
/** Adam's decay of the mean and of the square of gradients, and what keeps it from dividing by nothing. */
const meanDecay = 0.9;
const squareDecay = 0.999;
const leastRoot = 1e-8;
/** Half the width of the weights of features at the beginning. */
const firstWeights = 0.08;

/** Marsaglia's xorshift, 32 bits: the same numbers each time. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** e to the power of `x`, which Math.exp may round differently elsewhere: (e^(x/1024))^1024. */
function exponential(x: number): number {
  const part = Math.max(-40, Math.min(40, x)) / 1024;
  let power = 1 + part * (1 + (part / 2) * (1 + (part / 3) * (1 + part / 4)));
  for (let square = 0; square < 10; square += 1) power *= power;
  return power;
}

/** Steps of Adam for weights that lie in one array, of which any part may take one. */
class Steps {
  readonly #weights: Float32Array | Float64Array;
  readonly #means: Float32Array;
  readonly #squares: Float32Array;

  constructor(weights: Float32Array | Float64Array) {
    this.#weights = weights;
    this.#means = new Float32Array(weights.length);
    this.#squares = new Float32Array(weights.length);
  }

  /** `size`: the step size with Adam's correction for its beginnings. Gradients are forgotten. */
  take(at: number, gradients: Float64Array, from: number, count: number, size: number): void {
    const [weights, means, squares] = [this.#weights, this.#means, this.#squares];
    for (let index = 0; index < count; index += 1) {
      const place = at + index;
      const gradient = gradients[from + index] ?? 0;
      gradients[from + index] = 0;
      const mean = (means[place] ?? 0) * meanDecay + (1 - meanDecay) * gradient;
      const square = (squares[place] ?? 0) * squareDecay + (1 - squareDecay) * gradient * gradient;
      means[place] = mean;
      squares[place] = square;
      weights[place] = (weights[place] ?? 0) - (size * mean) / (Math.sqrt(square) + leastRoot);
    }
  }
}

/** The columns of one batch and what each is to change by. */
class BatchGradients {
  readonly columns: number[] = [];
  #values: Float64Array;
  readonly #width: number;
  /** Place of each column in the batch plus one; 0: it is not in there. */
  readonly #places: Uint32Array;

  constructor(columnCount: number, width: number) {
    this.#width = width;
    this.#places = new Uint32Array(columnCount);
    this.#values = new Float64Array(1024 * width);
  }

  get values(): Float64Array {
    return this.#values;
  }

  add(column: number, value: number, deltas: Float64Array): void {
    let place = this.#places[column] ?? 0;
    if (place === 0) {
      place = this.columns.push(column);
      this.#places[column] = place;
      if (place * this.#width > this.#values.length) {
        const larger = new Float64Array(this.#values.length * 2);
        larger.set(this.#values);
        this.#values = larger;
      }
    }
    const [values, width] = [this.#values, this.#width];
    const at = (place - 1) * width;
    for (let index = 0; index < width; index += 1) {
      values[at + index] = (values[at + index] ?? 0) + value * (deltas[index] ?? 0);
    }
  }

  clear(): void {
    for (const column of this.columns) this.#places[column] = 0;
    this.columns.length = 0;
  }
}

/** Learns `outputs` outputs from `rows`. */
export function trainNetwork(
  examples: Examples,
  rows: readonly number[],
  classOf: ClassOf,
  outputs: number,
  options: NetworkOptions,
): Network {
  const { hidden, rounds, rate } = options;
  const width = hidden + outputs;
  const chance = createChance(options.seed);
  const around = (half: number): number => (2 * chance() - 1) * half;
  const network: Network = {
    hidden,
    weights: new Float32Array(examples.columnCount * width),
    hiddenBiases: new Float64Array(hidden),
    hiddenWeights: Float64Array.from({ length: outputs * hidden }, () => around(1 / Math.sqrt(hidden))),
    biases: new Float64Array(outputs),
  };
  for (let column = 0; column < examples.columnCount; column += 1) {
    for (let unit = 0; unit < hidden; unit += 1)
      network.weights[column * width + unit] = around(firstWeights);
  }
  const learner = new Learner(examples, network, outputs, options, chance);
  const order = [...rows];
  const steps = Math.ceil(order.length / batchRows) * rounds;
  let step = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (let index = order.length - 1; index > 0; index -= 1) {
      const other = Math.floor(chance() * (index + 1));
      [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
    }
    for (let start = 0; start < order.length; start += batchRows) {
      learner.learn(order.slice(start, start + batchRows), classOf, rate * (1 - step / steps));
      step += 1;
    }
  }
  return network;
}

class Learner {
  readonly #examples: Examples;
  readonly #network: Network;
  readonly #outputs: number;
  readonly #options: NetworkOptions;
  readonly #chance: () => number;
  readonly #weightSteps: Steps;
  readonly #columnGradients: BatchGradients;
  /** Of hidden biases, hidden weights and biases. */
  readonly #gradients: readonly [Float64Array, Float64Array, Float64Array];
  readonly #steps: readonly [Steps, Steps, Steps];
  /** The features of one example that are not left out. */
  readonly #columns: number[] = [];
  readonly #values: number[] = [];
  /** What leads to hidden units and outputs, and what each of them is to change by. */
  readonly #sums: Float64Array;
  readonly #deltas: Float64Array;
  readonly #active: Float64Array;
  #meanPower = 1;
  #squarePower = 1;

  constructor(
    examples: Examples,
    network: Network,
    outputs: number,
    options: NetworkOptions,
    chance: () => number,
  ) {
    const { hidden, hiddenBiases, hiddenWeights, biases, weights } = network;
    this.#examples = examples;
    this.#network = network;
    this.#outputs = outputs;
    this.#options = options;
    this.#chance = chance;
    this.#weightSteps = new Steps(weights);
    this.#columnGradients = new BatchGradients(examples.columnCount, hidden + outputs);
    this.#gradients = [
      new Float64Array(hidden),
      new Float64Array(hiddenWeights.length),
      new Float64Array(outputs),
    ];
    this.#steps = [new Steps(hiddenBiases), new Steps(hiddenWeights), new Steps(biases)];
    this.#sums = new Float64Array(hidden + outputs);
    this.#deltas = new Float64Array(hidden + outputs);
    this.#active = new Float64Array(hidden);
  }

  learn(batch: readonly number[], classOf: ClassOf, rate: number): void {
    for (const row of batch) this.#learnRow(row, classOf(row), 1 / batch.length);
    this.#meanPower *= meanDecay;
    this.#squarePower *= squareDecay;
    const size = (rate * Math.sqrt(1 - this.#squarePower)) / (1 - this.#meanPower);
    const width = this.#network.hidden + this.#outputs;
    const { columns, values } = this.#columnGradients;
    for (const [place, column] of columns.entries()) {
      this.#weightSteps.take(column * width, values, place * width, width, size);
    }
    this.#columnGradients.clear();
    for (const [index, gradients] of this.#gradients.entries()) {
      this.#steps[index]?.take(0, gradients, 0, gradients.length, size);
    }
  }

  #learnRow(row: number, target: number, share: number): void {
    this.#chooseFeatures(row);
    this.#forward();
    this.#backward(target, share);
    const [columns, values] = [this.#columns, this.#values];
    for (let index = 0; index < columns.length; index += 1) {
      this.#columnGradients.add(columns[index] ?? 0, values[index] ?? 0, this.#deltas);
    }
  }

  #chooseFeatures(row: number): void {
    const { starts, columns, values } = this.#examples;
    const kept = 1 - this.#options.featureDropout;
    const [keptColumns, keptValues, chance] = [this.#columns, this.#values, this.#chance];
    keptColumns.length = 0;
    keptValues.length = 0;
    const end = starts[row + 1] ?? 0;
    for (let at = starts[row] ?? 0; at < end; at += 1) {
      if (chance() >= kept) continue;
      keptColumns.push(columns[at] ?? 0);
      keptValues.push((values[at] ?? 0) / kept);
    }
  }

  #forward(): void {
    const { hidden, weights, hiddenBiases, hiddenWeights, biases } = this.#network;
    const sums = this.#sums;
    const width = hidden + this.#outputs;
    sums.set(hiddenBiases);
    sums.set(biases, hidden);
    const [columns, values] = [this.#columns, this.#values];
    for (let index = 0; index < columns.length; index += 1) {
      const value = values[index] ?? 0;
      const at = (columns[index] ?? 0) * width;
      for (let unit = 0; unit < width; unit += 1)
        sums[unit] = (sums[unit] ?? 0) + value * (weights[at + unit] ?? 0);
    }
    const kept = 1 - this.#options.hiddenDropout;
    for (let unit = 0; unit < hidden; unit += 1) {
      const isOut = this.#chance() >= kept;
      this.#active[unit] = isOut ? 0 : Math.max(0, sums[unit] ?? 0) / kept;
    }
    for (let output = 0; output < this.#outputs; output += 1) {
      let sum = sums[hidden + output] ?? 0;
      for (let unit = 0; unit < hidden; unit += 1) {
        sum += (hiddenWeights[output * hidden + unit] ?? 0) * (this.#active[unit] ?? 0);
      }
      sums[hidden + output] = sum;
    }
  }

  /** What outputs and hidden units are to change by, from the loss of one example. */
  #backward(target: number, share: number): void {
    const { hidden, hiddenWeights } = this.#network;
    const [hiddenBiases, hiddenGradients, biases] = this.#gradients;
    const deltas = this.#deltas;
    this.#outputDeltas(target, share);
    deltas.fill(0, 0, hidden);
    const kept = 1 - this.#options.hiddenDropout;
    for (let output = 0; output < this.#outputs; output += 1) {
      const delta = deltas[hidden + output] ?? 0;
      biases[output] = (biases[output] ?? 0) + delta;
      for (let unit = 0; unit < hidden; unit += 1) {
        const active = this.#active[unit] ?? 0;
        if (active === 0) continue;
        const at = output * hidden + unit;
        hiddenGradients[at] = (hiddenGradients[at] ?? 0) + delta * active;
        deltas[unit] = (deltas[unit] ?? 0) + (delta * (hiddenWeights[at] ?? 0)) / kept;
      }
    }
    for (let unit = 0; unit < hidden; unit += 1) {
      hiddenBiases[unit] = (hiddenBiases[unit] ?? 0) + (deltas[unit] ?? 0);
    }
  }

  #outputDeltas(target: number, share: number): void {
    const { hidden } = this.#network;
    const deltas = this.#deltas;
    const score = (output: number): number => this.#sums[hidden + output] ?? 0;
    deltas[hidden] = share * (1 / (1 + exponential(-score(0))) - (target > 0 ? 1 : 0));
    deltas.fill(0, hidden + 1);
    if (target === 0) return;
    let largest = -Infinity;
    for (let output = 1; output < this.#outputs; output += 1) largest = Math.max(largest, score(output));
    let total = 0;
    for (let output = 1; output < this.#outputs; output += 1) {
      const power = exponential(score(output) - largest);
      deltas[hidden + output] = power;
      total += power;
    }
    for (let output = 1; output < this.#outputs; output += 1) {
      const probability = (deltas[hidden + output] ?? 0) / total;
      deltas[hidden + output] = share * (probability - (output === target ? 1 : 0));
    }
  }
}

/** The first output: whether it is one of the classes. */
export function scoreRow(
  { starts, columns, values }: Examples,
  row: number,
  { hidden, weights, hiddenBiases, hiddenWeights, biases }: Network,
): number {
  const width = hidden + biases.length;
  const sums = Float64Array.from(hiddenBiases);
  let score = biases[0] ?? 0;
  for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at += 1) {
    const value = values[at] ?? 0;
    const from = (columns[at] ?? 0) * width;
    for (let unit = 0; unit < hidden; unit += 1)
      sums[unit] = (sums[unit] ?? 0) + value * (weights[from + unit] ?? 0);
    score += value * (weights[from + hidden] ?? 0);
  }
  for (let unit = 0; unit < hidden; unit += 1) {
    score += (hiddenWeights[unit] ?? 0) * Math.max(0, sums[unit] ?? 0);
  }
  return score;
}
