import type { useTranslations } from "next-intl";
import type { z } from "zod";
import { playbookFaultCodes } from "../../../lib/contract/playbook.ts";

type FaultCode = (typeof playbookFaultCodes)[number] | "empty" | "too_long" | "unknown_key" | "other";

export interface Fault {
  /** Such as `entries[3].replies[0]`. */
  readonly path: string;
  /** `other`: no more is said than where it is. */
  readonly code: FaultCode;
  /** What the words of the code speak of. */
  readonly value: string;
}

export function faultsOf(error: z.ZodError): readonly Fault[] {
  return error.issues.map((issue) => ({ path: pathOf(issue.path), ...kindOf(issue) }));
}

/** Of a refusal: the server's sentences are in English, so only their places are shown. */
export function faultsAt(errors: readonly { readonly path: string }[]): readonly Fault[] {
  return errors.map(({ path }) => ({ path: path.replace(/^playbook\./, ""), code: "other", value: "" }));
}

export function faultText(t: ReturnType<typeof useTranslations<"playbook">>, { code, value }: Fault): string {
  return t(`fault.${code}`, { value });
}

function kindOf(issue: z.core.$ZodIssue): Pick<Fault, "code" | "value"> {
  switch (issue.code) {
    case "custom": {
      const code = playbookFaultCodes.find((one) => one === issue.params?.code);
      const value: unknown = issue.params?.value;
      return { code: code ?? "other", value: typeof value === "string" ? value : "" };
    }
    case "too_small":
      return { code: issue.minimum === 1 ? "empty" : "other", value: "" };
    case "too_big":
      return issue.origin === "string"
        ? { code: "too_long", value: issue.maximum.toString() }
        : { code: "other", value: "" };
    case "unrecognized_keys":
      return { code: "unknown_key", value: issue.keys.join(", ") };
    default:
      return { code: "other", value: "" };
  }
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step.toString()}]` : `${index === 0 ? "" : "."}${String(step)}`,
    )
    .join("");
}

/** The element that a fault is about: fields carry their path as id. */
export function goTo(path: string): void {
  const field = document.getElementById(path) ?? document.getElementById(path.replace(/\[\d+\]$/, ""));
  field?.scrollIntoView({ block: "center" });
  field?.focus();
}
