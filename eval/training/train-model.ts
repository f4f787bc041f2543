import { createHash } from "node:crypto";
import type { FeatureGroups } from "../../lib/objections/feature-writer.ts";
import { featureVersion } from "../../lib/objections/features.ts";
import {
  modelOutputs,
  packSteps,
  probabilityOf,
  recordBytes,
  type ModelHeader,
} from "../../lib/objections/model.ts";
import type { ReadUtterance } from "../../lib/objections/utterance.ts";
import type { EvalLanguage, Labelled } from "../labelled.ts";
import { calibrate, scoreForPrecision, type ScoredSentence } from "./calibration.ts";
import { examplesOf, vocabularyOf } from "./examples.ts";
import { scoreRow, trainNetwork, type Examples, type Network, type NetworkOptions } from "./network.ts";
import { sideBySide } from "./side-by-side.ts";

const options: Omit<NetworkOptions, "seed"> = {
  hidden: 32,
  rounds: 7,
  rate: 0.003,
  featureDropout: 0.5,
  hiddenDropout: 0.3,
};
/** Networks that differ by chance alone, side by side: together they find two more of a hundred than one of them. */
const seeds = [1, 2, 3];
const folds = 5;
/** Below this a second opinion finds too little for what it costs. */
const doubtFrom = 0.35;
/**
 * What has to be right of what is said of finals and of interims, on writers that were held out. They are scored by weights
 * that had four fifths of the sentences, and most of these were made to mislead: of ordinary ones 97 of 100 are right then.
 */
const finalPrecision = 0.89;
const interimPrecision = 0.95;

export interface Training {
  readonly file: Uint8Array;
  readonly header: ModelHeader;
  /** Scores of training sentences by networks that had not met their writers. */
  readonly heldOut: readonly (ScoredSentence & { readonly row: number })[];
}

/** Writers are dealt to folds by the order of their files. */
function foldsOf(labelled: readonly Labelled[]): Map<string, number> {
  const sources = [...new Set(labelled.map(({ source }) => source))].sort();
  return new Map(sources.map((source, index) => [source, index % folds]));
}

/** A network with the model's outputs, learned from `rows`; what has no label is harmless. */
function learn(
  examples: Examples,
  rows: readonly number[],
  labelled: readonly Labelled[],
  chosen: readonly number[] = seeds,
): Network {
  const classOf = (row: number): number => {
    const label = labelled[row]?.label ?? null;
    return label === null ? 0 : modelOutputs.indexOf(label);
  };
  return sideBySide(
    chosen.map((seed) => trainNetwork(examples, rows, classOf, modelOutputs.length, { ...options, seed })),
  );
}

/** Whether rows are objections, by a network for each fold that learned from the others. */
function scoreHeldOut(
  labelled: readonly Labelled[],
  sentences: readonly FeatureGroups[],
): readonly (ScoredSentence & { readonly row: number })[] {
  const rows = sentences.map((_one, row) => row);
  const foldOf = foldsOf(labelled);
  return Array.from({ length: folds }, (_none, fold) => {
    const isIn = (row: number): boolean => foldOf.get(labelled[row]?.source ?? "") === fold;
    const known = rows.filter((row) => !isIn(row));
    const vocabulary = vocabularyOf(sentences, known);
    const examples = examplesOf(sentences, vocabulary);
    const network = learn(examples, known, labelled);
    return rows.filter(isIn).map((row) => ({
      row,
      score: scoreRow(examples, row, network),
      isObjection: labelled[row]?.label !== null,
    }));
  }).flat();
}

/** Scores of `tested` by one network of the model's make that learned from `known`. */
export function scoreObjecting(
  known: readonly Labelled[],
  tested: readonly Labelled[],
  read: ReadUtterance,
): readonly ScoredSentence[] {
  const all = [...known, ...tested];
  const sentences = all.map(({ text, context = [] }) => read(text, context).features);
  const rows = known.map((_one, row) => row);
  const examples = examplesOf(sentences, vocabularyOf(sentences, rows));
  const network = learn(examples, rows, all, seeds.slice(0, 1));
  return tested.map(({ label }, index) => ({
    score: scoreRow(examples, known.length + index, network),
    isObjection: label !== null,
  }));
}

/** Of what a model learns from: texts, contexts and labels. */
export function digestOf(labelled: readonly Labelled[]): string {
  const learned = labelled.map(({ text, context = [], label }) => [text, context, label]);
  return createHash("sha256").update(JSON.stringify(learned)).digest("hex").slice(0, 32);
}

/** What may be learned from: the training split, without what a rep says. */
export function trainingSentences(labelled: readonly Labelled[]): readonly Labelled[] {
  return labelled.filter(({ split, speaker }) => split === "train" && speaker !== "rep");
}

/**
 * What reps say before the sentences of `labelled`, each once. Where nobody knows who speaks it is judged like all
 * else, and nothing of it is an objection.
 */
export function repLines(labelled: readonly Labelled[]): readonly string[] {
  const turns = labelled.flatMap(({ context = [] }) => context);
  return [...new Set(turns.filter(({ role }) => role === "rep").map(({ text }) => text))];
}

/** Weights of one language from its training sentences, the same to the bit each time. */
export function trainModel(
  language: EvalLanguage,
  labelled: readonly Labelled[],
  read: ReadUtterance,
): Training {
  // Behind the sentences that have a label, and in no fold: they are learned from, nothing is measured on them.
  const sentences = [
    ...labelled.map(({ text, context = [] }) => read(text, context).features),
    ...repLines(labelled).map((line) => read(line, []).features),
  ];
  const rows = sentences.map((_one, row) => row);
  const heldOut = scoreHeldOut(labelled, sentences);
  const vocabulary = vocabularyOf(sentences, rows);
  const examples = examplesOf(sentences, vocabulary);
  const objections = labelled.filter(({ label }) => label !== null);
  const network = learn(examples, rows, labelled);
  const calibration = calibrate(heldOut);
  const threshold = (precision: number): number =>
    Number(probabilityOf(calibration, scoreForPrecision(heldOut, precision)).toFixed(3));
  const finalThreshold = threshold(finalPrecision);
  const found = heldOut.filter(({ score }) => probabilityOf(calibration, score) >= finalThreshold);
  const hits = found.filter(({ isObjection }) => isObjection).length;
  const header: Omit<ModelHeader, keyof NetworkHeader> = {
    featureVersion,
    language,
    calibration,
    finalThreshold,
    interimThreshold: Math.max(finalThreshold, threshold(interimPrecision)),
    doubtFrom,
    sentencesDigest: digestOf(labelled),
    unmetWriters: {
      sentences: heldOut.length,
      precision: Number((hits / Math.max(1, found.length)).toFixed(4)),
      recall: Number((hits / Math.max(1, objections.length)).toFixed(4)),
    },
  };
  return { ...pack(header, vocabulary, network), heldOut };
}

/** What the header says of the network itself. */
type NetworkHeader = Pick<ModelHeader, "features" | "scales" | "hiddenBiases" | "hiddenWeights" | "biases">;

/**
 * Steps on either side of nothing that a weight of a hidden unit is written in, and where these end: at this many times the
 * root of the mean square of the unit's weights. A byte for each weight finds a tenth of a point more.
 */
const hiddenSteps = 7;
const hiddenReach = 4;
/** The same for weights of outputs, up to the largest. */
const outputSteps = 127;

/** The file that `readModel` reads; features whose weights are all nothing are left out. */
function pack(
  header: Omit<ModelHeader, keyof NetworkHeader>,
  { hashes, rarities }: ReturnType<typeof vocabularyOf>,
  { hidden, weights, hiddenBiases, hiddenWeights, biases }: Network,
): Pick<Training, "file" | "header"> {
  const width = hidden + biases.length;
  const weightOf = (place: number, unit: number): number =>
    (weights[place * width + unit] ?? 0) * (rarities[place] ?? 0);
  const scaleOf = (unit: number): number => {
    let largest = 0;
    let squares = 0;
    for (const place of hashes.keys()) {
      const weight = weightOf(place, unit);
      largest = Math.max(largest, Math.abs(weight));
      squares += weight * weight;
    }
    const reach = hiddenReach * Math.sqrt(squares / hashes.length);
    return unit < hidden ? Math.min(largest, reach) / hiddenSteps : largest / outputSteps;
  };
  const scales = Array.from({ length: width }, (_none, unit) => Number(scaleOf(unit).toPrecision(6)));
  const stepOf = (place: number, unit: number): number => {
    const most = unit < hidden ? hiddenSteps : outputSteps;
    return Math.max(-most, Math.min(most, Math.round(weightOf(place, unit) / (scales[unit] ?? 1))));
  };
  const kept: { readonly hash: number; readonly record: Int8Array }[] = [];
  for (const [place, hash] of hashes.entries()) {
    const steps = scales.map((_scale, unit) => stepOf(place, unit));
    if (steps.some((step) => step !== 0)) kept.push({ hash, record: packSteps(steps, hidden) });
  }
  const rounded = (values: Float64Array): number[] => Array.from(values, (value) => Number(value.toFixed(6)));
  const whole: ModelHeader = {
    ...header,
    features: kept.length,
    scales,
    hiddenBiases: rounded(hiddenBiases),
    hiddenWeights: rounded(hiddenWeights),
    biases: rounded(biases),
  };
  const json = JSON.stringify(whole);
  const text = new TextEncoder().encode(json.padEnd(Math.ceil(json.length / 4) * 4));
  const file = new Uint8Array(4 + text.length + kept.length * (4 + recordBytes(hidden, biases.length)));
  const view = new DataView(file.buffer);
  view.setUint32(0, text.length, true);
  file.set(text, 4);
  let at = 4 + text.length;
  for (const { hash } of kept) {
    view.setUint32(at, hash, true);
    at += 4;
  }
  for (const { record } of kept) {
    file.set(new Uint8Array(record.buffer), at);
    at += record.length;
  }
  return { file, header: whole };
}
