import type { ListenConnection } from "./listen-connection.ts";
import type { LiveSender } from "./live-sender.ts";

export type StreamState =
  /** Nothing has been written yet. */
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly connection: ListenConnection }
  | { readonly kind: "live"; readonly connection: ListenConnection; readonly sender: LiveSender }
  | { readonly kind: "waiting"; readonly cancel: () => void }
  /** No audio comes. The next is sent over a new connection, behind what has had no final. */
  | { readonly kind: "parked" }
  /** For good. */
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "closed" };
