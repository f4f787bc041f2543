import { describe, expect, it } from "vitest";
import { scoreRow, trainNetwork, type Examples, type Network, type NetworkOptions } from "./network.ts";
import { sideBySide } from "./side-by-side.ts";

const options: NetworkOptions = {
  hidden: 8,
  rounds: 40,
  rate: 0.02,
  featureDropout: 0,
  hiddenDropout: 0,
  seed: 1,
};

/** Each row has the features that are listed, each of value 1. */
function examplesOf(features: readonly (readonly number[])[], columnCount: number): Examples {
  const starts = [0];
  for (const own of features) starts.push((starts.at(-1) ?? 0) + own.length);
  return {
    starts: Uint32Array.from(starts),
    columns: Uint32Array.from(features.flat()),
    values: Float64Array.from(features.flat(), () => 1),
    columnCount,
  };
}

/** Of feature 0 and feature 1 just one: no sum of weights can tell. Feature 2 is always there. */
const either = Array.from({ length: 200 }, (_none, row) => [
  ...(row % 2 === 0 ? [0] : []),
  ...(row % 4 < 2 ? [1] : []),
  2,
]);
const isEither = (row: number): boolean => (row % 2 === 0) !== row % 4 < 2;
const rows = either.map((_one, row) => row);

describe("the network", () => {
  it("learns what no single feature says", () => {
    const examples = examplesOf(either, 3);
    const network = trainNetwork(examples, rows, (row) => (isEither(row) ? 1 : 0), 2, options);
    for (const row of rows.slice(0, 4)) {
      expect(scoreRow(examples, row, network) > 0, `row ${row}`).toBe(isEither(row));
    }
  });

  it("learns from the rows it is given and from no others", () => {
    const examples = examplesOf(
      rows.map((row) => [row % 2]),
      2,
    );
    const isTrue = (row: number): boolean => row % 2 === 0;
    // What the second half says is the contrary.
    const classOf = (row: number): number => (isTrue(row) === row < 100 ? 1 : 0);
    const network = trainNetwork(examples, rows.slice(0, 100), classOf, 2, options);
    expect(scoreRow(examples, 100, network)).toBeGreaterThan(0);
    expect(scoreRow(examples, 101, network)).toBeLessThan(0);
  });

  it("gives the same weights for the same examples, with dropout too", () => {
    const learn = () =>
      trainNetwork(examplesOf(either, 3), rows, (row) => (isEither(row) ? 1 : 0), 2, {
        ...options,
        featureDropout: 0.5,
        hiddenDropout: 0.3,
      });
    expect(learn()).toEqual(learn());
  });

  it("takes each step down its loss, as differences show it", () => {
    const examples = examplesOf(
      rows.slice(0, 24).map((row) => [row % 5, 5 + (row % 3), 8 + (row % 2)]),
      10,
    );
    const few = rows.slice(0, 24);
    const classOf = (row: number): number => (row % 5) % 3;
    const learn = (rounds: number) =>
      trainNetwork(examples, few, classOf, 3, { ...options, hidden: 4, rounds, rate: 1e-4 });
    const [before, after] = [learn(0), learn(1)];
    let compared = 0;
    for (const part of ["weights", "hiddenBiases", "hiddenWeights", "biases"] as const) {
      for (const at of before[part].keys()) {
        const lossAt = (change: number): number => {
          const values = before[part].slice();
          values[at] = (values[at] ?? 0) + change;
          return lossOf(examples, few, classOf, { ...before, [part]: values });
        };
        const slope = (lossAt(1e-3) - lossAt(-1e-3)) / 2e-3;
        if (Math.abs(slope) < 1e-4) continue;
        // The first step of Adam is of one size for all, whatever the slope.
        const step = (after[part][at] ?? 0) - (before[part][at] ?? 0);
        expect(step / 1e-4, `${part} ${at}`).toBeCloseTo(-Math.sign(slope), 2);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(60);
  });

  it("is what several are side by side: the mean of their scores", () => {
    const examples = examplesOf(either, 3);
    const networks = [1, 2, 3].map((seed) =>
      trainNetwork(examples, rows, (row) => (isEither(row) ? 1 : 0), 2, { ...options, rounds: 2, seed }),
    );
    const scores = networks.map((network) => scoreRow(examples, 0, network));
    expect(new Set(scores).size).toBe(3);
    const mean = scores.reduce((sum, score) => sum + score, 0) / 3;
    expect(scoreRow(examples, 0, sideBySide(networks))).toBeCloseTo(mean, 5);
  });
});

/** Mean over rows: logistic loss of output 0, and cross entropy of the others where it is one of the classes. */
function lossOf(
  { columns, starts, values }: Examples,
  rowsOf: readonly number[],
  classOf: (row: number) => number,
  { biases, hidden, hiddenBiases, hiddenWeights, weights }: Network,
): number {
  const width = hidden + biases.length;
  const losses = rowsOf.map((row) => {
    const sums = [...hiddenBiases, ...biases];
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at += 1) {
      for (const unit of sums.keys()) {
        const weight = weights[(columns[at] ?? 0) * width + unit] ?? 0;
        sums[unit] = (sums[unit] ?? 0) + (values[at] ?? 0) * weight;
      }
    }
    const active = sums.slice(0, hidden).map((sum) => Math.max(0, sum));
    const scores = sums.slice(hidden).map((sum, output) => {
      const ways = active.map((value, unit) => value * (hiddenWeights[output * hidden + unit] ?? 0));
      return ways.reduce((total, way) => total + way, sum);
    });
    const [objects = 0, ...classes] = scores;
    const target = classOf(row);
    if (target === 0) return Math.log(1 + Math.exp(objects));
    const total = classes.reduce((sum, score) => sum + Math.exp(score), 0);
    return Math.log(1 + Math.exp(-objects)) + Math.log(total) - (classes[target - 1] ?? 0);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
