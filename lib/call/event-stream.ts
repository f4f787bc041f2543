import type { CallEvent } from "../contract/events.ts";
import { EventWriter, type EventWriterOptions } from "./event-writer.ts";
import { maxReleaseMs, within } from "./patience.ts";
import type { LatencyStage } from "./ports.ts";
import type {
  CallChanges,
  CallWrite,
  StoredInsight,
  StoredObjection,
  StoredSegment,
  StoredSuggestion,
} from "./stored-call.ts";
import { WritePace } from "./write-pace.ts";

/** A call that has many events to send at once lets the others have their turn in between. */
const turnMs = 2;
/** Entries that may queue up behind numbers that are not granted; interims are given up beyond it. */
const maxQueued = 20_000;

export interface EventHead {
  readonly call_id: string;
  readonly seq: number;
}

/** Rows that an event stands for, written in one transaction with it. */
export interface EventRows {
  readonly segment?: StoredSegment;
  readonly objection?: StoredObjection;
  readonly suggestion?: StoredSuggestion;
  readonly insight?: StoredInsight;
  readonly changes?: CallChanges;
  readonly said?: NonNullable<CallWrite["said"]>;
  /** Nothing of the segment as it was may stay in the stored events. */
  readonly takesOut?: boolean;
}

export interface PublishOptions extends EventRows {
  /** Interims are sent and forgotten. */
  readonly stored: boolean;
  /** Monotonic arrival of the words that caused the event; gives its `latency_ms`. */
  readonly causedAtMs?: number | null;
  readonly stage?: LatencyStage;
  /** Monotonic; when the service's answer came in that caused the event. */
  readonly receivedAtMs?: number | undefined;
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

export interface EventStreamOptions extends EventWriterOptions {
  /** The first number will be above it. */
  readonly lastSeq: number;
  readonly fanOut: (event: CallEvent) => void;
}

/**
 * Numbers the call's events, writes those that last, and only then sends them, in order: what a client
 * has seen is in the database (SPEC E1 to E5). While the database fails events are sent after
 * 500 ms all the same and written when it works again.
 */
export class EventStream {
  readonly #options: EventStreamOptions;
  readonly #writer: EventWriter;
  readonly #pace: WritePace;
  #lastSeq: number;
  readonly #queue: Entry[] = [];
  #pumping: Promise<void> | null = null;
  /** Changes on their way to the database that no event waits for. */
  #saving: Promise<void> = Promise.resolve();

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.#writer = new EventWriter(options);
    this.#pace = new WritePace(options.clock);
    this.#lastSeq = options.lastSeq;
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

  /** Writes which suggestions were said, in order with the events that brought them. */
  noteSaid(said: NonNullable<CallWrite["said"]>): void {
    if (said.length > 0) this.#push({ event: null, options: { stored: true, said } });
  }

  /** Resolves when everything published so far has been sent, and changes saved so far are in the database. */
  async sent(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
    await this.#saving;
  }

  /** Resolves when everything sent is in the database too, or the stream was closed. */
  async saved(): Promise<void> {
    await this.sent();
    await this.#writer.saved();
  }

  /** True while something that was sent is not in the database. */
  get isBehind(): boolean {
    return this.#writer.isBehind;
  }

  /** Nothing more is sent; what is not in the database within `maxReleaseMs` is kept beside it for the next start. */
  async release(): Promise<void> {
    const { clock } = this.#options;
    await within(clock, maxReleaseMs, this.saved());
    await within(clock, maxReleaseMs, this.#writer.closeKeeping());
  }

  /** Gives up what could not be saved. */
  close(): void {
    this.#writer.close();
  }

  #push(entry: Entry): void {
    if (this.#queue.length >= maxQueued && !entry.options.stored) {
      this.#options.telemetry.count("interims_dropped");
      return;
    }
    this.#queue.push(entry);
    this.#pumping ??= this.#pump();
  }

  async #pump(): Promise<void> {
    // One turn later, so that an objection and its suggestion share a transaction.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const entries = this.#takeUnheld();
      const isHeld = entries.length === 0;
      if (isHeld || entries.some(({ options }) => options.stored)) await this.#pace.turn();
      if (isHeld) entries.push(...this.#queue.splice(0));
      for (const entry of entries) this.#setLatency(entry);
      const highest = entries.reduce((seq, { event }) => Math.max(seq, event?.data.seq ?? 0), 0);
      const write = this.#writeOf(entries, highest);
      if (write !== null) {
        this.#saving = this.#writer.write(write);
        if (isHeld) await this.#saving;
      }
      await this.#writer.granted(highest);
      await this.#sendInTurns(entries);
    }
    // In the same turn as the last look at the queue: what comes next begins a new run.
    this.#pumping = null;
  }

  /** What comes before the first event that is kept need not wait for the database. */
  #takeUnheld(): Entry[] {
    const kept = this.#queue.findIndex(({ event, options }) => event !== null && options.stored);
    return this.#queue.splice(0, kept === -1 ? this.#queue.length : kept);
  }

  #writeOf(entries: readonly Entry[], highest: number): CallWrite | null {
    const stored = entries.filter((entry) => entry.options.stored);
    const reservedSeq = this.#writer.reservationFor(highest);
    if (stored.length === 0 && reservedSeq === null) return null;
    // A completed call's last number replaces its reservation, so the entries' changes come later.
    const changes = stored.reduce<CallChanges>(
      (merged, entry) => ({ ...merged, ...entry.options.changes }),
      reservedSeq === null ? {} : { reservedSeq },
    );
    const takenOut = stored.flatMap(({ options }) =>
      options.takesOut === true ? (options.segment?.segmentId ?? []) : [],
    );
    // Written after all suggestions: what was said of a reply is not said of the one that took its place.
    const said = stored.flatMap(({ options }, at) =>
      (options.said ?? []).filter(
        ({ suggestionId }) =>
          !stored
            .slice(at + 1)
            .some(
              ({ options: { suggestion } }) =>
                suggestion?.suggestionId === suggestionId && suggestion.status === "final",
            ),
      ),
    );
    const insights = stored.flatMap(({ options }) => options.insight ?? []);
    return {
      ...(said.length === 0 ? {} : { said }),
      ...(takenOut.length === 0 ? {} : { takenOut }),
      ...(insights.length === 0 ? {} : { insights }),
      callId: this.#options.callId,
      events: stored.flatMap(({ event }) => (event === null ? [] : [event])),
      segments: stored.flatMap(({ options }) => options.segment ?? []),
      objections: stored.flatMap(({ event, options }) => withLatency(options.objection, event)),
      suggestions: stored.flatMap(({ event, options }) => withLatency(options.suggestion, event)),
      changes,
    };
  }

  async #sendInTurns(entries: readonly Entry[]): Promise<void> {
    let untilMs = performance.now() + turnMs;
    for (const entry of entries) {
      if (performance.now() >= untilMs) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        untilMs = performance.now() + turnMs;
      }
      this.#send(entry);
    }
  }

  #send(entry: Entry): void {
    const { event, options } = entry;
    if (event === null) return;
    // What was given to be written stays as it is, so that a replay gives the very same event.
    const latencyMs = options.stored ? this.#latencyMs(entry) : this.#setLatency(entry);
    if (latencyMs !== null && options.stage !== undefined) {
      this.#options.telemetry.latency(options.stage, latencyMs);
    }
    if (options.receivedAtMs !== undefined) {
      this.#options.telemetry.latency(
        "engine_event",
        this.#options.clock.monotonicMs() - options.receivedAtMs,
      );
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
