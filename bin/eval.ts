import { parseArgs } from "node:util";
import { evaluateObjections } from "../eval/objections.ts";
import { renderObjections } from "../eval/report.ts";

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
  process.stdout.write(json ? `${JSON.stringify({ objections }, null, 2)}\n` : renderObjections(objections));
}
