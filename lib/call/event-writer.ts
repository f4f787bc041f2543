import { CallError } from "./errors.ts";
import { within } from "./patience.ts";
import type { CallRepository, Clock, Logger, Telemetry } from "./ports.ts";
import type { UnsavedWrites } from "./unsaved.ts";
import type { CallWrite } from "./stored-call.ts";

/** Numbers reserved in the database at a time: after a crash the next process begins above them. */
const seqBlock = 10_000;
/** The next block is asked for when fewer are left: so many events may come while the database is away. */
const seqMargin = 5_000;
/** How long an event may wait for the database before it is sent all the same. */
const maxHoldMs = 500;
/** And how much longer for the file beside it, before it is sent with nothing but memory behind it. */
const maxKeepMs = 5000;
const retryMs = 500;
/** Writes kept in memory for a database that does not answer; a call of many hours stays below it. */
const maxUnsaved = 20_000;

export interface EventWriterOptions {
  readonly callId: string;
  /** Numbers up to it are reserved in the database. */
  readonly reservedSeq: number;
  readonly repository: CallRepository;
  readonly unsaved: UnsavedWrites;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly onTrouble: (failing: boolean) => void;
  /** The database works and does not take an entry: it is set aside for good. */
  readonly onRefused: () => void;
}

/** A call's first block of numbers, written when it is created. */
export const firstReservedSeq = seqBlock;

/** What a recovered call's numbers are reserved up to. */
export function reservedAfter(reservedSeq: number): number {
  return reservedSeq + seqBlock;
}

/**
 * Writes a call's events and changes, in order (SPEC E2 to E4). While the database fails or
 * keeps a write waiting they are kept in a file beside it, and in memory, and written when it works again.
 */
export class EventWriter {
  readonly #options: EventWriterOptions;
  #unsaved: CallWrite[] = [];
  #saving: Promise<void> | null = null;
  /** What is on its way to the file beside the database, in order. */
  #keeping: Promise<void> = Promise.resolve();
  #kept = false;
  #keepFails = false;
  /** Writes are kept beside the database as they come, because it does not answer or says no. */
  #beside = false;
  #failing = false;
  #refusals = 0;
  #closed = false;
  /** Asked for, and granted: no number above the latter may be sent. */
  #reservedSeq: number;
  #grantedSeq: number;
  #waitingForNumbers: (() => void)[] = [];

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#reservedSeq = options.reservedSeq;
    this.#grantedSeq = options.reservedSeq;
  }

  /** True while something that was sent is not in the database. */
  get isBehind(): boolean {
    return this.#unsaved.length > 0;
  }

  /** The reservation to write with events up to `seq`, or null when enough numbers are left. */
  reservationFor(seq: number): number | null {
    if (seq + seqMargin <= this.#reservedSeq) return null;
    this.#reservedSeq = seq + seqBlock;
    return this.#reservedSeq;
  }

  /** Resolves when it is in the database or beside it, and after `maxHoldMs` and `maxKeepMs` at the latest. */
  async write(write: CallWrite): Promise<void> {
    if (this.#closed) return;
    if (this.#unsaved.length >= maxUnsaved) {
      this.#options.telemetry.count("persist_refused");
      this.#options.logger.error({}, "database away for too long; a write was given up");
      return;
    }
    this.#unsaved.push(write);
    const saving = (this.#saving ??= this.#save());
    const { clock } = this.#options;
    if (this.#beside) this.#keep([write]);
    else {
      if (await within(clock, maxHoldMs, saving)) return;
      // It may only be slow: whoever is told of the event now must find it after the death of the process.
      this.#keepBeside();
    }
    await within(clock, maxKeepMs, Promise.race([this.#keeping, saving]));
  }

  /** Resolves when numbers up to `seq` may be sent: the next process will begin above them. */
  async granted(seq: number): Promise<void> {
    while (seq > this.#grantedSeq && !this.#closed) {
      await new Promise<void>((resolve) => this.#waitingForNumbers.push(resolve));
    }
  }

  /** Resolves when everything is in the database, or the writer was closed. */
  async saved(): Promise<void> {
    while (this.#saving !== null && !this.#closed) await this.#saving;
  }

  /** Tries no longer. What is in the file is written at the next start. */
  close(): void {
    this.#closed = true;
    this.#letGo();
  }

  /** The same, with everything that is not in the database kept beside it first. */
  async closeKeeping(): Promise<void> {
    if (this.#unsaved.length > 0) this.#keepBeside();
    this.close();
    await this.#keeping;
  }

  async #save(): Promise<void> {
    const { clock, repository, telemetry } = this.#options;
    for (;;) {
      const [write] = this.#unsaved;
      if (this.#closed) break;
      if (write === undefined) {
        // What came meanwhile would be forgotten: the last look and the end are one turn.
        if ((await this.#caughtUp()) && this.#unsaved.length === 0) break;
        continue;
      }
      const startedMs = clock.monotonicMs();
      try {
        await repository.write(write);
      } catch (error) {
        await this.#failed(write, error);
        continue;
      }
      telemetry.latency("persist", clock.monotonicMs() - startedMs);
      this.#unsaved.shift();
      this.#grant(write);
    }
    this.#saving = null;
  }

  /** True when nothing is left to write and the file beside the database is gone. */
  async #caughtUp(): Promise<boolean> {
    const { clock, logger, unsaved, callId } = this.#options;
    if (!this.#beside) return true;
    await this.#keeping;
    if (this.#kept) {
      try {
        await unsaved.clear(callId);
        this.#kept = false;
      } catch (error) {
        // Left there it would be written once more at the next start, over what is newer.
        logger.warn({ err: error }, "kept writes could not be removed yet");
        await new Promise<void>((resolve) => void clock.after(retryMs, resolve));
        return false;
      }
    }
    if (this.#unsaved.length > 0) return false;
    this.#beside = false;
    this.#keepFails = false;
    if (!this.#failing) return true;
    this.#failing = false;
    logger.info({}, "database works again");
    this.#options.onTrouble(false);
    return true;
  }

  async #failed(write: CallWrite, error: unknown): Promise<void> {
    const { clock, logger, telemetry, onTrouble } = this.#options;
    telemetry.count("persist_retries", 1, { type: "events" });
    if (isRefusal(error)) {
      await this.#refused(write, error);
      return;
    }
    if (!this.#failing) {
      this.#failing = true;
      logger.error({ err: error }, "database fails; events are kept beside it and written later");
      this.#keepBeside();
      onTrouble(true);
    }
    await new Promise<void>((resolve) => void clock.after(retryMs, resolve));
  }

  /** One entry that the database will never take must not hold up the others. */
  async #refused(write: CallWrite, error: unknown): Promise<void> {
    const { logger, telemetry, unsaved, onRefused } = this.#options;
    const pieces = piecesOf(write);
    if (pieces.length > 1) {
      this.#unsaved.splice(0, 1, ...pieces);
      return;
    }
    this.#refusals += 1;
    telemetry.count("persist_refused");
    logger.error({ err: error, refused: this.#refusals }, "the database refuses an entry; it is set aside");
    await unsaved.setAside(write).catch((cause: unknown) => {
      logger.error({ err: cause }, "a refused entry could not be set aside");
    });
    this.#unsaved.shift();
    if (this.#refusals === 1) onRefused();
  }

  #keepBeside(): void {
    if (this.#beside) return;
    this.#beside = true;
    this.#keep([...this.#unsaved]);
  }

  #keep(writes: readonly CallWrite[]): void {
    this.#keeping = this.#keeping.then(async () => {
      for (const write of writes) {
        // After one that was not kept, later ones alone would be a story with a hole.
        if (this.#keepFails) return;
        try {
          await this.#options.unsaved.keep(write);
          this.#kept = true;
          this.#grant(write);
        } catch (error) {
          this.#keepFails = true;
          this.#options.logger.error({ err: error }, "writes could not be kept beside the database either");
        }
      }
    });
  }

  #grant(write: CallWrite): void {
    const { reservedSeq } = write.changes;
    if (reservedSeq === undefined || reservedSeq <= this.#grantedSeq) return;
    this.#grantedSeq = reservedSeq;
    this.#letGo();
  }

  #letGo(): void {
    for (const resolve of this.#waitingForNumbers.splice(0)) resolve();
  }
}

/** The database answered, and will answer the same when it is asked again. */
function isRefusal(error: unknown): boolean {
  return error instanceof CallError && (error.refused || error.code === "call_not_found");
}

/** A write in parts that can be taken one by one; the reservation of numbers first. */
function piecesOf(write: CallWrite): CallWrite[] {
  const { callId } = write;
  const nothing: CallWrite = {
    callId,
    events: [],
    segments: [],
    objections: [],
    suggestions: [],
    changes: {},
  };
  return [
    ...(Object.keys(write.changes).length > 0 ? [{ ...nothing, changes: write.changes }] : []),
    ...write.segments.map((segment) => ({ ...nothing, segments: [segment] })),
    ...write.objections.map((objection) => ({ ...nothing, objections: [objection] })),
    ...write.suggestions.map((suggestion) => ({ ...nothing, suggestions: [suggestion] })),
    ...(write.said ?? []).map((said) => ({ ...nothing, said: [said] })),
    ...(write.insights ?? []).map((insight) => ({ ...nothing, insights: [insight] })),
    ...write.events.map((event) => ({ ...nothing, events: [event] })),
  ];
}
