import type { CallCompleted } from "../contract/events.ts";
import { CallError } from "./errors.ts";

export type SessionState =
  | { readonly name: "created" }
  | { readonly name: "live" }
  /** `recovered`: an earlier process died with the call; its end will be `interrupted`. */
  | { readonly name: "waiting"; readonly recovered: boolean }
  | { readonly name: "completing"; readonly done: Promise<void> }
  | { readonly name: "completed"; readonly event: CallCompleted };

/** Throws `CallError("wrong_state")` for a call that ends or is over. */
export function refuseEnding({ name }: SessionState): void {
  if (name === "completing" || name === "completed")
    throw new CallError("wrong_state", `The call is ${name}.`);
}
