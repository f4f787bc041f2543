import { z } from "zod";
import { objectionTypeSchema } from "./vocabulary.ts";

/** Names that a reply may hold in braces; a reply whose value is not known is not offered. */
export const replyVariables = ["customer", "company", "product", "competitor"] as const;
export type ReplyVariable = (typeof replyVariables)[number];

/** How far a call has come, as far as its words tell. */
export const callStages = ["opening", "discovery", "proposal", "closing"] as const;
export const callStageSchema = z.enum(callStages);
export type CallStage = z.infer<typeof callStageSchema>;

export const variablePattern = /\{([^{}]*)\}/gu;

/** `params.code` of the faults that are ours: their message is for programs and logs, pages have words of their own. */
export const playbookFaultCodes = [
  "unknown_variable",
  "lone_brace",
  "used_twice",
  "unknown_industry",
  "said_twice",
] as const;
type PlaybookFaultCode = (typeof playbookFaultCodes)[number];

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
          params: { code: "unknown_variable" satisfies PlaybookFaultCode, value: written },
          message: `unknown variable ${written}, known are ${replyVariables.map((known) => `{${known}}`).join(", ")}`,
        });
      }
    }
    if (/[{}]/u.test(reply.replaceAll(variablePattern, ""))) {
      context.addIssue({
        code: "custom",
        params: { code: "lone_brace" satisfies PlaybookFaultCode },
        message: "a brace without its partner",
      });
    }
  });

/** Names that may be part of an address; anything else is unknown before it gets to the database. */
export const playbookNamePattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/u;
const nameSchema = z
  .string()
  .regex(playbookNamePattern, "letters, digits, dot, underscore and hyphen, 64 at most");

const termSchema = z.string().trim().min(1).max(80);

export const playbookEntrySchema = z.strictObject({
  id: nameSchema,
  language: z.enum(["es", "en"]),
  type: objectionTypeSchema,
  /** Words of the prospect that make this entry fit better; `{competitor}`: any competitor named. */
  when: z.array(termSchema).max(60).optional(),
  /** Names of `industries` of the playbook: the entry is for prospects of these alone. */
  industries: z.array(nameSchema).max(20).optional(),
  /** The entry is for these stages of a call alone. */
  stages: z.array(callStageSchema).max(callStages.length).optional(),
  replies: z.array(replySchema).min(1).max(40),
});

/** A line of business, and the words by which it is recognised in what is said and in the company's name. */
const industrySchema = z.strictObject({
  name: nameSchema,
  terms: z.strictObject({ es: z.array(termSchema).max(60), en: z.array(termSchema).max(60) }),
});

/** How often cards and hints come; what is left out is as the product has it. */
const coachingSchema = z.strictObject({
  /** Seconds of the call between two cards for the same type of objection. */
  cooldown_sec: z.int().min(0).max(3600).optional(),
  /** Cards in any 60 seconds of the call. */
  max_cards_per_minute: z.int().min(1).max(60).optional(),
  /** False: nothing is raised before the words are final. */
  provisional: z.boolean().optional(),
  /** False: no hints on how the call goes. */
  nudges: z.boolean().optional(),
});

export const playbookSchema = z
  .strictObject({
    name: nameSchema,
    title: z.string().trim().min(1).max(120),
    /** What is sold, for `{product}`; empty: replies with it are not offered. */
    product: z.string().trim().max(80),
    /** For `{competitor}`: the one the prospect names. Told to the engine as key terms. */
    competitors: z.array(termSchema).max(100),
    keyterms: z.strictObject({ es: z.array(termSchema).max(100), en: z.array(termSchema).max(100) }),
    industries: z.array(industrySchema).max(60).optional(),
    coaching: coachingSchema.optional(),
    entries: z.array(playbookEntrySchema).min(1).max(1000),
  })
  .superRefine(({ entries, industries = [] }, context) => {
    const fault = (
      path: readonly (string | number)[],
      code: PlaybookFaultCode,
      message: string,
      value = "",
    ): void => {
      context.addIssue({ code: "custom", path: [...path], params: { code, value }, message });
    };
    const known = new Set<string>();
    for (const [index, { name }] of industries.entries()) {
      if (known.has(name)) fault(["industries", index, "name"], "used_twice", `used twice: ${name}`, name);
      known.add(name);
    }
    const ids = new Set<string>();
    for (const [index, entry] of entries.entries()) {
      if (ids.has(entry.id))
        fault(["entries", index, "id"], "used_twice", `used twice: ${entry.id}`, entry.id);
      ids.add(entry.id);
      for (const [at, name] of (entry.industries ?? []).entries()) {
        if (!known.has(name))
          fault(
            ["entries", index, "industries", at],
            "unknown_industry",
            `no industry is named ${name}`,
            name,
          );
      }
      for (const [at, reply] of entry.replies.entries()) {
        if (entry.replies.indexOf(reply) < at)
          fault(["entries", index, "replies", at], "said_twice", "said twice in this entry");
      }
    }
  });

export type Playbook = z.infer<typeof playbookSchema>;
export type PlaybookEntry = z.infer<typeof playbookEntrySchema>;
