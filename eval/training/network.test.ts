import { describe, expect, it } from "vitest";
import { scoreRow, trainNetwork, type Examples, type NetworkOptions } from "./network.ts";

const options: NetworkOptions = {
  hidden: 8,
  rounds: 40,
  rate: 0.02,
  featureDropout: 0,
  hiddenDropout: 0,
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
});
