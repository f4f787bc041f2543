import type { z } from "zod";
import type { ErrorCode } from "../contract/error-codes.ts";
import { playbookSchema } from "../contract/playbook.ts";
import {
  playbookCreateRequestSchema,
  playbookListReplySchema,
  playbookReplySchema,
  playbookRestoreRequestSchema,
  playbookSaveRequestSchema,
  playbookTrialReplySchema,
  playbookTrialRequestSchema,
  playbookVersionsReplySchema,
} from "../contract/playbook-rest.ts";
import {
  auditListReplySchema,
  callListReplySchema,
  callPatchSchema,
  callReplySchema,
  coachToggleReplySchema,
  healthReplySchema,
  problemSchema,
  readinessReplySchema,
  sessionStartReplySchema,
  sessionStartRequestSchema,
  signInReplySchema,
  signInRequestSchema,
  tokenReplySchema,
  tokenRequestSchema,
  transcriptDocumentSchema,
} from "../contract/rest.ts";
import type { ApiPath, RouteMethod } from "./routes.ts";

/** Schemas that get a name of their own in the document, as requests and as replies. */
export const requestSchemas = {
  SessionStartRequest: sessionStartRequestSchema,
  TokenRequest: tokenRequestSchema,
  CallPatch: callPatchSchema,
  SignInRequest: signInRequestSchema,
  PlaybookCreate: playbookCreateRequestSchema,
  PlaybookSave: playbookSaveRequestSchema,
  PlaybookRestore: playbookRestoreRequestSchema,
  PlaybookFile: playbookSchema,
  PlaybookTrial: playbookTrialRequestSchema,
} as const;

export const replySchemas = {
  SessionStarted: sessionStartReplySchema,
  CallToken: tokenReplySchema,
  CallList: callListReplySchema,
  Call: callReplySchema,
  TranscriptDocument: transcriptDocumentSchema,
  SignedIn: signInReplySchema,
  AuditLog: auditListReplySchema,
  PlaybookList: playbookListReplySchema,
  PlaybookVersion: playbookReplySchema,
  PlaybookVersions: playbookVersionsReplySchema,
  PlaybookTried: playbookTrialReplySchema,
  CoachState: coachToggleReplySchema,
  Health: healthReplySchema,
  Readiness: readinessReplySchema,
  Problem: problemSchema,
} as const;

export type Content =
  { readonly schema: keyof typeof replySchemas } | { readonly type: string; readonly binary?: boolean };

export interface Operation {
  readonly method: RouteMethod;
  readonly path: ApiPath;
  readonly id: string;
  readonly tag: "Calls" | "Documents" | "Playbooks" | "Recorded calls" | "Server";
  readonly summary: string;
  readonly detail?: string;
  readonly query?: z.ZodObject;
  readonly pathSchemas?: Readonly<Record<string, z.ZodType>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly schema: keyof typeof requestSchemas; readonly required: boolean };
  /** Statuses that are no problem, each with what it says and carries. */
  readonly replies: Readonly<Record<number, { readonly says: string; readonly content?: Content }>>;
  /** What can go wrong beyond what every route shares. */
  readonly problems: readonly ErrorCode[];
}
