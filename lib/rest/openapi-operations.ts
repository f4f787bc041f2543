import type { ErrorCode } from "../contract/error-codes.ts";
import { auditQuerySchema, callListQuerySchema } from "../contract/rest.ts";
import { audioChannelViewSchema, callIdSchema } from "../contract/vocabulary.ts";
import { coachToggleQuery } from "./coach-toggle-query.ts";
import { playbookOperations } from "./openapi-playbooks.ts";
import type { Operation } from "./openapi-schemas.ts";

/** On every route: the guard, the gate and the unforeseen. */
export const sharedProblems: readonly ErrorCode[] = [
  "unauthorized",
  "foreign_origin",
  "foreign_host",
  "internal",
];

const bodyProblems = ["malformed", "unsupported_type", "too_large", "invalid"] as const;
const callId = { id: callIdSchema } as const;

const transcripts = (
  [
    ["txt", "text/plain", "as plain text"],
    ["json", null, "as JSON"],
    ["srt", "application/x-subrip", "as SubRip subtitles"],
    ["vtt", "text/vtt", "as WebVTT with voices"],
    ["csv", "text/csv", "as CSV, RFC 4180, safe to open in a spreadsheet"],
    ["md", "text/markdown", "as Markdown"],
  ] as const
).map(([format, type, how]): Operation => ({
  method: "GET",
  path: `/calls/{id}/transcript.${format}`,
  id: `transcript_${format}`,
  tag: "Documents",
  summary: `The transcript ${how}`,
  pathSchemas: callId,
  replies: {
    200: {
      says: "A download with a safe file name",
      content: type === null ? { schema: "TranscriptDocument" } : { type },
    },
  },
  problems: ["malformed", "call_not_found", "rate_limited", "storage_failed"],
}));

export const operations: readonly Operation[] = [
  {
    method: "POST",
    path: "/session/start",
    id: "start_session",
    tag: "Calls",
    summary: "Start a call",
    detail: "Every field is optional; unset ones take the server's defaults. An empty body is fine.",
    body: { schema: "SessionStartRequest", required: false },
    replies: { 200: { says: "Started; connect to ws_url", content: { schema: "SessionStarted" } } },
    problems: [
      ...bodyProblems,
      "language_not_supported",
      "transcriber_not_available",
      "consent_required",
      "too_many_calls",
      "rate_limited",
      "draining",
      "storage_failed",
    ],
  },
  {
    method: "GET",
    path: "/calls",
    id: "list_calls",
    tag: "Calls",
    summary: "List and search calls, newest first",
    detail:
      "q: all words, the last one a prefix, case and accents ignored, in what was said, titles and customers. A day without a time means midnight UTC in from and the whole day in to.",
    query: callListQuerySchema,
    replies: { 200: { says: "One page", content: { schema: "CallList" } } },
    problems: ["malformed", "rate_limited", "storage_failed"],
  },
  {
    method: "GET",
    path: "/calls/{id}",
    id: "read_call",
    tag: "Calls",
    summary: "One call with its transcript, objections, suggestions and summary",
    pathSchemas: callId,
    replies: { 200: { says: "The call", content: { schema: "Call" } } },
    problems: ["malformed", "call_not_found", "storage_failed"],
  },
  {
    method: "PATCH",
    path: "/calls/{id}",
    id: "change_call",
    tag: "Calls",
    summary: "Change title, customer or notes",
    pathSchemas: callId,
    body: { schema: "CallPatch", required: true },
    replies: { 200: { says: "The call, changed", content: { schema: "Call" } } },
    problems: [...bodyProblems, "call_not_found", "storage_failed"],
  },
  {
    method: "DELETE",
    path: "/calls/{id}",
    id: "delete_call",
    tag: "Calls",
    summary: "Delete a completed call: audio, rows and search entries",
    pathSchemas: callId,
    replies: { 204: { says: "It is gone" } },
    problems: ["malformed", "call_not_found", "call_not_completed", "storage_failed"],
  },
  {
    method: "POST",
    path: "/calls/{id}/token",
    id: "observer_token",
    tag: "Calls",
    summary: "A token to follow a call as an observer",
    pathSchemas: callId,
    body: { schema: "TokenRequest", required: true },
    replies: { 200: { says: "The token and the signed address", content: { schema: "CallToken" } } },
    problems: [...bodyProblems, "call_not_found", "rate_limited", "storage_failed"],
  },
  {
    method: "POST",
    path: "/coach/{id}/toggle",
    id: "toggle_coach",
    tag: "Calls",
    summary: "Switch the coach on or off; a live call follows at once",
    pathSchemas: callId,
    query: coachToggleQuery,
    replies: { 200: { says: "The coach as it is now", content: { schema: "CoachState" } } },
    problems: ["malformed", "call_not_found", "wrong_state", "storage_failed"],
  },
  ...transcripts,
  ...playbookOperations,
  {
    method: "GET",
    path: "/calls/{id}/audio/{view}.wav",
    id: "call_audio",
    tag: "Documents",
    summary: "One channel of the recording as a PCM16 WAV",
    detail:
      "mic is the rep, loop the prospect, mix both. A snapshot of what is durable when asked, also while the call is live; its ETag is the next sample. HEAD tells the length. One range of bytes is honoured; several are answered with the whole.",
    pathSchemas: { ...callId, view: audioChannelViewSchema },
    headers: {
      Range: "One range of bytes, such as bytes=0-1023",
      "If-Range": "An ETag: the range only if it is still this version",
      "If-None-Match": "An ETag: 304 if it is still this version",
    },
    replies: {
      200: { says: "The whole file", content: { type: "audio/wav", binary: true } },
      206: { says: "The range", content: { type: "audio/wav", binary: true } },
      304: { says: "Unchanged" },
    },
    problems: [
      "call_not_found",
      "no_such_channel",
      "not_found",
      "range_not_satisfiable",
      "rate_limited",
      "storage_failed",
    ],
  },
  {
    method: "GET",
    path: "/audit",
    id: "audit_log",
    tag: "Server",
    summary: "Who did what with which call, newest first; for managers",
    detail:
      "Entries carry ids, never words, titles or customers, and stay when the call is gone. They are kept for 400 days.",
    query: auditQuerySchema,
    replies: { 200: { says: "One page", content: { schema: "AuditLog" } } },
    problems: ["malformed", "not_allowed", "storage_failed"],
  },
  {
    method: "GET",
    path: "/recorded-calls/{file}",
    id: "recorded_calls",
    tag: "Recorded calls",
    summary: "index.json: the recorded calls that are shipped to try the product on",
    replies: { 200: { says: "The list", content: { type: "application/json" } } },
    problems: ["not_found"],
  },
  {
    method: "GET",
    path: "/recorded-calls/{name}/{file}",
    id: "recorded_call",
    tag: "Recorded calls",
    summary: "The audio (the file that the list names), alignment.json or script.json of a recorded call",
    replies: {
      200: { says: "The file", content: { type: "*/*", binary: true } },
      206: { says: "A range of it", content: { type: "*/*", binary: true } },
      304: { says: "Unchanged" },
    },
    problems: ["not_found", "range_not_satisfiable"],
  },
  {
    method: "POST",
    path: "/sign-in",
    id: "sign_in",
    tag: "Server",
    summary: "Sign in with name and password: gives the session cookie",
    detail:
      "Where the server has an AUTH_SECRET. The sign-in page sends the same as a form (name, password, next) and is led to next. Programs use a key instead. A wrong name and a wrong password are answered alike.",
    body: { schema: "SignInRequest", required: true },
    replies: {
      200: { says: "Signed in; the cookie is in Set-Cookie", content: { schema: "SignedIn" } },
      303: { says: "Signed in by a form; Location is the page to go on to" },
    },
    problems: [...bodyProblems, "unauthorized", "not_found", "rate_limited", "storage_failed"],
  },
  {
    method: "POST",
    path: "/sign-out",
    id: "sign_out",
    tag: "Server",
    summary: "End the session of the cookie",
    replies: { 303: { says: "Signed out; Location is the sign-in page" } },
    problems: ["not_found", "storage_failed"],
  },
  {
    method: "GET",
    path: "/healthz",
    id: "health",
    tag: "Server",
    summary: "Whether the process answers",
    replies: { 200: { says: "It does", content: { schema: "Health" } } },
    problems: [],
  },
  {
    method: "GET",
    path: "/readyz",
    id: "readiness",
    tag: "Server",
    summary: "Whether calls can be taken",
    replies: {
      200: { says: "They can", content: { schema: "Readiness" } },
      503: { says: "Not yet: what is missing", content: { schema: "Readiness" } },
    },
    problems: [],
  },
  {
    method: "GET",
    path: "/metrics",
    id: "metrics",
    tag: "Server",
    summary: "Prometheus text",
    replies: { 200: { says: "The metrics", content: { type: "text/plain" } } },
    problems: [],
  },
  {
    method: "GET",
    path: "/openapi.json",
    id: "openapi",
    tag: "Server",
    summary: "This description, OpenAPI 3.1",
    replies: { 200: { says: "The document", content: { type: "application/json" } } },
    problems: [],
  },
  {
    method: "GET",
    path: "/docs",
    id: "docs",
    tag: "Server",
    summary: "This description, to read and try",
    replies: { 200: { says: "A page", content: { type: "text/html" } } },
    problems: [],
  },
];
