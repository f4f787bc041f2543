import type { LiveSessionSnapshot } from "./live-session.ts";

/**
 * The one thing about a running call that somebody who looks elsewhere has to know, gravest first: the call went on
 * elsewhere or was refused; nothing is captured; one source is missing; one channel carries nothing; the connection is
 * gone; nobody has spoken for long.
 */
export type CallAlert = "over" | "stopped" | "input" | "sharing" | "muted" | "silent" | "offline" | "quiet";

export function callAlertOf({
  connection,
  sound,
  isStopping,
  view,
}: Pick<LiveSessionSnapshot, "connection" | "sound" | "isStopping" | "view">): CallAlert | null {
  if (view.completed !== null || isStopping) return null;
  if (connection.kind === "taken_over" || connection.kind === "refused") return "over";
  if (sound.kind === "flowing") {
    const { condition } = sound;
    if (condition.isBlocked || condition.isBroken || condition.isHalted || sound.isStalled) return "stopped";
    if (condition.inputLoss !== null) return "input";
    if (condition.hasSharingEnded) return "sharing";
    if (condition.isInputMuted) return "muted";
    if (condition.silentChannel !== null) return "silent";
  }
  if (connection.kind === "reconnecting") return "offline";
  return sound.kind === "flowing" && sound.condition.quietMinutes > 0 ? "quiet" : null;
}
