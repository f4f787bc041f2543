import { CallError } from "../call/errors.ts";
import type {
  PlaybookListRow,
  PlaybookSave,
  PlaybookStore,
  PlaybookVersionHead,
  ReplyOutcomes,
  StoredPlaybook,
} from "../call/playbook-ports.ts";
import type { Playbook } from "../contract/playbook.ts";
import type { PlaybookOrigin } from "../contract/playbook-rest.ts";
import type { Database } from "./database.ts";

export type PlaybookReader = Omit<PlaybookStore, "savePlaybook">;

interface VersionRow {
  readonly version: number;
  readonly title: string;
  readonly origin: string;
  readonly restoredFrom: number | null;
  readonly savedAtMs: bigint;
  readonly savedBy: string;
}

/** As SQL gives it: whole numbers of either kind. */
interface ListRow extends Omit<VersionRow, "version" | "restoredFrom"> {
  readonly name: string;
  readonly version: number | bigint;
  readonly restoredFrom: number | bigint | null;
  readonly entries: number | bigint;
}

// The rows were written by this product from checked values; they are trusted when they come back.

function headOf(row: VersionRow): PlaybookVersionHead {
  return {
    version: row.version,
    title: row.title,
    origin: row.origin as PlaybookOrigin,
    restoredFrom: row.restoredFrom,
    savedAtMs: Number(row.savedAtMs),
    savedBy: row.savedBy,
  };
}

/** Callers hold a transaction. */
export async function savePlaybook(database: Database, save: PlaybookSave): Promise<number> {
  const { basedOn, playbook } = save;
  const { name } = playbook;
  const stored = await database.playbook.findUnique({ where: { name } });
  if (basedOn === null && stored !== null) {
    throw new CallError("playbook_exists", `There is a playbook named "${name}" already.`);
  }
  if (basedOn !== null && stored === null) throw playbookNotFound();
  if (stored !== null && stored.currentVersion !== basedOn) {
    throw new CallError(
      "version_conflict",
      `The current version is ${String(stored.currentVersion)}, not ${String(basedOn)}: somebody else has saved meanwhile.`,
    );
  }
  const version = (stored?.currentVersion ?? 0) + 1;
  const { id } =
    stored ??
    (await database.playbook.create({ data: { name, currentVersion: version }, select: { id: true } }));
  await database.$executeRawUnsafe(
    `INSERT INTO playbook_versions
       (playbook_id, version, title, origin, restored_from, saved_at_ms, saved_by, body_json)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    version,
    playbook.title,
    save.origin,
    save.restoredFrom,
    BigInt(Math.floor(save.savedAtMs)),
    save.savedBy,
    JSON.stringify(playbook),
  );
  await database.$executeRawUnsafe("UPDATE playbooks SET current_version = ? WHERE id = ?", version, id);
  return version;
}

function playbookNotFound(): CallError {
  return new CallError("playbook_not_found", "There is no such playbook.");
}

export async function listPlaybooks(database: Database): Promise<readonly PlaybookListRow[]> {
  const rows = await database.$queryRawUnsafe<ListRow[]>(
    `SELECT p.name, v.version, v.title, v.origin, v.restored_from AS restoredFrom, v.saved_at_ms AS savedAtMs,
            v.saved_by AS savedBy, json_array_length(v.body_json, '$.entries') AS entries
     FROM playbooks p JOIN playbook_versions v ON v.playbook_id = p.id AND v.version = p.current_version
     ORDER BY p.id`,
  );
  return rows.map(({ name, entries, version, restoredFrom, ...row }) => ({
    ...headOf({
      ...row,
      version: Number(version),
      restoredFrom: restoredFrom === null ? null : Number(restoredFrom),
    }),
    name,
    entries: Number(entries),
  }));
}

export async function readPlaybook(
  database: Database,
  name: string,
  version: number | null,
): Promise<StoredPlaybook | null> {
  const stored = await database.playbook.findUnique({ where: { name } });
  if (stored === null) return null;
  const { currentVersion } = stored;
  const key = { playbookId: stored.id, version: version ?? currentVersion };
  const row = await database.playbookVersion.findUnique({ where: { playbookId_version: key } });
  if (row === null) return null;
  return { ...headOf(row), name, currentVersion, playbook: JSON.parse(row.bodyJson) as Playbook };
}

export async function playbookVersions(
  database: Database,
  name: string,
): Promise<readonly PlaybookVersionHead[] | null> {
  const stored = await database.playbook.findUnique({ where: { name } });
  if (stored === null) return null;
  const rows = await database.playbookVersion.findMany({
    where: { playbookId: stored.id },
    omit: { bodyJson: true },
    orderBy: { version: "desc" },
  });
  return rows.map(headOf);
}

interface OutcomeRow {
  readonly reply: string;
  readonly shown: number | bigint;
  readonly used: number | bigint;
  readonly said: number | bigint;
  readonly dismissed: number | bigint;
  readonly wrong: number | bigint;
}

/** A withdrawn card was taken from the rep before it could be judged. */
export async function replyOutcomes(
  database: Database,
  name: string,
  sinceMs: number,
): Promise<ReplyOutcomes> {
  const rows = await database.$queryRawUnsafe<OutcomeRow[]>(
    `SELECT s.playbook_entry AS reply, count(*) AS shown,
            sum(coalesce(s.feedback = 'used', s.said_segment IS NOT NULL)) AS used,
            sum(s.said_segment IS NOT NULL) AS said,
            sum(s.feedback IS 'dismissed') AS dismissed, sum(s.feedback IS 'wrong') AS wrong
     FROM calls c JOIN suggestions s ON s.call_id = c.call_id
     WHERE c.playbook = ? AND c.started_at_ms >= ? AND c.search_state <> 'deleting'
       AND s.source = 'playbook' AND s.playbook_entry IS NOT NULL AND s.status = 'final'
     GROUP BY s.playbook_entry`,
    name,
    BigInt(Math.floor(sinceMs)),
  );
  return Object.fromEntries(
    rows.map(({ reply, shown, used, said, dismissed, wrong }) => [
      reply,
      {
        shown: Number(shown),
        used: Number(used),
        said: Number(said),
        dismissed: Number(dismissed),
        wrong: Number(wrong),
      },
    ]),
  );
}
