import type { CallEvent } from "../contract/events.ts";
import type { EventStream } from "./event-stream.ts";
import type { CallRepository, Clock, Logger } from "./ports.ts";
import type { SessionSeat } from "./session-seat.ts";

const pageSize = 500;
const retryMs = 500;

/** The stored events with `afterSeq < seq <= lastSeq`, in order, a page at a time. */
export async function* eventsUpTo(
  repository: CallRepository,
  callId: string,
  afterSeq: number,
  lastSeq: number,
): AsyncGenerator<CallEvent> {
  let after = afterSeq;
  for (;;) {
    const page = await repository.eventsAfter(callId, after, pageSize);
    for (const event of page) {
      if (event.data.seq > lastSeq) return;
      yield event;
      after = event.data.seq;
    }
    if (page.length < pageSize) return;
  }
}

export interface ReplayOptions {
  readonly repository: CallRepository;
  readonly events: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Sends a seat what it has missed, then what queued up behind. While the database is away it is tried
 * again and the promise resolves all the same: audio of the seat must not wait for it. Never rejects.
 */
export async function replayTo(
  seat: SessionSeat,
  range: { readonly afterSeq: number; readonly lastSeq: number },
  options: ReplayOptions,
): Promise<void> {
  const { clock, events, logger, repository } = options;
  const { lastSeq } = range;
  const { replays } = seat;
  let { afterSeq } = range;
  try {
    const missed = events.isBehind ? null : eventsUpTo(repository, seat.callId, afterSeq, lastSeq);
    for await (const event of missed ?? []) {
      // The connection has gone, or has asked for another replay.
      if (seat.isGone || seat.replays !== replays) return;
      seat.send(event);
      afterSeq = event.data.seq;
      await seat.caughtUp();
    }
    if (missed !== null) {
      if (seat.replays === replays) seat.follow();
      return;
    }
  } catch (error) {
    logger.warn({ err: error }, "a replay failed; it is tried again");
  }
  clock.after(retryMs, () => {
    if (!seat.isGone && seat.replays === replays) void replayTo(seat, { afterSeq, lastSeq }, options);
  });
}
