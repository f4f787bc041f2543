import type { CallPatch, SessionStartRequest, TranscriptDocument } from "../contract/rest.ts";
import type {
  AudioChannelView,
  AuditAction,
  ConnectionRole,
  TranscriptFormat,
} from "../contract/vocabulary.ts";
import type { CallDesk, CallStatus, RecordingSnapshot } from "./desk.ts";
import { CallError, callNotFound } from "./errors.ts";
import type {
  CallPage,
  CallRepository,
  CallSearch,
  CallTokens,
  Clock,
  RenderedTranscript,
  TranscriptLibrary,
} from "./ports.ts";
import type { AuditEntry, AuditQuery, AuditSink, AuditStore } from "./privacy-ports.ts";
import { maySeeCall, type Principal } from "./principal.ts";
import type { CallRecord } from "./stored-call.ts";

export interface IssuedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface StartedCall extends IssuedToken {
  readonly call: CallRecord;
}

export interface CallReading {
  readonly status: CallStatus;
  readonly document: TranscriptDocument;
}

/**
 * The calls as one principal may see them. A rep has own calls only; another's is `call_not_found`, like one that
 * does not exist. What succeeds is noted in the audit log before anything of it is given out.
 */
export interface CallAccess {
  readonly principal: Principal;
  /** What `CallDesk.start` refuses. The token is the host's. */
  start(request: SessionStartRequest): Promise<StartedCall>;
  /** `call_not_found`. */
  read(callId: string): Promise<CallReading>;
  /** `call_not_found`. Gives the call as it is then. */
  patch(callId: string, patch: CallPatch): Promise<CallReading>;
  /** `call_not_found`, `call_not_completed`. */
  delete(callId: string): Promise<void>;
  /** `call_not_found`, `wrong_state`. */
  toggleCoach(callId: string, enabled: boolean): Promise<boolean>;
  /** `call_not_found`. */
  recording(callId: string, view: AudioChannelView): Promise<RecordingSnapshot>;
  /** `call_not_found`. */
  render(callId: string, format: TranscriptFormat): Promise<RenderedTranscript>;
  /** Throws `CallError("malformed")` for a cursor that is not ours. */
  search(search: Omit<CallSearch, "ownerId">): Promise<CallPage>;
  /** `call_not_found`. */
  issueToken(callId: string, role: Exclude<ConnectionRole, "host">): Promise<IssuedToken>;
  /** Newest first. `not_allowed` for everyone but managers. */
  auditEntries(query: AuditQuery): Promise<readonly (AuditEntry & { readonly id: number })[]>;
}

export type CallAccessFor = (principal: Principal) => CallAccess;

export interface CallAccessParts {
  readonly desk: CallDesk;
  readonly library: TranscriptLibrary;
  readonly repository: Pick<CallRepository, "search">;
  readonly tokens: CallTokens;
  readonly audit: AuditSink;
  readonly auditLog: Pick<AuditStore, "auditEntries">;
  readonly clock: Clock;
  /** How long the token of an observer lives. */
  readonly observerTokenMs: number;
}

/** The one way from a request to calls: whoever asks for the principal's access cannot pass the ownership by. */
export function createCallAccess(parts: CallAccessParts): CallAccessFor {
  const { audit, clock, desk, library, repository, tokens } = parts;

  return (principal) => {
    const seesAll = principal.role === "manager";

    const note = (
      action: AuditAction,
      callId: string | null,
      detail?: Readonly<Record<string, string>>,
    ): Promise<void> =>
      audit.note({
        atMs: clock.nowMs(),
        principal,
        action,
        callId,
        ...(detail === undefined ? {} : { detail }),
      });

    const requireOwn = async (callId: string): Promise<CallStatus> => {
      const status = await desk.status(callId);
      if (!maySeeCall(principal, status.call)) throw callNotFound();
      return status;
    };

    const reading = async (callId: string): Promise<CallReading> => {
      const status = await requireOwn(callId);
      const document = await library.document(callId);
      // It may have been deleted in between.
      if (document === null) throw callNotFound();
      return { status, document };
    };

    return {
      principal,

      async start(request) {
        const call = await desk.start(request, principal);
        const { callId, expiresAtMs } = call;
        await note("started", callId);
        if (call.consent?.obtained === true) await note("consented", callId);
        const token = tokens.issue({ callId, role: "host", expiresAtMs, principalId: principal.id });
        return { call, token, expiresAtMs };
      },

      async read(callId) {
        const read = await reading(callId);
        await note("read", callId);
        return read;
      },

      async patch(callId, patch) {
        await requireOwn(callId);
        await desk.patch(callId, patch);
        await note("changed", callId, { fields: Object.keys(patch).join(",") });
        return reading(callId);
      },

      async delete(callId) {
        const { state } = await requireOwn(callId);
        // Noted first: what is gone cannot be asked for who took it.
        if (state === "completed") await note("deleted", callId);
        await desk.delete(callId);
      },

      async toggleCoach(callId, enabled) {
        await requireOwn(callId);
        const isEnabled = await desk.toggleCoach(callId, enabled);
        await note("changed", callId, { coach_enabled: String(isEnabled) });
        return isEnabled;
      },

      async recording(callId, view) {
        await requireOwn(callId);
        const snapshot = await desk.recording(callId);
        try {
          await note("listened", callId, { view });
        } catch (error) {
          await snapshot.close();
          throw error;
        }
        return snapshot;
      },

      async render(callId, format) {
        await requireOwn(callId);
        const transcript = await library.render(callId, format);
        if (transcript === null) throw callNotFound();
        await note("exported", callId, { format });
        return transcript;
      },

      async search(search) {
        const page = await repository.search({ ...search, ownerId: seesAll ? null : principal.id });
        await note("listed", null);
        return page;
      },

      async issueToken(callId, role) {
        await requireOwn(callId);
        const expiresAtMs = clock.nowMs() + parts.observerTokenMs;
        const token = tokens.issue({ callId, role, expiresAtMs, principalId: principal.id });
        await note("token_issued", callId, { role });
        return { token, expiresAtMs };
      },

      async auditEntries(query) {
        if (!seesAll) throw new CallError("not_allowed", "Only managers read the audit log.");
        await note("audit_read", query.callId);
        return parts.auditLog.auditEntries(query);
      },
    };
  };
}
