import { z } from "zod";
import { objectionTypes } from "../contract/vocabulary.ts";

/** What is asked of the server as a strict schema, and checked again when it comes. The reply is last: it is streamed. */
export const judgedAnswerSchema = z.strictObject({
  is_objection: z.boolean(),
  type: z.enum(objectionTypes),
  quote: z.string().max(2000),
  reply: z.string().max(4000),
});
export const replyAnswerSchema = z.strictObject({ reply: z.string().max(4000) });
export const proseAnswerSchema = z.strictObject({
  sentences: z.array(z.strictObject({ text: z.string().max(1000), facts: z.array(z.int()).max(50) })).max(12),
});

const verdictSchema = judgedAnswerSchema.omit({ reply: true });
export type Verdict = z.infer<typeof verdictSchema>;

/** JSON Schema of the subset that strict servers take: no lengths, every property required, none besides. */
export function strictJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return strict(z.toJSONSchema(schema, { target: "draft-7" })) as Record<string, unknown>;
}

const refusedKeywords: ReadonlySet<string> = new Set([
  "$schema",
  "maxLength",
  "maxItems",
  "minimum",
  "maximum",
]);

function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !refusedKeywords.has(key))
      .map(([key, inner]) => [key, strict(inner)]),
  );
}

const replyKey = /"reply"\s*:\s*"/u;

/** What stands before the reply, once all of it is there. Null: not yet, or it is not what was asked for. */
export function verdictSoFar(json: string): Verdict | null {
  const at = replyKey.exec(json)?.index;
  if (at === undefined) return null;
  try {
    return verdictSchema.parse(JSON.parse(`${json.slice(0, at).replace(/,\s*$/u, "")}}`));
  } catch {
    return null;
  }
}

/** The reply as far as it has come, its escapes read; an escape that is cut is left out. */
export function replySoFar(json: string): string {
  const match = replyKey.exec(json);
  if (match === null) return "";
  let escaped = false;
  let end = match.index + match[0].length;
  const start = end;
  for (; end < json.length; end += 1) {
    const sign = json[end];
    if (escaped) escaped = false;
    else if (sign === "\\") escaped = true;
    else if (sign === '"') break;
  }
  const whole = json.slice(start, end).replace(/\\(?:u[0-9a-f]{0,3})?$/iu, "");
  try {
    return z.string().parse(JSON.parse(`"${whole}"`));
  } catch {
    return "";
  }
}
