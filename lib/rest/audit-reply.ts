import type { AuditEntry, AuditQuery } from "../call/privacy-ports.ts";
import type { AuditListQuery, AuditListReply } from "../contract/rest.ts";

export function auditQuery(query: AuditListQuery): AuditQuery {
  return {
    callId: query.call_id ?? null,
    sinceMs: query.since === undefined ? null : Date.parse(query.since),
    beforeId: query.cursor === undefined ? null : Number(query.cursor),
    limit: query.limit,
  };
}

/** One page of `GET /audit`. A full page may have another behind it. */
export function auditReply(
  entries: readonly (AuditEntry & { readonly id: number })[],
  limit: number,
): AuditListReply {
  const last = entries.at(-1);
  return {
    entries: entries.map(({ id, atMs, principal, action, callId, detail = {} }) => ({
      id,
      at: new Date(atMs).toISOString(),
      by: { id: principal.id, name: principal.name, role: principal.role },
      action,
      call_id: callId,
      detail: { ...detail },
    })),
    next_cursor: entries.length < limit || last === undefined ? null : String(last.id),
  };
}
