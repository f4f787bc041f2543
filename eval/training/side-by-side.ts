import type { Network } from "./network.ts";

/** Networks of the same examples as one, with the hidden units of all, whose outputs are the means of theirs. */
export function sideBySide(networks: readonly Network[]): Network {
  const count = networks.length;
  const outputs = networks[0]?.biases.length ?? 0;
  const hidden = networks.reduce((sum, network) => sum + network.hidden, 0);
  const width = hidden + outputs;
  const columns = (networks[0]?.weights.length ?? 0) / ((networks[0]?.hidden ?? 0) + outputs);
  const whole: Network = {
    hidden,
    weights: new Float32Array(columns * width),
    hiddenBiases: new Float64Array(hidden),
    hiddenWeights: new Float64Array(hidden * outputs),
    biases: new Float64Array(outputs),
  };
  let first = 0;
  for (const own of networks) {
    const ownWidth = own.hidden + outputs;
    for (let column = 0; column < columns; column += 1) {
      const at = column * width;
      const ownAt = column * ownWidth;
      whole.weights.set(own.weights.subarray(ownAt, ownAt + own.hidden), at + first);
      for (let output = 0; output < outputs; output += 1) {
        const share = (own.weights[ownAt + own.hidden + output] ?? 0) / count;
        whole.weights[at + hidden + output] = (whole.weights[at + hidden + output] ?? 0) + share;
      }
    }
    whole.hiddenBiases.set(own.hiddenBiases, first);
    for (let output = 0; output < outputs; output += 1) {
      for (let unit = 0; unit < own.hidden; unit += 1) {
        const weight = own.hiddenWeights[output * own.hidden + unit] ?? 0;
        whole.hiddenWeights[output * hidden + first + unit] = weight / count;
      }
      whole.biases[output] = (whole.biases[output] ?? 0) + (own.biases[output] ?? 0) / count;
    }
    first += own.hidden;
  }
  return whole;
}
