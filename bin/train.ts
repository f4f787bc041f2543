import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { languages, readLabelled } from "../eval/labelled.ts";
import { trainingSentences, trainModel } from "../eval/training/train-model.ts";
import { languageKnowledge } from "../lib/objections/languages.ts";
import { createReadUtterance } from "../lib/objections/utterance.ts";

const usage = `usage: npm run train [-- --check]

Makes the weights of the objection detector from the labelled sentences, the same to the bit each time.
--check  writes nothing, and fails where they are not the ones that are there
`;

function wantsCheck(args: readonly string[]): boolean | null {
  try {
    return parseArgs({ args: [...args], options: { check: { type: "boolean" } } }).values.check ?? false;
  } catch {
    return null;
  }
}

const check = wantsCheck(process.argv.slice(2));
if (check === null) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const folder = new URL("../data/objections/model/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const language of languages) {
    const { rules, concepts } = languageKnowledge[language];
    const labelled = trainingSentences(readLabelled(language));
    const { file, header } = trainModel(language, labelled, createReadUtterance(rules, concepts));
    const path = new URL(`${language}.bin`, folder);
    if (!check) writeFileSync(path, file);
    else if (!readFileSync(path).equals(file)) {
      process.stderr.write(`${language}: these are not the weights of these sentences; run npm run train\n`);
      process.exitCode = 1;
    }
    const size = `${String(Math.round(file.byteLength / 1024))} KiB`;
    process.stdout.write(
      `${language}: ${String(labelled.length)} sentences, ${String(header.features)} features, ${size}; ` +
        `said of finals from ${String(header.finalThreshold)}, of interims from ${String(header.interimThreshold)}; ` +
        `writers not met: precision ${String(header.unmetWriters.precision)}, recall ${String(header.unmetWriters.recall)}\n`,
    );
  }
}
