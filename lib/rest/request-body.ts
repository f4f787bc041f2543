import type { z } from "zod";
import { CallError } from "../call/errors.ts";
import { issuesSentence, pathText, schemaIssues, type SchemaIssue } from "./schema-issues.ts";

export const maxBodyBytes = 64 * 1024;

/** Keys that mean something to JavaScript objects themselves; no body has a use for them. */
const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "prototype", "constructor"]);

/**
 * The JSON object in the body, as `schema` reads it. Throws `CallError`: `unsupported_type` (415), `too_large` (413,
 * as soon as the limit is passed), `malformed` (400: not JSON, or not an object), `invalid` (422: every fault named).
 * With `mayBeEmpty` an empty body of any type is `{}`.
 */
export async function readJsonBody<T>(
  request: Request,
  schema: z.ZodType<T>,
  options: { readonly mayBeEmpty?: boolean; readonly maxBytes?: number } = {},
): Promise<T> {
  const bytes = await readBytes(request, options.maxBytes ?? maxBodyBytes);
  if (bytes.byteLength === 0) {
    if (options.mayBeEmpty === true) return accept(schema, {});
    throw new CallError("malformed", "the body is empty; a JSON object is expected");
  }
  requireJson(request.headers);
  return accept(schema, parseObject(bytes));
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = (): CallError => new CallError("too_large", `the body is larger than ${maxBytes} bytes`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new CallError("malformed", "the body did not arrive whole", { cause: error });
    });
    if (done) return Buffer.concat(chunks, length);
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(value);
  }
}

function requireJson(headers: Headers): void {
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters.map((entry) => entry.trim()).find((entry) => entry.startsWith("charset="));
  if (type.trim() !== "application/json") {
    throw new CallError("unsupported_type", "the body must be application/json");
  }
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new CallError("unsupported_type", "the body must be in UTF-8");
  }
  const encoding = (headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding !== "identity") throw new CallError("unsupported_type", "the body must not be compressed");
}

function parseObject(bytes: Uint8Array): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new CallError("malformed", "the body is not JSON in UTF-8", { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CallError("malformed", "the body is not a JSON object");
  }
  return value;
}

function accept<T>(schema: z.ZodType<T>, value: object): T {
  const dangerous = dangerousParts(value);
  if (dangerous.length > 0) throw unacceptable(dangerous);
  const result = schema.safeParse(value);
  if (!result.success) throw unacceptable(schemaIssues(result.error));
  return result.data;
}

function unacceptable(issues: readonly SchemaIssue[]): CallError {
  return new CallError("invalid", issuesSentence("the body is not acceptable", issues), { issues });
}

/** Without recursion: 64 KiB of brackets are a depth of 32 thousand. */
function dangerousParts(root: object): readonly SchemaIssue[] {
  const issues: SchemaIssue[] = [];
  const open: { readonly value: unknown; readonly path: readonly PropertyKey[] }[] = [
    { value: root, path: [] },
  ];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { value, path } = part;
    if (typeof value === "string" && value.includes("\0")) {
      issues.push({ path: pathText(path), message: "must not contain the NUL character" });
    }
    // Nothing in the contract is deeper than this; what is, the schema refuses at its first level.
    if (typeof value !== "object" || value === null || path.length > 16) continue;
    for (const [key, entry] of Object.entries(value)) {
      const step = Array.isArray(value) ? Number(key) : key;
      if (forbiddenKeys.has(key))
        issues.push({ path: pathText([...path, step]), message: "is not known here" });
      else open.push({ value: entry, path: [...path, step] });
    }
  }
  return issues;
}
