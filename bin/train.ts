import { mkdirSync, writeFileSync } from "node:fs";
import { languages, readLabelled } from "../eval/labelled.ts";
import { trainingSentences, trainModel } from "../eval/training/train-model.ts";
import { createReadUtterance } from "../lib/objections/utterance.ts";
import { languageKnowledge } from "../lib/objections/languages.ts";

// npm run train: the weights of the objection detector from the labelled sentences, the same to the bit each time.
const folder = new URL("../data/objections/model/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const language of languages) {
  const { rules, concepts } = languageKnowledge[language];
  const labelled = trainingSentences(readLabelled(language));
  const { file, header } = trainModel(language, labelled, createReadUtterance(rules, concepts));
  writeFileSync(new URL(`${language}.bin`, folder), file);
  const size = `${String(Math.round(file.byteLength / 1024))} KiB`;
  process.stdout.write(
    `${language}: ${String(labelled.length)} sentences, ${String(header.features)} features, ${size}; ` +
      `said of finals from ${String(header.finalThreshold)}, of interims from ${String(header.interimThreshold)}; ` +
      `writers not met: precision ${String(header.unmetWriters.precision)}, recall ${String(header.unmetWriters.recall)}\n`,
  );
}
