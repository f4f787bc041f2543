import type { z } from "zod";

export interface Fault {
  /** Such as `entries[3].replies[0]`. */
  readonly path: string;
  readonly message: string;
}

export function faultsOf(error: z.ZodError): readonly Fault[] {
  return error.issues.map(({ path, message }) => ({
    path: path
      .map((step, index) =>
        typeof step === "number" ? `[${step.toString()}]` : `${index === 0 ? "" : "."}${String(step)}`,
      )
      .join(""),
    message,
  }));
}

/** The element that a fault is about: fields carry their path as id. */
export function goTo(path: string): void {
  const field = document.getElementById(path) ?? document.getElementById(path.replace(/\[\d+\]$/, ""));
  field?.scrollIntoView({ block: "center" });
  field?.focus();
}
