import { z } from "zod";
import { objectionTypeSchema } from "./vocabulary.ts";

export const summarySchema = z.object({
  total_segments: z.int().nonnegative(),
  total_objections: z.int().nonnegative(),
  objection_types: z.partialRecord(objectionTypeSchema, z.int().positive()),
  /** Milliseconds of speech by role. */
  speakers_time: z.object({
    rep: z.int().nonnegative(),
    prospect: z.int().nonnegative(),
    unknown: z.int().nonnegative(),
  }),
  top_topics: z.array(z.string()),
  next_steps: z.array(z.string()),
  /** Mean confidence of what was found, 0 to 1; null when nothing carries a confidence. */
  confidence_score: z.number().min(0).max(1).nullable(),
  /** The same facts in sentences, where a language model wrote them; comes after the call, not with its end. */
  prose: z.object({ text: z.string(), source: z.literal("llm") }).optional(),
});
export type Summary = z.infer<typeof summarySchema>;
