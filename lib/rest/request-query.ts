import { z } from "zod";
import { CallError } from "../call/errors.ts";
import { issuesSentence, schemaIssues, type SchemaIssue } from "./schema-issues.ts";

/** For routes that take no query at all. */
export const noQuery = z.strictObject({});

/**
 * The query of `url`, as `schema` reads it; unknown, repeated and wrong parameters are `malformed`, each named.
 * A known one without a value is as if it were not there, as forms send it.
 */
export function readQuery<T>(url: string, schema: z.ZodObject & z.ZodType<T>): T {
  const at = url.indexOf("?");
  const text = at < 0 ? "" : (url.slice(at + 1).split("#", 1)[0] ?? "");
  const values = new Map<string, string>();
  const faults: SchemaIssue[] = [];
  for (const [name, value] of new URLSearchParams(text)) {
    if (values.has(name)) faults.push({ path: name, message: "is given more than once" });
    if (value.includes("\0")) faults.push({ path: name, message: "must not contain the NUL character" });
    values.set(name, value);
  }
  if (faults.length > 0) throw malformed(faults);
  // Entries, not assignments: a parameter called __proto__ is one more unknown name.
  const given = [...values].filter(([name, value]) => value !== "" || !Object.hasOwn(schema.shape, name));
  const result = schema.safeParse(Object.fromEntries(given));
  if (!result.success) throw malformed(schemaIssues(result.error));
  return result.data;
}

function malformed(issues: readonly SchemaIssue[]): CallError {
  return new CallError("malformed", issuesSentence("the query is not right", issues), { issues });
}
