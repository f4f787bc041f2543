import { createHash } from "node:crypto";
import type { FeatureGroups } from "../../lib/objections/features.ts";
import { featureVersion } from "../../lib/objections/features.ts";
import { probabilityOf, modelOutputs, type ModelHeader } from "../../lib/objections/model.ts";
import type { ReadUtterance } from "../../lib/objections/utterance.ts";
import type { EvalLanguage, Labelled } from "../labelled.ts";
import { calibrate, scoreForPrecision, type ScoredSentence } from "./calibration.ts";
import { examplesOf, vocabularyOf } from "./examples.ts";
import { scoreRow, trainNetwork, type Examples, type Network, type NetworkOptions } from "./network.ts";

const options: NetworkOptions = {
  hidden: 32,
  rounds: 7,
  rate: 0.003,
  featureDropout: 0.5,
  hiddenDropout: 0.3,
};
const folds = 5;
/** Below this a second opinion finds too little for what it costs. */
const doubtFrom = 0.35;
/**
 * What has to be right of what is said of finals and of interims, on writers that were held out. They are scored by weights
 * that had four fifths of the sentences, and a quarter of these are contrasts made to mislead: on ordinary ones it is about
 * nine in ten.
 */
const finalPrecision = 0.88;
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
function learn(examples: Examples, rows: readonly number[], labelled: readonly Labelled[]): Network {
  const classOf = (row: number): number => {
    const label = labelled[row]?.label ?? null;
    return label === null ? 0 : modelOutputs.indexOf(label);
  };
  return trainNetwork(examples, rows, classOf, modelOutputs.length, options);
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

/** Scores of `tested` by a network that learned whether it is an objection from `known`. */
export function scoreObjecting(
  known: readonly Labelled[],
  tested: readonly Labelled[],
  read: ReadUtterance,
): readonly ScoredSentence[] {
  const all = [...known, ...tested];
  const sentences = all.map(({ text, context = [] }) => read(text, context).features);
  const rows = known.map((_one, row) => row);
  const examples = examplesOf(sentences, vocabularyOf(sentences, rows));
  const network = learn(examples, rows, all);
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

/** The file that `readModel` reads: weights as signed bytes, features whose weights are all nothing left out. */
function pack(
  header: Omit<ModelHeader, keyof NetworkHeader>,
  { hashes, rarities }: ReturnType<typeof vocabularyOf>,
  { hidden, weights, hiddenBiases, hiddenWeights, biases }: Network,
): Pick<Training, "file" | "header"> {
  const width = hidden + biases.length;
  const weightOf = (place: number, unit: number): number =>
    (weights[place * width + unit] ?? 0) * (rarities[place] ?? 0);
  const scales = Array.from({ length: width }, (_none, unit) => {
    let largest = 0;
    for (const place of hashes.keys()) largest = Math.max(largest, Math.abs(weightOf(place, unit)));
    return Number((largest / 127).toPrecision(6));
  });
  const kept: { readonly hash: number; readonly bytes: Int8Array }[] = [];
  for (const [place, hash] of hashes.entries()) {
    const bytes = Int8Array.from(scales, (scale, unit) => Math.round(weightOf(place, unit) / scale));
    if (bytes.some((byte) => byte !== 0)) kept.push({ hash, bytes });
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
  const file = new Uint8Array(4 + text.length + kept.length * (4 + width));
  const view = new DataView(file.buffer);
  view.setUint32(0, text.length, true);
  file.set(text, 4);
  let at = 4 + text.length;
  for (const { hash } of kept) {
    view.setUint32(at, hash, true);
    at += 4;
  }
  for (const { bytes } of kept) {
    file.set(new Uint8Array(bytes.buffer), at);
    at += bytes.length;
  }
  return { file, header: whole };
}
