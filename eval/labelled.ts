import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { objectionTypeSchema, speakerRoleSchema } from "../lib/contract/vocabulary.ts";

/** `apart`: ordinary talk by hands that saw neither the other sentences nor the detector; nothing is learned from it. */
type Split = "train" | "test" | "apart";
export const languages = ["es", "en"] as const;
export type EvalLanguage = (typeof languages)[number];

/** One family in ten is never trained on. */
const testShare = 0.1;

const labelledSchema = z.strictObject({
  text: z.string().min(1),
  label: z.union([objectionTypeSchema, z.literal("none")]),
  /** Sentences of one family are alike, so that they stay in one split. */
  family: z.string().min(1),
  region: z.string().optional(),
  trade: z.string().optional(),
  /** How a recogniser would have written it; absent: as a person writes. */
  form: z.enum(["plain", "asr", "misheard"]).optional(),
  context: z.array(z.strictObject({ role: speakerRoleSchema, text: z.string() })).optional(),
  speaker: speakerRoleSchema.optional(),
  note: z.string().optional(),
});

export interface Labelled extends Omit<z.infer<typeof labelledSchema>, "label"> {
  /** Null: harmless. */
  readonly label: z.infer<typeof objectionTypeSchema> | null;
  readonly split: Split;
  /** The file: sentences of one hand and one round. */
  readonly source: string;
}

const folder = fileURLToPath(new URL("../data/objections/", import.meta.url));

function splitOf(family: string): Split {
  const share = createHash("sha256").update(family).digest().readUInt32LE(0) / 0x1_0000_0000;
  return share < testShare ? "test" : "train";
}

function filesIn(path: string): readonly string[] {
  const names = readdirSync(join(folder, path)).filter((name) => name.endsWith(".jsonl"));
  return names.toSorted().map((name) => join(path, name));
}

/** The labelled sentences of one language, in the order of their files. Throws with file and line at a fault. */
export function readLabelled(language: EvalLanguage): readonly Labelled[] {
  const apart = filesIn(join(language, "apart"));
  return [...filesIn(language), ...apart].flatMap((path) =>
    readFileSync(join(folder, path), "utf8")
      .split("\n")
      .flatMap((line, index): Labelled[] => {
        if (line === "") return [];
        const parsed = labelledSchema.safeParse(JSON.parse(line));
        if (!parsed.success) {
          throw new Error(`data/objections/${path}:${String(index + 1)}: ${parsed.error.message}`);
        }
        const { label, ...rest } = parsed.data;
        const split = apart.includes(path) ? "apart" : splitOf(rest.family);
        return [{ ...rest, label: label === "none" ? null : label, split, source: basename(path) }];
      }),
  );
}
