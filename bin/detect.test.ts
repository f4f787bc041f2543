import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { objectionTypeSchema } from "../lib/contract/vocabulary.ts";

const script = fileURLToPath(new URL("detect.ts", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

const outputSchema = z.strictObject({
  text: z.string(),
  objection: z
    .strictObject({
      type: objectionTypeSchema,
      confidence: z.number().min(0).max(1),
      source: z.enum(["rule", "model", "llm"]),
      evidence: z.array(z.strictObject({ start: z.int(), end: z.int() })).min(1),
    })
    .nullable(),
});

function start(...args: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ["--import", "tsx", script, ...args], { cwd: root });
}

async function run(input: string | Buffer, ...args: string[]) {
  const child = start(...args);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  await once(child, "close");
  const lines = stdout.split("\n").filter((line) => line !== "");
  return {
    code: child.exitCode,
    lines: lines.map((line) => outputSchema.parse(JSON.parse(line))),
    stderr,
    stdout,
  };
}

const timeout = 60_000;

describe("the detect command", () => {
  it(
    "answers every line in order, plain or JSON, and ignores empty ones",
    async () => {
      const { code, lines, stderr } = await run(
        '\u{feff}Es demasiado caro.\r\n\r\n   \r\n{"text":"Es demasiado caro.","speaker":"rep"}\r\n  {"text":"¿Qué precio tiene?"}\nYa trabajamos con otro proveedor',
        "--language",
        "es",
      );
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(lines.map(({ text }) => text)).toEqual([
        "Es demasiado caro.",
        "Es demasiado caro.",
        "¿Qué precio tiene?",
        "Ya trabajamos con otro proveedor",
      ]);
      expect(lines.map(({ objection }) => objection?.type ?? null)).toEqual([
        "price",
        null,
        null,
        "competitor",
      ]);
    },
    timeout,
  );

  it(
    "takes earlier lines of the same call as context, and of no other",
    async () => {
      const input = [
        { text: "Is it the price?", speaker: "rep", call: "a" },
        { text: "Do you like it?", speaker: "rep", call: "b" },
        { text: "Yes, honestly.", call: "b" },
        { text: "Yes, honestly.", call: "a" },
        { text: "Yes, honestly." },
      ];
      const { lines } = await run(input.map((line) => JSON.stringify(line)).join("\n"), "--language=en");
      expect(lines.map(({ objection }) => objection?.type ?? null)).toEqual([
        null,
        null,
        null,
        "price",
        null,
      ]);
    },
    timeout,
  );

  it(
    "writes what came before a bad line, then says which line and why",
    async () => {
      const broken = await run('hola\n\n{"text": "a",\nadiós\n', "--language", "es");
      expect(broken).toMatchObject({ code: 2, lines: [{ text: "hola", objection: null }] });
      expect(broken.stderr).toMatch(/^line 3: not JSON/u);

      const speaker = await run('{"text":"a","speaker":"boss"}\n', "--language", "es");
      expect(speaker).toMatchObject({ code: 2, lines: [] });
      expect(speaker.stderr).toMatch(/^line 1: speaker: /u);

      const noText = await run('{"speaker":"rep"}', "--language", "es");
      expect(noText.stderr).toMatch(/^line 1: text: /u);
    },
    timeout,
  );

  it(
    "answers each line before the next one is written",
    async () => {
      const child = start("--language", "es");
      const replies: string[] = [];
      child.stdout.setEncoding("utf8");
      for (const text of ["Es muy caro.", "Buenos días."]) {
        child.stdin.write(`${text}\n`);
        const [chunk] = z.tuple([z.string()]).parse(await once(child.stdout, "data"));
        replies.push(outputSchema.parse(JSON.parse(chunk)).text);
      }
      child.stdin.end();
      await once(child, "close");
      expect(replies).toEqual(["Es muy caro.", "Buenos días."]);
      expect(child.exitCode).toBe(0);
    },
    timeout,
  );

  it(
    "takes very long lines and characters cut between chunks",
    async () => {
      const long = `${"ñandú 👍 ".repeat(100_000)}es muy caro`;
      const { code, lines } = await run(Buffer.from(`${long}\nes muy caro\n`), "--language", "es");
      expect(code).toBe(0);
      expect(lines[0]?.text).toBe(long);
      expect(lines[1]?.objection?.type).toBe("price");
    },
    timeout,
  );

  it(
    "is not disturbed when its reader has read enough",
    async () => {
      const child = start("--language", "es");
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
      child.stdin.on("error", () => undefined);
      child.stdout.once("data", () => child.stdout.destroy());
      child.stdin.end("Es muy caro.\n".repeat(20_000));
      await once(child, "close");
      expect(stderr).toBe("");
      expect(child.exitCode).toBe(0);
    },
    timeout,
  );

  it(
    "explains itself when the language is missing or not one of two",
    async () => {
      for (const args of [[], ["--language"], ["--language", "fr"], ["--language", "es", "--nonsense"]]) {
        const { code, stdout, stderr } = await run("hola\n", ...args);
        expect(code, args.join(" ")).toBe(2);
        expect(stdout).toBe("");
        expect(stderr).toMatch(/^usage: /u);
      }
    },
    timeout,
  );
});
