import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createPlaybookAccess,
  type PlaybookAccessFor,
  type PlaybookAccessParts,
} from "./call/playbook-access.ts";
import type { PlaybookStore, ReadOutcomes } from "./call/playbook-ports.ts";
import type { Clock, Playbooks } from "./call/ports.ts";
import { parsePlaybook } from "./suggestions/parse-playbook.ts";
import { PlaybookShelf } from "./suggestions/playbook-shelf.ts";
import { rankingOf } from "./suggestions/rank-replies.ts";

/**
 * The stored playbooks; the first start stores one. Rejects then with `CallError("invalid")` naming every fault when
 * the file is none.
 */
export async function composePlaybooks(
  parts: {
    readonly appRoot: string;
    readonly config: { readonly playbookPath: string | null };
    readonly clock: Clock;
  },
  store: PlaybookStore,
  outcomesOf: ReadOutcomes,
): Promise<Playbooks> {
  const { appRoot, clock, config } = parts;
  const shelf = new PlaybookShelf({ store, clock, outcomesOf });
  const path = config.playbookPath ?? join(appRoot, "data", "playbooks", "default.json");
  await shelf.stockWith(async () => parsePlaybook(await readFile(path, "utf8")));
  return shelf;
}

export function composePlaybookAccess(parts: Omit<PlaybookAccessParts, "rank">): PlaybookAccessFor {
  return createPlaybookAccess({
    ...parts,
    rank: (playbook, outcomes, input) => rankingOf(playbook)(outcomes, input),
  });
}
