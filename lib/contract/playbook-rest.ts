import { z } from "zod";
import { customerSchema } from "./rest.ts";
import { detectionSourceSchema, evidenceSchema } from "./events.ts";
import { callStageSchema, playbookSchema } from "./playbook.ts";
import { languageSchema, objectionTypeSchema, speakerRoleSchema } from "./vocabulary.ts";

/** How a version came to be. `shipped`: loaded at the first start. */
export const playbookOriginSchema = z.enum(["shipped", "created", "edited", "imported", "restored"]);
export type PlaybookOrigin = z.infer<typeof playbookOriginSchema>;

const versionSchema = z.int().positive();

/** What became of a reply in the calls of the last 180 days. */
export const replyOutcomeSchema = z.object({
  shown: z.int().nonnegative(),
  /** The rep said so, or was heard saying it and did not object. */
  used: z.int().nonnegative(),
  /** Heard in one of the next two turns of the rep. */
  said: z.int().nonnegative(),
  dismissed: z.int().nonnegative(),
  wrong: z.int().nonnegative(),
});
export type ReplyOutcome = z.infer<typeof replyOutcomeSchema>;

export const playbookListReplySchema = z.object({
  playbooks: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      version: versionSchema,
      entries: z.int().nonnegative(),
      /** The one for calls that name none. */
      is_default: z.boolean(),
      saved_at: z.iso.datetime(),
      saved_by: z.string(),
    }),
  ),
});
export type PlaybookListReply = z.infer<typeof playbookListReplySchema>;

const versionHead = {
  version: versionSchema,
  title: z.string(),
  origin: playbookOriginSchema,
  restored_from: versionSchema.nullable(),
  saved_at: z.iso.datetime(),
  saved_by: z.string(),
};

/** Newest first. */
export const playbookVersionsReplySchema = z.object({
  name: z.string(),
  versions: z.array(z.object(versionHead)),
});
export type PlaybookVersionsReply = z.infer<typeof playbookVersionsReplySchema>;

export const playbookReplySchema = z.object({
  name: z.string(),
  ...versionHead,
  current_version: versionSchema,
  playbook: playbookSchema,
  /** By reply, as `playbook_entry` of suggestions names it. */
  outcomes: z.record(z.string(), replyOutcomeSchema),
});
export type PlaybookReply = z.infer<typeof playbookReplySchema>;

/** Body of `POST /playbooks`. */
export const playbookCreateRequestSchema = z.strictObject({ playbook: playbookSchema });

/** Body of `POST /playbooks/{name}/versions`. */
export const playbookSaveRequestSchema = z.strictObject({
  /** The version that was changed; when it is no longer the current one, nothing is saved. */
  based_on: versionSchema,
  playbook: playbookSchema,
});

/** Body of `POST /playbooks/{name}/versions/{version}/restore`. */
export const playbookRestoreRequestSchema = z.strictObject({ based_on: versionSchema });

export const playbookImportQuerySchema = z.strictObject({
  /** The version it replaces; without it a playbook of this name must not exist. */
  based_on: z.coerce.number().int().positive().optional(),
});

export const playbookExportQuerySchema = z.strictObject({
  version: z.coerce.number().int().positive().optional(),
});

/** Body of `POST /playbooks/{name}/try`: a sentence, and what is known when it is said. */
export const playbookTrialRequestSchema = z.strictObject({
  text: z.string().trim().min(1).max(2000),
  language: languageSchema,
  role: speakerRoleSchema.optional(),
  /** As if an objection of this type had been found in it. */
  type: objectionTypeSchema.optional(),
  customer: customerSchema.optional(),
  /** What was said before, oldest first. */
  context: z
    .array(z.strictObject({ role: speakerRoleSchema, text: z.string().max(2000) }))
    .max(12)
    .optional(),
  at_ms: z.int().nonnegative().optional(),
  /** Replies that were shown in the call already. */
  shown: z.array(z.string().max(140)).max(200).optional(),
  /** Tried in place of the stored version. */
  playbook: playbookSchema.optional(),
});
export type PlaybookTrialRequest = z.infer<typeof playbookTrialRequestSchema>;

/** Why a reply stands where it does: points of its entry for what was said, and of the reply for its past. */
export const rankReasonSchema = z.object({
  kind: z.enum(["general", "cues", "competitor", "industry", "stage", "outcomes", "shown"]),
  points: z.number(),
  words: z.array(z.string()),
});
export type RankReason = z.infer<typeof rankReasonSchema>;

const rankedReplySchema = z.object({
  /** `playbook_entry` of a suggestion made of it. */
  reply: z.string(),
  entry: z.string(),
  /** With its variables filled in; null: a value is missing, so it is passed over. */
  text: z.string().nullable(),
  missing: z.array(z.string()),
  score: z.number(),
  reasons: z.array(rankReasonSchema),
  outcome: replyOutcomeSchema,
});

export const playbookTrialReplySchema = z.object({
  /** Null: no objection is found in it, so nothing would fire. */
  detection: z
    .object({
      type: objectionTypeSchema,
      confidence: z.number(),
      source: detectionSourceSchema,
      evidence: z.array(evidenceSchema),
    })
    .nullable(),
  stage: callStageSchema,
  industry: z.string().nullable(),
  competitor: z.string().nullable(),
  /** Best first; the first one with a text is what the rep would see. */
  replies: z.array(rankedReplySchema),
});
export type PlaybookTrialReply = z.infer<typeof playbookTrialReplySchema>;
