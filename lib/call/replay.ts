import type { CallEvent } from "../contract/events.ts";
import type { CallRepository } from "./ports.ts";

const pageSize = 500;

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
