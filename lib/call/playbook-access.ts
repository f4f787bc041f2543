import type { Playbook } from "../contract/playbook.ts";
import type { PlaybookOrigin, PlaybookTrialRequest } from "../contract/playbook-rest.ts";
import { CallError } from "./errors.ts";
import type {
  PlaybookListRow,
  PlaybookStore,
  PlaybookVersionHead,
  RankReplies,
  ReadOutcomes,
  ReplyOutcomes,
  ReplyRanking,
  StoredPlaybook,
} from "./playbook-ports.ts";
import type { Clock, Detection, ObjectionDetector } from "./ports.ts";
import type { AuditSink } from "./privacy-ports.ts";
import { localPrincipal, type Principal } from "./principal.ts";

export interface PlaybookReading {
  readonly stored: StoredPlaybook;
  readonly outcomes: ReplyOutcomes;
}

export interface PlaybookTrial extends ReplyRanking {
  /** Null: no objection is found, and none was named. */
  readonly detection: Detection | null;
}

/** The playbooks as one principal may use them: everyone reads and tries, managers change. */
export interface PlaybookAccess {
  /** The oldest one first, which is for calls that name none. */
  list(): Promise<readonly PlaybookListRow[]>;
  /** Version null: the current one. `playbook_not_found`. */
  read(name: string, version: number | null): Promise<PlaybookReading>;
  /** As `read`, without what became of the replies. */
  readFile(name: string, version: number | null): Promise<StoredPlaybook>;
  /** Newest first. `playbook_not_found`. */
  versions(name: string): Promise<readonly PlaybookVersionHead[]>;
  /** Throws `CallError("not_allowed")` for who may not change any: before what they send is looked at. */
  requireChange(): void;
  /** Of a new playbook. `not_allowed`, `playbook_exists`. */
  create(playbook: Playbook, origin: "created" | "imported"): Promise<PlaybookReading>;
  /** A new version on top of `basedOn`. `not_allowed`, `playbook_not_found`, `version_conflict`. */
  save(playbook: Playbook, basedOn: number, origin: "edited" | "imported"): Promise<PlaybookReading>;
  /** What an old version holds becomes a new one. As `save`. */
  restore(name: string, version: number, basedOn: number): Promise<PlaybookReading>;
  /** What a sentence would bring up, and why. `playbook_not_found`. */
  tryOut(name: string, trial: PlaybookTrialRequest): Promise<PlaybookTrial>;
}

export type PlaybookAccessFor = (principal: Principal) => PlaybookAccess;

export interface PlaybookAccessParts {
  readonly store: PlaybookStore;
  readonly rank: RankReplies;
  readonly detector: ObjectionDetector;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly outcomesOf: ReadOutcomes;
}

/** A sentence is tried as if the call had come so far: past its opening. */
const trialAtMs = 10 * 60_000;

export function createPlaybookAccess(parts: PlaybookAccessParts): PlaybookAccessFor {
  const { audit, clock, detector, outcomesOf, rank, store } = parts;
  const readFile = async (name: string, version: number | null): Promise<StoredPlaybook> => {
    const stored = await store.readPlaybook(name, version);
    if (stored === null) throw notFound();
    return stored;
  };
  const read = async (name: string, version: number | null): Promise<PlaybookReading> => {
    const stored = await readFile(name, version);
    return { stored, outcomes: await outcomesOf(name) };
  };

  return (principal) => {
    const keep = async (
      playbook: Playbook,
      basedOn: number | null,
      origin: PlaybookOrigin,
      restoredFrom: number | null,
    ): Promise<PlaybookReading> => {
      requireManager(principal);
      const version = await store.savePlaybook({
        playbook,
        basedOn,
        origin,
        restoredFrom,
        savedAtMs: clock.nowMs(),
        savedBy: principal.id === localPrincipal.id ? "" : principal.name,
      });
      const { name } = playbook;
      const detail = { playbook: name, version: String(version), origin };
      await audit.note({ atMs: clock.nowMs(), principal, action: "playbook_changed", callId: null, detail });
      return read(name, version);
    };

    return {
      list: () => store.listPlaybooks(),
      read,
      readFile,

      async versions(name) {
        const versions = await store.playbookVersions(name);
        if (versions === null) throw notFound();
        return versions;
      },

      requireChange: () => {
        requireManager(principal);
      },

      create: (playbook, origin) => keep(playbook, null, origin, null),
      save: (playbook, basedOn, origin) => keep(playbook, basedOn, origin, null),

      async restore(name, version, basedOn) {
        requireManager(principal);
        const old = await readFile(name, version);
        return keep(old.playbook, basedOn, "restored", version);
      },

      async tryOut(name, trial) {
        const { stored, outcomes } = await read(name, null);
        const { language, text } = trial;
        const context = trial.context ?? [];
        const role = trial.role ?? "prospect";
        const detection = detector.detect({ text, language, role, isFinal: true, context });
        const input = {
          language,
          text,
          context,
          customer: trial.customer ?? {},
          shownEntries: trial.shown ?? [],
          atMs: trial.at_ms ?? trialAtMs,
        };
        const type = trial.type ?? detection?.type;
        const ranking = rank(trial.playbook ?? stored.playbook, outcomes, {
          ...input,
          type: type ?? "other",
        });
        return { ...ranking, detection, ...(type === undefined ? { replies: [] } : {}) };
      },
    };
  };
}

function requireManager(principal: Principal): void {
  if (principal.role !== "manager") throw new CallError("not_allowed", "Only managers change playbooks.");
}

function notFound(): CallError {
  return new CallError("playbook_not_found", "There is no such playbook, or no such version of it.");
}
