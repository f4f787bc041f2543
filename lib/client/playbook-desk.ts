import type { Playbook } from "../contract/playbook.ts";
import type { PlaybookReply } from "../contract/playbook-rest.ts";
import { mergePlaybooks, type SingleHead } from "./merge-playbooks.ts";

/** A playbook as it is stored, and what is being made of it. */
export interface PlaybookDesk {
  readonly stored: PlaybookReply;
  readonly draft: Playbook;
  /**
   * Counts how often the draft was replaced by another one, so that fields which hold their own text begin anew. A save
   * is none: what is written goes on.
   */
  readonly round: number;
  /** Of the last merge: what both had changed and is mine. */
  readonly keptMine: readonly SingleHead[];
}

/** Loaded, or thrown away for what is stored. */
export function openedDesk(before: PlaybookDesk | null, stored: PlaybookReply): PlaybookDesk {
  return { stored, draft: stored.playbook, round: (before?.round ?? 0) + 1, keptMine: [] };
}

/** `sent` is stored as `reply`; what was written meanwhile stays, and so does what was opened meanwhile. */
export function savedDesk(now: PlaybookDesk, sent: PlaybookDesk, reply: PlaybookReply): PlaybookDesk {
  if (now.stored !== sent.stored) return now;
  return {
    ...now,
    stored: reply,
    draft: now.draft === sent.draft ? reply.playbook : now.draft,
    keptMine: [],
  };
}

/** Their version becomes the base, with my changes put into it. */
export function mergedDesk(now: PlaybookDesk, theirs: PlaybookReply): PlaybookDesk {
  const { keptMine, playbook } = mergePlaybooks(now.stored.playbook, now.draft, theirs.playbook);
  return { stored: theirs, draft: playbook, round: now.round + 1, keptMine };
}
