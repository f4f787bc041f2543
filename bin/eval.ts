import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { acceptQuality } from "../eval/accepted-quality.ts";
import { evaluateHeard } from "../eval/heard.ts";
import { evaluateObjections, learningCurve } from "../eval/objections.ts";
import { evaluateRedaction } from "../eval/redaction.ts";
import { renderDocument, renderHeard, renderObjections, renderRedaction } from "../eval/report.ts";
import { evaluateSignals, renderSignals } from "../eval/signals.ts";
import { loadModels } from "../lib/objections/load-models.ts";
import { evaluateTranscription, renderTranscription } from "../eval/transcription.ts";

const usage = `usage: npm run eval [-- [--json] [--accept]]

--accept  writes what was measured of objections to eval/accepted.json, from which a test allows one point less,
          and the report to docs/evaluation.md
`;

function wishesOf(args: readonly string[]): { json: boolean; accept: boolean } | null {
  try {
    const options = { json: { type: "boolean" }, accept: { type: "boolean" } } as const;
    const { json = false, accept = false } = parseArgs({ args: [...args], options }).values;
    return { json, accept };
  } catch {
    return null;
  }
}

const wishes = wishesOf(process.argv.slice(2));
if (wishes === null) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const folder = fileURLToPath(new URL("../data/objections/model", import.meta.url));
  const models = await loadModels(folder);
  const objections = evaluateObjections(models);
  const heard = evaluateHeard(models);
  const curve = learningCurve();
  const redaction = evaluateRedaction();
  const signals = evaluateSignals();
  const told = `${renderObjections(objections, curve)}\n${renderHeard(heard)}`;
  if (!wishes.json) {
    process.stdout.write(`${told}\n${renderRedaction(redaction)}\n${renderSignals(signals)}\n`);
  }
  const transcription = await evaluateTranscription();
  if (wishes.accept) {
    acceptQuality(objections, heard);
    const report = `${told}\n${renderTranscription(transcription)}`;
    writeFileSync(new URL("../docs/evaluation.md", import.meta.url), renderDocument(report));
  }
  process.stdout.write(
    wishes.json
      ? `${JSON.stringify({ objections, heard, curve, redaction, signals, transcription }, null, 2)}\n`
      : renderTranscription(transcription),
  );
}
