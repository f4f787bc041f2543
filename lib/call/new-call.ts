import type { SessionStartRequest } from "../contract/rest.ts";
import type { Language, TranscriberName } from "../contract/vocabulary.ts";
import { CallError } from "./errors.ts";
import { firstReservedSeq } from "./event-writer.ts";
import type { OpenPlaybook } from "./ports.ts";
import { ownerIdOf, type Principal } from "./principal.ts";
import type { SessionSettings } from "./session-options.ts";
import { noUsage } from "./second-opinion.ts";
import type { CallRecord } from "./stored-call.ts";

export interface CallDefaults {
  readonly language: Language;
  readonly audioMode: "stereo" | "mono";
  readonly stereoLayout: "LR" | "RL";
  readonly sampleRateHz: number;
  readonly transcriber: TranscriberName;
}

/** Throws `CallError("consent_required")`. */
export function requireConsent(
  { consentRequired }: { readonly consentRequired: boolean },
  consent: { readonly obtained: boolean } | null | undefined,
): void {
  if (!consentRequired || consent?.obtained === true) return;
  throw new CallError(
    "consent_required",
    "This server records only with consent: send consent.obtained true at the start.",
  );
}

/** What is kept of a call that begins now: what was asked for, and the server's own settings for the rest. */
export function newCall(
  request: SessionStartRequest,
  made: {
    readonly callId: string;
    readonly by: Principal;
    readonly nowMs: number;
    readonly playbook: Pick<OpenPlaybook, "name" | "version">;
  },
  { defaults, settings }: { readonly defaults: CallDefaults; readonly settings: SessionSettings },
): CallRecord {
  const { nowMs } = made;
  const { transcriber = "auto" } = request;
  return {
    callId: made.callId,
    ownerId: ownerIdOf(made.by),
    status: "created",
    startedAtMs: nowMs,
    endedAtMs: null,
    completionReason: null,
    language: request.language ?? defaults.language,
    transcriber: transcriber === "auto" ? defaults.transcriber : transcriber,
    audioMode: request.audio_mode ?? defaults.audioMode,
    stereoLayout: request.stereo_layout ?? defaults.stereoLayout,
    sampleRateHz: request.sample_rate ?? defaults.sampleRateHz,
    coachEnabled: request.coach_enabled ?? true,
    title: request.title ?? "",
    customer: request.customer ?? {},
    notes: "",
    playbook: made.playbook.name,
    playbookVersion: made.playbook.version,
    consent:
      request.consent === undefined
        ? null
        : { ...request.consent, at: new Date(nowMs).toISOString(), by: made.by.name },
    expiresAtMs: nowMs + (settings.sessionTimeoutSec + settings.resumeWindowSec) * 1000,
    durableSamples: 0,
    settledSample: 0,
    reservedSeq: firstReservedSeq,
    lostAudio: [],
    audioMarks: [],
    billedSeconds: 0,
    repVoice: null,
    summary: null,
    modelUsage: noUsage,
  };
}
