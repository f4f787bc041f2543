import { parseArgs } from "node:util";
import { evaluateObjections } from "../eval/objections.ts";
import { renderObjections } from "../eval/report.ts";
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
  if (!json) process.stdout.write(`${renderObjections(objections)}\n`);
  const transcription = await evaluateTranscription();
  process.stdout.write(
    json ? `${JSON.stringify({ objections, transcription }, null, 2)}\n` : renderTranscription(transcription),
  );
}
