import type { RedactionKind } from "../../call/ports.ts";

/** The same in every language, so that programs can look for it; `[number]` while it is not known which. */
export function markOf(kind: RedactionKind | null): string {
  return `[${kind ?? "number"}]`;
}
