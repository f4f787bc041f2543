import { CallError } from "../call/errors.ts";
import type { Logger } from "../call/ports.ts";
import { callIdPattern } from "../contract/vocabulary.ts";
import { problemOf } from "./problem.ts";

/** Runs a route handler; what it throws becomes problem+json, and what nobody foresaw is logged. */
export async function answer(logger: Logger, respond: () => Promise<Response> | Response): Promise<Response> {
  try {
    return await respond();
  } catch (error) {
    const { status, headers, problem } = problemOf(error);
    if (status >= 500) logger.error({ err: error, code: problem.code }, "a request failed");
    return new Response(JSON.stringify(problem), { status, headers });
  }
}

export function json(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" },
  });
}

/** The `{id}` of an address, or 404 before anything is asked for it. */
export async function callIdOf(params: Promise<{ readonly id: string }>): Promise<string> {
  const { id } = await params;
  if (!callIdPattern.test(id)) throw new CallError("call_not_found", "there is no call with this id");
  return id;
}
