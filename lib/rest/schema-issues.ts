import type { z } from "zod";

export interface SchemaIssue {
  readonly path: string;
  readonly message: string;
}

/** The faults of a payload, one each; unknown keys are named one by one. Paths are `customer.name`, `list[2]`. */
export function schemaIssues(error: z.ZodError): readonly SchemaIssue[] {
  return error.issues.flatMap((issue): readonly SchemaIssue[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: "is not known here" }))
      : [{ path: pathText(issue.path), message: issue.message }],
  );
}

export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`,
    )
    .join("");
}

/** A path may be as long as what was sent. */
const maxSentence = 1000;

/** One sentence for people out of many faults. */
export function issuesSentence(what: string, issues: readonly SchemaIssue[]): string {
  const named = issues
    .slice(0, 5)
    .map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`));
  const sentence = `${what}: ${named.join("; ")}${issues.length > named.length ? "; …" : ""}`;
  return sentence.length > maxSentence ? `${sentence.slice(0, maxSentence)}…` : sentence;
}
