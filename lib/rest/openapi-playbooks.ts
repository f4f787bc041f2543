import { z } from "zod";
import { playbookNamePattern } from "../contract/playbook.ts";
import { playbookExportQuerySchema, playbookImportQuerySchema } from "../contract/playbook-rest.ts";
import type { Operation } from "./openapi-schemas.ts";

const name = { name: z.string().regex(playbookNamePattern) } as const;
const version = { ...name, version: z.int().positive() } as const;
const tag = "Playbooks";
const bodyProblems = ["malformed", "unsupported_type", "too_large", "invalid"] as const;
const saved = { 201: { says: "Saved, as it is now", content: { schema: "PlaybookVersion" } } } as const;
const savingProblems = [
  ...bodyProblems,
  "not_allowed",
  "playbook_not_found",
  "version_conflict",
  "rate_limited",
  "storage_failed",
] as const;

export const playbookOperations: readonly Operation[] = [
  {
    method: "GET",
    path: "/playbooks",
    id: "list_playbooks",
    tag,
    summary: "The playbooks that calls can be started with",
    replies: { 200: { says: "All of them, the default one first", content: { schema: "PlaybookList" } } },
    problems: ["malformed", "rate_limited", "storage_failed"],
  },
  {
    method: "POST",
    path: "/playbooks",
    id: "create_playbook",
    tag,
    summary: "Create a playbook; for managers",
    body: { schema: "PlaybookCreate", required: true },
    replies: saved,
    problems: [...bodyProblems, "not_allowed", "playbook_exists", "rate_limited", "storage_failed"],
  },
  {
    method: "GET",
    path: "/playbooks/{name}",
    id: "read_playbook",
    tag,
    summary: "The current version, and what became of each reply in the calls of the last 180 days",
    pathSchemas: name,
    replies: { 200: { says: "The playbook", content: { schema: "PlaybookVersion" } } },
    problems: ["malformed", "playbook_not_found", "rate_limited", "storage_failed"],
  },
  {
    method: "GET",
    path: "/playbooks/{name}/versions",
    id: "list_playbook_versions",
    tag,
    summary: "Every version, newest first: when, by whom, how it came to be",
    pathSchemas: name,
    replies: { 200: { says: "The versions", content: { schema: "PlaybookVersions" } } },
    problems: ["malformed", "playbook_not_found", "rate_limited", "storage_failed"],
  },
  {
    method: "POST",
    path: "/playbooks/{name}/versions",
    id: "save_playbook",
    tag,
    summary: "Save a changed playbook as its next version; for managers",
    detail:
      "based_on is the version that was changed: when another has been saved meanwhile nothing is saved, and the answer is 409 version_conflict. Calls that go on keep the version they began with.",
    pathSchemas: name,
    body: { schema: "PlaybookSave", required: true },
    replies: saved,
    problems: savingProblems,
  },
  {
    method: "GET",
    path: "/playbooks/{name}/versions/{version}",
    id: "read_playbook_version",
    tag,
    summary: "One version as it was saved",
    pathSchemas: version,
    replies: { 200: { says: "The playbook", content: { schema: "PlaybookVersion" } } },
    problems: ["malformed", "playbook_not_found", "rate_limited", "storage_failed"],
  },
  {
    method: "POST",
    path: "/playbooks/{name}/versions/{version}/restore",
    id: "restore_playbook_version",
    tag,
    summary: "Save what an old version holds as the next one; for managers",
    pathSchemas: version,
    body: { schema: "PlaybookRestore", required: true },
    replies: saved,
    problems: savingProblems,
  },
  {
    method: "POST",
    path: "/playbooks/{name}/import",
    id: "import_playbook",
    tag,
    summary: "Store a playbook file under this name; for managers",
    detail:
      "The body is the file. Without based_on it becomes a new playbook; with it, the next version of the one there is. Faults are named by their place, such as entries[3].replies[0].",
    pathSchemas: name,
    query: playbookImportQuerySchema,
    body: { schema: "PlaybookFile", required: true },
    replies: saved,
    problems: [...savingProblems, "playbook_exists"],
  },
  {
    method: "GET",
    path: "/playbooks/{name}/export.json",
    id: "export_playbook",
    tag,
    summary: "The playbook as a file, the current version or the one that is named",
    pathSchemas: name,
    query: playbookExportQuerySchema,
    replies: {
      200: { says: "A download with a safe file name", content: { type: "application/json" } },
    },
    problems: ["malformed", "playbook_not_found", "rate_limited", "storage_failed"],
  },
  {
    method: "POST",
    path: "/playbooks/{name}/try",
    id: "try_playbook",
    tag,
    summary: "What a sentence would bring up, and why",
    detail:
      "Detects as in a call and ranks the replies with the reasons of their rank. type ranks as if an objection of that type had been found; playbook is tried in place of the stored version; nothing is stored.",
    pathSchemas: name,
    body: { schema: "PlaybookTrial", required: true },
    replies: { 200: { says: "The objection and the ranked replies", content: { schema: "PlaybookTried" } } },
    problems: [...bodyProblems, "playbook_not_found", "rate_limited", "storage_failed"],
  },
];
