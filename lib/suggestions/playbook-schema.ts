import { z } from "zod";
import { objectionTypeSchema } from "../contract/vocabulary.ts";

/** Names that a reply may hold in braces; a reply whose value is not known is not offered. */
export const replyVariables = ["customer", "company", "product", "competitor"] as const;
export type ReplyVariable = (typeof replyVariables)[number];

export const variablePattern = /\{([^{}]*)\}/gu;

const replySchema = z
  .string()
  .trim()
  .min(1)
  .max(240, "longer than anyone reads while talking: 240 characters at most")
  .superRefine((reply, context) => {
    for (const [written, name] of reply.matchAll(variablePattern)) {
      if (!replyVariables.some((variable) => variable === name)) {
        context.addIssue({
          code: "custom",
          message: `unknown variable ${written}, known are ${replyVariables.map((known) => `{${known}}`).join(", ")}`,
        });
      }
    }
    if (/[{}]/u.test(reply.replaceAll(variablePattern, ""))) {
      context.addIssue({ code: "custom", message: "a brace without its partner" });
    }
  });

const termSchema = z.string().trim().min(1).max(80);

export const playbookEntrySchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/u, "letters, digits, dot, underscore and hyphen, 64 at most"),
  language: z.enum(["es", "en"]),
  type: objectionTypeSchema,
  /** Words of the prospect that make this entry fit better; `{competitor}`: any competitor named. */
  when: z.array(termSchema).max(60).optional(),
  replies: z.array(replySchema).min(1).max(40),
});

export const playbookSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/u, "letters, digits, dot, underscore and hyphen, 64 at most"),
    title: z.string().trim().min(1).max(120),
    /** What is sold, for `{product}`; empty: replies with it are not offered. */
    product: z.string().trim().max(80),
    /** For `{competitor}`: the one the prospect names. Told to the engine as key terms. */
    competitors: z.array(termSchema).max(100),
    keyterms: z.strictObject({ es: z.array(termSchema).max(100), en: z.array(termSchema).max(100) }),
    entries: z.array(playbookEntrySchema).min(1).max(1000),
  })
  .superRefine(({ entries }, context) => {
    const seen = new Set<string>();
    for (const [index, { id }] of entries.entries()) {
      if (seen.has(id)) {
        context.addIssue({ code: "custom", path: ["entries", index, "id"], message: `used twice: ${id}` });
      }
      seen.add(id);
    }
  });

export type Playbook = z.infer<typeof playbookSchema>;
export type PlaybookEntry = z.infer<typeof playbookEntrySchema>;
