import type { Status } from "../contract/events.ts";
import { maxUndurableSeconds } from "../contract/vocabulary.ts";
import type { EventStream } from "./event-stream.ts";

/** For people: what is the matter, what it costs, what to do. */
export const troubleDetails = {
  storage: `The disk does not take the recording: free space or check the disk. Audio is kept in memory for up to ${maxUndurableSeconds} s, then by whoever sends it.`,
  database:
    "The database does not answer: check its file and its disk. What is said is kept beside it and written when it answers.",
  not_stored: "The database refused an entry; it is set aside in the data folder.",
} as const;

export function backlogStatus(behind: boolean, seconds: number): [Status["state"], string, string] {
  return behind
    ? ["degraded", "backlog", `The transcript is ${Math.round(seconds)} s behind.`]
    : ["live", "backlog", ""];
}

export function publishStatus(
  events: EventStream,
  status: Pick<Status, "state" | "reason" | "detail" | "transcriber">,
): void {
  events.publish((head) => ({ type: "status", data: { ...head, ...status } }), { stored: true });
}
