import type { CallStage, Playbook } from "../contract/playbook.ts";
import type { PlaybookOrigin, RankReason, ReplyOutcome } from "../contract/playbook-rest.ts";
import type { SuggestionInput } from "./ports.ts";

// The ports of stored playbooks and of their ranking; the others are in ports.ts.

export interface PlaybookVersionHead {
  readonly version: number;
  readonly title: string;
  readonly origin: PlaybookOrigin;
  readonly restoredFrom: number | null;
  readonly savedAtMs: number;
  /** A name, empty for the product itself. */
  readonly savedBy: string;
}

export interface PlaybookListRow extends PlaybookVersionHead {
  readonly name: string;
  readonly entries: number;
}

export interface StoredPlaybook extends PlaybookVersionHead {
  readonly name: string;
  readonly currentVersion: number;
  readonly playbook: Playbook;
}

export interface PlaybookSave {
  readonly playbook: Playbook;
  /** The current version that it replaces; null: it is a new playbook. */
  readonly basedOn: number | null;
  readonly origin: PlaybookOrigin;
  readonly restoredFrom: number | null;
  readonly savedAtMs: number;
  readonly savedBy: string;
}

export type ReplyOutcomes = Readonly<Record<string, ReplyOutcome>>;

/** Of a playbook, by name; may be a minute old. Never rejects: without them there are none. */
export type ReadOutcomes = (name: string) => Promise<ReplyOutcomes>;

/** Every method rejects with `CallError("storage_failed")` when the database does. */
export interface PlaybookStore {
  /** Each in its current version, the oldest playbook first: that is the one for calls that name none. */
  listPlaybooks(): Promise<readonly PlaybookListRow[]>;
  /** Version null: the current one. */
  readPlaybook(name: string, version: number | null): Promise<StoredPlaybook | null>;
  /** Newest first; null: there is no such playbook. */
  playbookVersions(name: string): Promise<readonly PlaybookVersionHead[] | null>;
  /**
   * Adds a version and makes it the current one; gives its number. Rejects with `CallError`: `playbook_exists`,
   * `playbook_not_found`, `version_conflict` when the current version is not `basedOn`.
   */
  savePlaybook(save: PlaybookSave): Promise<number>;
  /** What became of the replies shown in calls that began since then, by `playbook_entry`. */
  replyOutcomes(name: string, sinceMs: number): Promise<ReplyOutcomes>;
}

export interface RankedReply {
  /** As `playbook_entry` of a suggestion names it. */
  readonly reply: string;
  readonly entry: string;
  /** Null: the value of a variable is missing. */
  readonly text: string | null;
  readonly missing: readonly string[];
  readonly score: number;
  readonly reasons: readonly RankReason[];
  readonly outcome: ReplyOutcome;
  readonly wasShown: boolean;
}

export interface ReplyRanking {
  readonly stage: CallStage;
  readonly industry: string | null;
  readonly competitor: string | null;
  /** Best first, those without a text last. */
  readonly replies: readonly RankedReply[];
}

/** Pure. */
export type RankReplies = (
  playbook: Playbook,
  outcomes: ReplyOutcomes,
  input: SuggestionInput,
) => ReplyRanking;
