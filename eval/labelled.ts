import { readFileSync } from "node:fs";
import { z } from "zod";
import { objectionTypeSchema, speakerRoleSchema } from "../lib/contract/vocabulary.ts";

export const splits = ["dev", "test"] as const;
export type Split = (typeof splits)[number];
export const languages = ["es", "en"] as const;
export type EvalLanguage = (typeof languages)[number];

const labelledSchema = z.strictObject({
  text: z.string().min(1),
  /** Null: harmless. */
  label: objectionTypeSchema.nullable(),
  split: z.enum(splits),
  /** Sentences of one family are alike, so that they stay in one split. */
  family: z.string().min(1),
  context: z.array(z.strictObject({ role: speakerRoleSchema, text: z.string() })).optional(),
  note: z.string().optional(),
});
export type Labelled = z.infer<typeof labelledSchema>;

/** The labelled sentences of one language. Throws with file and line at the first fault. */
export function readLabelled(language: EvalLanguage): readonly Labelled[] {
  const file = new URL(`../data/objections/${language}.jsonl`, import.meta.url);
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line === "") return [];
    const parsed = labelledSchema.safeParse(JSON.parse(line));
    if (!parsed.success) {
      throw new Error(`data/objections/${language}.jsonl:${String(index + 1)}: ${parsed.error.message}`);
    }
    return [parsed.data];
  });
}
