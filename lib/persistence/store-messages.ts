import type { CallRepository, TranscriptLibrary } from "../call/ports.ts";
import type { AuditStore, RetentionStore } from "../call/privacy-ports.ts";
import type { PlaybookStore } from "../call/playbook-ports.ts";
import type { AccountRecords } from "../call/accounts.ts";
import type { CallErrorDetails } from "../call/errors.ts";
import type { ErrorCode } from "../contract/error-codes.ts";

/** What the two workers are asked for, by the one that answers. */
export const writerMethods = [
  "create",
  "write",
  "setFeedback",
  "delete",
  "saveClockSeen",
  "appendAudit",
  "trimAudit",
  "createRecord",
  "updateRecords",
  "removeRecords",
  "savePlaybook",
] as const;
export const readerMethods = [
  "get",
  "load",
  "eventsAfter",
  "search",
  "unfinished",
  "document",
  "render",
  "expired",
  "countExpired",
  "clockSeen",
  "auditEntries",
  "findRecords",
  "keyHolder",
  "principalById",
  "listPlaybooks",
  "readPlaybook",
  "playbookVersions",
  "replyOutcomes",
] as const;

type Stored = CallRepository & RetentionStore & AuditStore & AccountRecords & PlaybookStore;
export type WriterApi = Pick<Stored, (typeof writerMethods)[number]>;
export type ReaderApi = Pick<Stored & TranscriptLibrary, (typeof readerMethods)[number]>;
export type StoreMethod = (typeof writerMethods)[number] | (typeof readerMethods)[number];

export interface StoreWorkerSettings {
  readonly role: "writer" | "reader";
  readonly databasePath: string;
}

export type StoreRequest =
  | { readonly id: number; readonly method: StoreMethod; readonly args: readonly unknown[] }
  /** Tidying goes on for so long at most; what is left is the next start's. Null: to its end. */
  | { readonly method: "close"; readonly tidyForMs: number | null };

export type StoreReply =
  | { readonly kind: "ready" }
  | { readonly kind: "warning"; readonly message: string }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | {
      readonly kind: "error";
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly cause: string | null;
      readonly issues: CallErrorDetails["issues"];
      readonly refused: boolean;
    };
