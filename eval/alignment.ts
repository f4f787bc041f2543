import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { objectionTypeSchema } from "../lib/contract/vocabulary.ts";

const lineSchema = z.object({
  speaker: z.enum(["rep", "prospect"]),
  text: z.string(),
  start_ms: z.number(),
  end_ms: z.number(),
  objection: objectionTypeSchema.nullish(),
  words: z.array(z.object({ text: z.string(), start_ms: z.number(), end_ms: z.number() })),
});
const alignmentSchema = z.object({ lines: z.array(lineSchema) });

/** One line of a recorded call, with the true times of its words in milliseconds. */
export type AlignedLine = z.infer<typeof lineSchema>;

export async function readAlignment(folder: string): Promise<AlignedLine[]> {
  return alignmentSchema.parse(JSON.parse(await readFile(join(folder, "alignment.json"), "utf8"))).lines;
}

/** A word as it is compared: letters and digits, without case and accents. */
export function plainWord(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
}

export function plainWords(text: string): string[] {
  return text
    .split(/\s+/u)
    .map(plainWord)
    .filter((word) => word !== "");
}

/** Edit distance of words over the number of reference words. */
export function wordErrors(reference: readonly string[], heard: readonly string[]): number {
  let row = heard.map((_, i) => i + 1);
  row.unshift(0);
  reference.forEach((word, i) => {
    const next = [i + 1];
    heard.forEach((other, j) => {
      const substitute = (row[j] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(substitute, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    });
    row = next;
  });
  return row.at(-1) ?? 0;
}
