import { CallError } from "../call/errors.ts";
import { playbookSchema, type Playbook } from "../contract/playbook.ts";

/**
 * Reads the text of a playbook file. Throws `CallError("invalid")` that names every fault with its
 * place, such as `entries[3].replies[0]: unknown variable {name}`.
 */
export function parsePlaybook(json: string): Playbook {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\u{feff}/u, ""));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CallError("invalid", `The playbook is not JSON: ${reason}`, { cause });
  }
  const parsed = playbookSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: written(path), message }));
  const faults = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new CallError("invalid", `The playbook has faults: ${faults}`, { issues });
}

function written(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === "number" ? `[${String(key)}]` : `.${String(key)}`)).join("");
  return text === "" ? "playbook" : text.replace(/^\./u, "");
}
