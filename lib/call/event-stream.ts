import type { CallEvent } from "../contract/events.ts";
import type { CallRepository, Clock, LatencyStage, Logger, Telemetry } from "./ports.ts";
import type {
  CallChanges,
  CallWrite,
  StoredObjection,
  StoredSegment,
  StoredSuggestion,
} from "./stored-call.ts";

/** Numbers reserved in the database at a time: after a crash the next process begins above them. */
const seqBlock = 1000;
/** How long an event may wait for the database before it is sent all the same. */
const maxHoldMs = 500;
const retryMs = 500;
/** Entries kept for a database that does not answer; a call of many hours stays below it. */
const maxUnsaved = 20_000;

export interface EventHead {
  readonly call_id: string;
  readonly seq: number;
}

/** Rows that an event stands for, written in one transaction with it. */
export interface EventRows {
  readonly segment?: StoredSegment;
  readonly objection?: StoredObjection;
  readonly suggestion?: StoredSuggestion;
  readonly changes?: CallChanges;
  /** Nothing of the segment as it was may stay in the stored events. */
  readonly takesOut?: boolean;
}

export interface PublishOptions extends EventRows {
  /** Interims are sent and forgotten. */
  readonly stored: boolean;
  /** Monotonic arrival of the words that caused the event; gives its `latency_ms`. */
  readonly causedAtMs?: number | null;
  readonly stage?: LatencyStage;
}

interface Entry {
  readonly event: CallEvent | null;
  readonly options: PublishOptions;
}

function withLatency<T extends { readonly latencyMs: number }>(
  row: T | undefined,
  event: CallEvent | null,
): T[] {
  if (row === undefined) return [];
  const latencyMs = event !== null && "latency_ms" in event.data ? event.data.latency_ms : undefined;
  return [latencyMs === undefined ? row : { ...row, latencyMs }];
}

export interface EventStreamOptions {
  readonly callId: string;
  /** The first number will be above it. */
  readonly lastSeq: number;
  readonly repository: CallRepository;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly fanOut: (event: CallEvent) => void;
  readonly onTrouble: (failing: boolean) => void;
}

/**
 * Numbers the call's events, writes those that last, and only then sends them, in order: what a client
 * has seen is in the database (SPEC E1 to E5). While the database fails events are sent after
 * 500 ms all the same and written when it works again.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  #lastSeq: number;
  #reservedSeq: number;
  #queue: Entry[] = [];
  #unsaved: CallWrite[] = [];
  #pumping: Promise<void> | null = null;
  #saving: Promise<void> | null = null;
  #failing = false;
  #dropped = 0;
  #closed = false;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#lastSeq = options.lastSeq;
    this.#reservedSeq = options.lastSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** `make` gets the number of the event. */
  publish(make: (head: EventHead) => CallEvent, options: PublishOptions): void {
    this.#lastSeq += 1;
    this.#push({ event: make({ call_id: this.#options.callId, seq: this.#lastSeq }), options });
  }

  /** Writes changes of the call in order with its events. */
  save(changes: CallChanges): void {
    this.#push({ event: null, options: { stored: true, changes } });
  }

  /** Resolves when everything published so far has been sent. */
  async sent(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
  }

  /** Resolves when everything sent is in the database too, or the stream was closed. */
  async saved(): Promise<void> {
    await this.sent();
    while (this.#saving !== null) await this.#saving;
  }

  /** True while something that was sent is not in the database. */
  get isBehind(): boolean {
    return this.#unsaved.length > 0;
  }

  /** Gives up what could not be saved. */
  close(): void {
    this.#closed = true;
  }

  #push(entry: Entry): void {
    this.#queue.push(entry);
    this.#pumping ??= this.#pump();
  }

  async #pump(): Promise<void> {
    // One turn later, so that an objection and its suggestion share a transaction.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const entries = this.#queue;
      this.#queue = [];
      for (const entry of entries) this.#setLatency(entry);
      const write = this.#writeOf(entries);
      if (write !== null) await this.#hold(write);
      // What was written stays as it is, so that a replay gives the very same event.
      const written = write !== null && !this.#unsaved.includes(write);
      for (const entry of entries) this.#send(entry, written && entry.options.stored);
    }
    // In the same turn as the last look at the queue: what comes next begins a new run.
    this.#pumping = null;
  }

  #writeOf(entries: readonly Entry[]): CallWrite | null {
    const stored = entries.filter((entry) => entry.options.stored);
    const highest = entries.reduce((seq, { event }) => Math.max(seq, event?.data.seq ?? 0), 0);
    const reserve = highest > this.#reservedSeq;
    if (stored.length === 0 && !reserve) return null;
    if (reserve) this.#reservedSeq = highest + seqBlock;
    // A completed call's last number replaces its reservation, so the entries' changes come later.
    const changes = stored.reduce<CallChanges>(
      (merged, entry) => ({ ...merged, ...entry.options.changes }),
      reserve ? { reservedSeq: this.#reservedSeq } : {},
    );
    const takenOut = stored.flatMap(({ options }) =>
      options.takesOut === true ? (options.segment?.segmentId ?? []) : [],
    );
    return {
      ...(takenOut.length === 0 ? {} : { takenOut }),
      callId: this.#options.callId,
      events: stored.flatMap(({ event }) => (event === null ? [] : [event])),
      segments: stored.flatMap(({ options }) => options.segment ?? []),
      objections: stored.flatMap(({ event, options }) => withLatency(options.objection, event)),
      suggestions: stored.flatMap(({ event, options }) => withLatency(options.suggestion, event)),
      changes,
    };
  }

  /** Waits for the write, but never longer than `maxHoldMs`. */
  async #hold(write: CallWrite): Promise<void> {
    if (this.#closed) return;
    if (this.#unsaved.length >= maxUnsaved) {
      this.#dropped += 1;
      this.#options.logger.error(
        { dropped: this.#dropped },
        "database away for too long; a write was given up",
      );
    } else {
      this.#unsaved.push(write);
    }
    this.#saving ??= this.#save();
    if (this.#failing) return;
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(maxHoldMs, resolve);
    });
    await Promise.race([this.#saving, patience]);
    cancel();
  }

  async #save(): Promise<void> {
    const { clock, logger, repository, telemetry, onTrouble } = this.#options;
    for (let write = this.#unsaved[0]; write !== undefined && !this.#closed; write = this.#unsaved[0]) {
      const startedMs = clock.monotonicMs();
      try {
        await repository.write(write);
      } catch (error) {
        telemetry.count("persist_retries", 1, { type: "events" });
        if (!this.#failing) {
          this.#failing = true;
          logger.error({ err: error }, "database fails; events are kept in memory and written later");
          onTrouble(true);
        }
        await new Promise<void>((resolve) => void clock.after(retryMs, resolve));
        continue;
      }
      telemetry.latency("persist", clock.monotonicMs() - startedMs);
      this.#unsaved.shift();
      if (this.#failing && this.#unsaved.length === 0) {
        this.#failing = false;
        logger.info({}, "database works again");
        onTrouble(false);
      }
    }
    this.#saving = null;
  }

  #send(entry: Entry, written: boolean): void {
    const { event, options } = entry;
    if (event === null) return;
    const latencyMs = written ? this.#latencyMs(entry) : this.#setLatency(entry);
    if (latencyMs !== null && options.stage !== undefined) {
      this.#options.telemetry.latency(options.stage, latencyMs);
    }
    this.#options.telemetry.count("events_sent", 1, { type: event.type });
    this.#options.fanOut(event);
  }

  /** Until now; null when nothing that was said caused the event. */
  #latencyMs({ event, options: { causedAtMs } }: Entry): number | null {
    if (causedAtMs === undefined || causedAtMs === null || event === null) return null;
    return Math.max(0, Math.round(this.#options.clock.monotonicMs() - causedAtMs));
  }

  /** Called before the write, so that it is stored, and when an event leaves that is not written. */
  #setLatency(entry: Entry): number | null {
    const { event } = entry;
    const latencyMs = this.#latencyMs(entry);
    if (latencyMs === null || event === null) return null;
    if ("latency_ms" in event.data || event.type === "transcript_update") {
      Object.assign(event.data, { latency_ms: latencyMs });
    }
    return latencyMs;
  }
}
