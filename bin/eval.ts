import { parseArgs } from "node:util";
import { evaluateObjections } from "../eval/objections.ts";
import { evaluateRedaction } from "../eval/redaction.ts";
import { renderObjections, renderRedaction } from "../eval/report.ts";
import { evaluateSignals, renderSignals } from "../eval/signals.ts";
import { evaluateTranscription, renderTranscription } from "../eval/transcription.ts";

const usage = "usage: npm run eval [-- --json]\n";

function wantsJson(args: readonly string[]): boolean | null {
  try {
    return parseArgs({ args: [...args], options: { json: { type: "boolean" } } }).values.json ?? false;
  } catch {
    return null;
  }
}

const json = wantsJson(process.argv.slice(2));
if (json === null) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const objections = evaluateObjections();
  const redaction = evaluateRedaction();
  const signals = evaluateSignals();
  if (!json) {
    process.stdout.write(
      `${renderObjections(objections)}\n${renderRedaction(redaction)}\n${renderSignals(signals)}\n`,
    );
  }
  const transcription = await evaluateTranscription();
  process.stdout.write(
    json
      ? `${JSON.stringify({ objections, redaction, signals, transcription }, null, 2)}\n`
      : renderTranscription(transcription),
  );
}
