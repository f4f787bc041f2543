import { CallError } from "../errors.ts";
import type {
  PlaybookListRow,
  PlaybookSave,
  PlaybookStore,
  PlaybookVersionHead,
  ReplyOutcomes,
  StoredPlaybook,
} from "../playbook-ports.ts";

/** Playbooks in memory, with outcomes that a test sets. */
export class MemoryPlaybooks implements PlaybookStore {
  readonly #playbooks = new Map<string, StoredPlaybook[]>();
  outcomes: ReplyOutcomes = {};
  /** Outcomes cannot be read. */
  failing = false;

  listPlaybooks(): Promise<readonly PlaybookListRow[]> {
    const rows = [...this.#playbooks.values()].flatMap((versions) => versions.at(-1) ?? []);
    return Promise.resolve(rows.map((row) => ({ ...row, entries: row.playbook.entries.length })));
  }

  readPlaybook(name: string, version: number | null): Promise<StoredPlaybook | null> {
    const versions = this.#playbooks.get(name) ?? [];
    const found = versions.at(version === null ? -1 : version - 1) ?? null;
    return Promise.resolve(found === null ? null : { ...found, currentVersion: versions.length });
  }

  playbookVersions(name: string): Promise<readonly PlaybookVersionHead[] | null> {
    return Promise.resolve(this.#playbooks.get(name)?.toReversed() ?? null);
  }

  savePlaybook({ basedOn, playbook, ...rest }: PlaybookSave): Promise<number> {
    const versions = this.#playbooks.get(playbook.name) ?? [];
    if (basedOn === null && versions.length > 0) return refused("playbook_exists");
    if (basedOn !== null && versions.length === 0) return refused("playbook_not_found");
    if (versions.length !== (basedOn ?? 0)) return refused("version_conflict");
    const version = versions.length + 1;
    const { name, title } = playbook;
    versions.push({ ...rest, name, title, version, currentVersion: version, playbook });
    this.#playbooks.set(name, versions);
    return Promise.resolve(version);
  }

  replyOutcomes(): Promise<ReplyOutcomes> {
    if (this.failing) return Promise.reject(new CallError("storage_failed", "The database is away."));
    return Promise.resolve(this.outcomes);
  }
}

function refused(code: "playbook_exists" | "playbook_not_found" | "version_conflict"): Promise<never> {
  return Promise.reject(new CallError(code, code));
}
