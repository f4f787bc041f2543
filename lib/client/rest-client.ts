import type { z } from "zod";
import {
  callListReplySchema,
  callReplySchema,
  problemSchema,
  sessionStartReplySchema,
  tokenReplySchema,
  type CallListReply,
  type CallPatch,
  type CallReply,
  type Problem,
  type SessionStartReply,
  type SessionStartRequest,
} from "../contract/rest.ts";
import type { ObjectionType, CallState } from "../contract/vocabulary.ts";

/** A refusal of the server, with its problem document; `problem` is null when no server answered. */
export class RestError extends Error {
  override readonly name = "RestError";
  readonly problem: Problem | null;

  constructor(message: string, problem: Problem | null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.problem = problem;
  }
}

export async function requestReply(path: string, init: RequestInit): Promise<Response> {
  let reply: Response;
  try {
    reply = await fetch(path, { cache: "no-store", ...init });
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    throw new RestError("the server cannot be reached", null, error);
  }
  if (reply.ok) return reply;
  if (reply.status === 401) leaveToSignIn();
  const problem = problemSchema.safeParse(await reply.json().catch(() => null));
  throw new RestError(
    problem.success ? problem.data.detail : `HTTP ${reply.status.toString()}`,
    problem.success ? problem.data : null,
  );
}

/** The session has ended. A page that carries a call stays: the call goes on with its own token. */
function leaveToSignIn(): void {
  const { pathname, search } = window.location;
  if (pathname.startsWith("/live/")) return;
  window.location.assign(`/sign-in?${new URLSearchParams({ next: pathname + search }).toString()}`);
}

export async function parsedReply<Schema extends z.ZodType>(
  reply: Response,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const result = schema.safeParse(await reply.json());
  if (!result.success) throw new RestError("the reply was not understood", null, result.error);
  return result.data;
}

export function jsonRequest(method: "POST" | "PATCH", body: unknown): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

export async function startSession(body: SessionStartRequest): Promise<SessionStartReply> {
  return parsedReply(
    await requestReply("/session/start", jsonRequest("POST", body)),
    sessionStartReplySchema,
  );
}

export async function observerToken(callId: string): Promise<string> {
  const reply = await requestReply(`/calls/${callId}/token`, jsonRequest("POST", { role: "observer" }));
  return (await parsedReply(reply, tokenReplySchema)).token;
}

export interface CallFilters {
  readonly query: string;
  /** Days as `yyyy-mm-dd` in the person's own time zone, or empty. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly objection: ObjectionType | null;
  readonly status: CallState | null;
}

/** Start of a local day, as an instant. */
function instantOfDay(day: string, addDays: number): string {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + addDays).toISOString();
}

export async function listCalls(
  filters: CallFilters,
  cursor: string | null,
  signal: AbortSignal,
): Promise<CallListReply> {
  const query = new URLSearchParams({ limit: "20" });
  if (filters.query.trim() !== "") query.set("q", filters.query.trim());
  if (filters.fromDay !== "") query.set("from", instantOfDay(filters.fromDay, 0));
  if (filters.toDay !== "") query.set("to", instantOfDay(filters.toDay, 1));
  if (filters.objection !== null) query.set("objection", filters.objection);
  if (filters.status !== null) query.set("status", filters.status);
  if (cursor !== null) query.set("cursor", cursor);
  return parsedReply(await requestReply(`/calls?${query.toString()}`, { signal }), callListReplySchema);
}

export async function fetchCall(callId: string, signal?: AbortSignal): Promise<CallReply> {
  return parsedReply(
    await requestReply(`/calls/${callId}`, signal === undefined ? {} : { signal }),
    callReplySchema,
  );
}

export async function patchCall(callId: string, patch: CallPatch): Promise<CallReply> {
  return parsedReply(await requestReply(`/calls/${callId}`, jsonRequest("PATCH", patch)), callReplySchema);
}

export async function deleteCall(callId: string): Promise<void> {
  await requestReply(`/calls/${callId}`, { method: "DELETE" });
}
