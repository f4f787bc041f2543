import type { CallCompleted } from "../contract/events.ts";

export type SessionState =
  | { readonly name: "created" }
  | { readonly name: "live" }
  /** `recovered`: an earlier process died with the call; its end will be `interrupted`. */
  | { readonly name: "waiting"; readonly recovered: boolean }
  | { readonly name: "completing"; readonly done: Promise<void> }
  | { readonly name: "completed"; readonly event: CallCompleted };
