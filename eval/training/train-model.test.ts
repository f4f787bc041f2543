import { describe, expect, it } from "vitest";
import { createFeaturesOf, featureVersion } from "../../lib/objections/features.ts";
import { languageKnowledge } from "../../lib/objections/languages.ts";
import { readModel } from "../../lib/objections/model.ts";
import { createReadUtterance } from "../../lib/objections/utterance.ts";
import { readLabelled } from "../labelled.ts";
import { calibrate, scoreForPrecision } from "./calibration.ts";
import { repLines, trainingSentences, trainModel } from "./train-model.ts";

const { rules, concepts } = languageKnowledge.es;
const read = createReadUtterance(rules, concepts);
/** Every sixtieth, so that all writers and types are there. */
const few = trainingSentences(readLabelled("es")).filter((_one, index) => index % 60 === 0);

describe("training", () => {
  it("gives the same bytes for the same sentences, and others for others", () => {
    const { file } = trainModel("es", few, read);
    expect(Buffer.compare(trainModel("es", few, read).file, file)).toBe(0);
    const [first, ...rest] = few;
    if (first === undefined) throw new Error("no sentences");
    const changed = [{ ...first, label: first.label === null ? ("price" as const) : null }, ...rest];
    expect(Buffer.compare(trainModel("es", changed, read).file, file)).not.toBe(0);
  }, 60_000);

  it("makes a file that tells what it was trained on better than chance, and knows when it is cut short", () => {
    const { file, header } = trainModel("es", few, read);
    const model = readModel(file);
    expect(model.header).toEqual(header);
    const right = few.filter(({ text, context = [], label }) => {
      const { view, features } = read(text, context);
      return model.score(features, view.reading.tokens.length).probability > 0.5 === (label !== null);
    });
    expect(right.length / few.length).toBeGreaterThan(0.8);
    expect(() => readModel(file.subarray(0, file.length - 1))).toThrow(/cut short/u);
    expect(() => readModel(new Uint8Array(2))).toThrow(/not a weights file/u);
    expect(() => readModel(new Uint8Array([4, 0, 0, 0, 1, 2, 3, 4]))).toThrow(/not a weights file/u);
  }, 60_000);
});

describe("a weights file", () => {
  const fileOf = (header: unknown): Uint8Array => {
    const json = JSON.stringify(header);
    const text = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 4) * 4));
    const file = new Uint8Array(4 + text.length);
    new DataView(file.buffer).setUint32(0, text.length, true);
    file.set(text, 4);
    return file;
  };
  const outputs = 8;
  const whole = {
    featureVersion,
    features: 0,
    scales: new Array<number>(outputs + 2).fill(1),
    hiddenBiases: [0, 0],
    hiddenWeights: new Array<number>(2 * outputs).fill(1),
    biases: new Array<number>(outputs).fill(0),
    calibration: [{ score: 0, probability: 0.5 }],
  };

  it("is read where all parts of a network are there", () => {
    expect(readModel(fileOf(whole)).header.features).toBe(0);
  });

  it.each([
    ["nothing but a version", { featureVersion }],
    ["no hidden units", { ...whole, hiddenBiases: undefined, hiddenWeights: undefined }],
    ["another number of outputs", { ...whole, biases: [0], scales: [1, 1, 1], hiddenWeights: [1, 1] }],
    [
      "an odd number of hidden units",
      { ...whole, hiddenBiases: [0], scales: whole.scales.slice(1), hiddenWeights: [1, 1, 1, 1, 1, 1, 1, 1] },
    ],
    ["weights that are too few", { ...whole, hiddenWeights: [1] }],
    ["no calibration", { ...whole, calibration: [] }],
  ])("is told to be of another make with %s", (_name, header) => {
    expect(() => readModel(fileOf(header))).toThrow(/another make: train it again/u);
  });

  it("tells the types of the sentences it was made from", () => {
    const { file, heldOut } = trainModel("es", few, read);
    expect(heldOut).toHaveLength(few.length);
    const model = readModel(file);
    const scored = few.map(({ text, context = [] }) => {
      const { view, features } = read(text, context);
      return model.score(features, view.reading.tokens.length);
    });
    const typed = few.flatMap(({ label }, at) => (label === null ? [] : [scored[at]?.type === label]));
    expect(typed.filter(Boolean).length / typed.length).toBeGreaterThan(0.9);
  }, 60_000);
});

describe("lines of reps", () => {
  it("are taken from what was said before, each once, and learned as harmless", () => {
    const before = [
      { role: "rep" as const, text: "Son noventa euros al mes, con el soporte incluido." },
      { role: "prospect" as const, text: "Cuénteme." },
    ];
    const withContext = few.map((one, index) => (index < 40 ? { ...one, context: before } : one));
    expect(repLines(withContext)).toContain(before[0]?.text);
    expect(repLines(withContext)).not.toContain("Cuénteme.");
    expect(new Set(repLines(withContext)).size).toBe(repLines(withContext).length);
    const probability = (labelled: typeof few): number => {
      const { view, features } = read("Son noventa euros al mes, con el soporte incluido.", []);
      const model = readModel(trainModel("es", labelled, read).file);
      return model.score(features, view.reading.tokens.length).probability;
    };
    const asked = few.map((one) => ({ ...one, context: [] }));
    expect(probability(withContext)).toBeLessThan(probability(asked));
  }, 60_000);
});

describe("features", () => {
  it.each([
    ["a turn", "Es caro, es caro, pero caro de verdad, ¿no?"],
    ["a turn of thousands of features", Array.from({ length: 900 }, (_, n) => `palabra${n}`).join(" ")],
  ])("hold each hash once in its group, within the words: %s", (_name, text) => {
    const { view, features } = read(text, [{ role: "rep", text: "¿Lo ve caro?" }]);
    const { ends, from, hashes, to } = features;
    expect(ends.at(-1)).toBe(hashes.length);
    let start = 0;
    for (const end of ends) {
      expect(new Set(hashes.subarray(start, end)).size).toBe(end - start);
      start = end;
    }
    for (const index of hashes.keys()) {
      expect(to[index]).toBeGreaterThanOrEqual(from[index] ?? 0);
      expect(to[index]).toBeLessThanOrEqual(view.reading.tokens.length);
    }
  });

  it("do not depend on what was read before", () => {
    const alone = read("No me convence", []).features;
    read(Array.from({ length: 900 }, (_, n) => `otra${n}`).join(" "), []);
    expect(read("No me convence", []).features).toEqual(alone);
  });

  it("are none of words where there are no words", () => {
    const featuresOf = createFeaturesOf(() => []);
    const { view } = read("", []);
    const nothing = { rules: [], guards: [], verdict: null, before: null, answer: null, probes: [] };
    const evidence = { reading: view.reading, ...nothing };
    expect(featuresOf(evidence).hashes.length).toBeLessThan(10);
  });
});

describe("calibration", () => {
  const scored = Array.from({ length: 400 }, (_none, index) => ({
    score: index / 100 - 2,
    isObjection: (index * 7919) % 400 < index,
  }));

  it("grows with the score and stays between nothing and certainty", () => {
    const points = calibrate(scored);
    expect(points.length).toBeGreaterThan(2);
    for (const [index, { score, probability }] of points.entries()) {
      expect(probability).toBeGreaterThan(points[index - 1]?.probability ?? 0);
      expect(score).toBeGreaterThan(points[index - 1]?.score ?? -Infinity);
      expect(probability).toBeLessThan(1);
    }
  });

  it("finds the lowest score that keeps the precision, and none where there is none", () => {
    const lowest = scoreForPrecision(scored, 0.75);
    const above = scored.filter(({ score }) => score >= lowest);
    expect(above.filter(({ isObjection }) => isObjection).length / above.length).toBeGreaterThanOrEqual(0.75);
    const never = scored.map(({ score }) => ({ score, isObjection: false }));
    expect(scoreForPrecision(never, 0.75)).toBe(Infinity);
  });
});
