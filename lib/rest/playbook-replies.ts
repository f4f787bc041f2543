import { CallError } from "../call/errors.ts";
import type { PlaybookReading, PlaybookTrial } from "../call/playbook-access.ts";
import type { PlaybookListRow, PlaybookVersionHead } from "../call/playbook-ports.ts";
import { playbookNamePattern } from "../contract/playbook.ts";
import type {
  PlaybookListReply,
  PlaybookReply,
  PlaybookTrialReply,
  PlaybookVersionsReply,
} from "../contract/playbook-rest.ts";

/** What a playbook may measure as a body; calls and their like stay below 64 KiB. */
export const maxPlaybookBytes = 1024 * 1024;

interface NamedParams {
  readonly name: string;
  readonly version?: string;
}

/** The `{name}` of an address, or 404 before anything is asked for it. */
export async function playbookNameOf(params: Promise<NamedParams>): Promise<string> {
  const { name } = await params;
  if (!playbookNamePattern.test(name)) throw unknownPlaybook();
  return name;
}

/** The `{version}` of an address, or 404. */
export async function playbookVersionOf(params: Promise<NamedParams>): Promise<number> {
  const { version = "" } = await params;
  if (!/^[1-9]\d{0,8}$/.test(version)) throw unknownPlaybook();
  return Number(version);
}

function unknownPlaybook(): CallError {
  return new CallError("playbook_not_found", "There is no such playbook, or no such version of it.");
}

function headOf(head: PlaybookVersionHead): PlaybookVersionsReply["versions"][number] {
  return {
    version: head.version,
    title: head.title,
    origin: head.origin,
    restored_from: head.restoredFrom,
    saved_at: new Date(head.savedAtMs).toISOString(),
    saved_by: head.savedBy,
  };
}

export function playbookListReply(rows: readonly PlaybookListRow[]): PlaybookListReply {
  return {
    playbooks: rows.map((row, index) => ({
      name: row.name,
      title: row.title,
      version: row.version,
      entries: row.entries,
      is_default: index === 0,
      saved_at: new Date(row.savedAtMs).toISOString(),
      saved_by: row.savedBy,
    })),
  };
}

export function playbookVersionsReply(
  name: string,
  versions: readonly PlaybookVersionHead[],
): PlaybookVersionsReply {
  return { name, versions: versions.map(headOf) };
}

export function playbookReply({ stored, outcomes }: PlaybookReading): PlaybookReply {
  return {
    name: stored.name,
    ...headOf(stored),
    current_version: stored.currentVersion,
    playbook: stored.playbook,
    outcomes: { ...outcomes },
  };
}

export function playbookTrialReply(trial: PlaybookTrial): PlaybookTrialReply {
  const { detection } = trial;
  return {
    detection: detection === null ? null : { ...detection, evidence: [...detection.evidence] },
    stage: trial.stage,
    industry: trial.industry,
    competitor: trial.competitor,
    replies: trial.replies.map(({ reply, entry, text, missing, score, reasons, outcome }) => ({
      reply,
      entry,
      text,
      missing: [...missing],
      score: rounded(score),
      reasons: reasons.map((reason) => ({ ...reason, points: rounded(reason.points) })),
      outcome,
    })),
  };
}

function rounded(points: number): number {
  return Number(points.toFixed(3));
}
