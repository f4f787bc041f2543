/**
 * A linear support vector machine with squared hinge loss, by dual coordinate descent: Hsieh, Chang, Lin,
 * Keerthi and Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear SVM" (ICML 2008), algorithm 1,
 * without shrinking. Only additions, multiplications and divisions in a fixed order, so that the same examples give the
 * same weights, to the bit, on any machine.
 */

/** Examples as rows of a sparse matrix: row `i` is at [starts[i], starts[i + 1]) of `columns` and `values`. */
export interface Examples {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
  readonly columnCount: number;
}

export interface LinearMachine {
  readonly weights: Float64Array;
  readonly bias: number;
}

export interface MachineOptions {
  /** How much an error costs beside large weights. */
  readonly cost: number;
  readonly rounds: number;
}

/** Numerical Recipes' linear congruential generator: the order of examples is the same each time. */
function createOrder(): (below: number) => number {
  let state = 20_240_229;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

/** `rows`: which examples to learn from; `isPositive` is asked of each. */
export function trainMachine(
  { starts, columns, values, columnCount }: Examples,
  rows: readonly number[],
  isPositive: (row: number) => boolean,
  { cost, rounds }: MachineOptions,
): LinearMachine {
  const weights = new Float64Array(columnCount);
  let bias = 0;
  const diagonal = 0.5 / cost;
  const signs = rows.map((row) => (isPositive(row) ? 1 : -1));
  const curvatures = rows.map((row) => {
    let sum = 1 + diagonal;
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at += 1) sum += (values[at] ?? 0) ** 2;
    return sum;
  });
  const duals = new Float64Array(rows.length);
  const order = rows.map((_row, index) => index);
  const pick = createOrder();
  for (let round = 0; round < rounds; round += 1) {
    for (let index = order.length - 1; index > 0; index -= 1) {
      const other = pick(index + 1);
      [order[index], order[other]] = [order[other] ?? 0, order[index] ?? 0];
    }
    for (const index of order) {
      const row = rows[index] ?? 0;
      const sign = signs[index] ?? 1;
      const from = starts[row] ?? 0;
      const to = starts[row + 1] ?? 0;
      let score = bias;
      for (let at = from; at < to; at += 1) score += (weights[columns[at] ?? 0] ?? 0) * (values[at] ?? 0);
      const dual = duals[index] ?? 0;
      const gradient = sign * score - 1 + diagonal * dual;
      if (dual === 0 && gradient >= 0) continue;
      const next = Math.max(0, dual - gradient / (curvatures[index] ?? 1));
      const step = (next - dual) * sign;
      duals[index] = next;
      bias += step;
      for (let at = from; at < to; at += 1) {
        const column = columns[at] ?? 0;
        weights[column] = (weights[column] ?? 0) + step * (values[at] ?? 0);
      }
    }
  }
  return { weights, bias };
}

export function scoreRow({ starts, columns, values }: Examples, row: number, machine: LinearMachine): number {
  let score = machine.bias;
  for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at += 1) {
    score += (machine.weights[columns[at] ?? 0] ?? 0) * (values[at] ?? 0);
  }
  return score;
}
