import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { speakerRoleSchema } from "../lib/contract/vocabulary.ts";
import type { Turn } from "../lib/call/ports.ts";
import { contextTurns } from "../lib/call/spoken-turns.ts";
import { createObjectionDetector } from "../lib/objections/detector.ts";
import { loadModels } from "../lib/objections/load-models.ts";

const usage = `usage: npm run -s detect -- --language es|en < lines

Each line is what a prospect says, or JSON {"text", "speaker"?: "prospect"|"rep"|"unknown", "call"?}.
Lines with the same call are context for one another. One JSON line comes out for each line in.
`;

const lineSchema = z.object({
  text: z.string(),
  speaker: speakerRoleSchema.optional(),
  call: z.union([z.string(), z.number()]).optional(),
});
type Line = z.infer<typeof lineSchema>;

class BadLine extends Error {}

function languageFrom(args: readonly string[]): "es" | "en" | null {
  try {
    const { values } = parseArgs({ args: [...args], options: { language: { type: "string" } } });
    return values.language === "es" || values.language === "en" ? values.language : null;
  } catch {
    return null;
  }
}

function parseLine(line: string): Line {
  if (!line.trimStart().startsWith("{")) return { text: line };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new BadLine(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new BadLine(faults.join("; "));
}

/** Lines as they arrive, without their ends, a byte order mark before the first taken away. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  input.setEncoding("utf8");
  let pieces: string[] = [];
  let first = true;
  const finish = (): string => {
    const line = pieces.join("").replace(/\r$/u, "");
    pieces = [];
    const text = first ? line.replace(/^\u{feff}/u, "") : line;
    first = false;
    return text;
  };
  for await (const chunk of input) {
    const parts = String(chunk).split("\n");
    for (const [index, part] of parts.entries()) {
      pieces.push(part);
      if (index < parts.length - 1) yield finish();
    }
  }
  if (pieces.some((piece) => piece !== "")) yield finish();
}

/** Resolves when the line is handed to the operating system, so that it is never lost at exit. */
function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}

async function main(args: readonly string[]): Promise<number> {
  const language = languageFrom(args);
  if (language === null) {
    await write(process.stderr, usage);
    return 2;
  }
  const folder = fileURLToPath(new URL("../data/objections/model", import.meta.url));
  const detector = createObjectionDetector(await loadModels(folder, [language]));
  const calls = new Map<string | number, readonly Turn[]>();
  let lineNumber = 0;
  for await (const raw of linesOf(process.stdin)) {
    lineNumber += 1;
    if (raw.trim() === "") continue;
    let line: Line;
    try {
      line = parseLine(raw);
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      await write(process.stderr, `line ${String(lineNumber)}: ${error.message}\n`);
      return 2;
    }
    const role = line.speaker ?? "prospect";
    const context = line.call === undefined ? [] : (calls.get(line.call) ?? []);
    const objection = detector.detect({ text: line.text, language, role, isFinal: true, context });
    if (line.call !== undefined) {
      calls.set(line.call, [...context, { role, text: line.text }].slice(-contextTurns));
    }
    await write(process.stdout, `${JSON.stringify({ text: line.text, objection })}\n`);
  }
  return 0;
}

// Who reads us may have read enough (`| head`): that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exit(await main(process.argv.slice(2)));
