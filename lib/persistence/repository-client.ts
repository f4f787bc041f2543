import type { CallRepository, Clock, Logger, TranscriptLibrary } from "../call/ports.ts";
import type { AuditStore, RetentionStore } from "../call/privacy-ports.ts";
import type { PlaybookStore } from "../call/playbook-ports.ts";
import type { AccountRecords } from "../call/accounts.ts";
import { databasePathOf } from "./database-url.ts";
import { ReadLane } from "./read-lane.ts";
import type { ReaderApi, StoreMethod, WriterApi } from "./store-messages.ts";
import { createStoreThread } from "./store-thread.ts";

export interface RepositoryClientOptions {
  /** The entry of the storage worker: workers/store.ts, or what it is bundled to. */
  readonly workerUrl: URL;
  /** Arguments for Node in the workers, such as `["--import", "tsx"]` from sources. */
  readonly execArgv?: readonly string[];
  /** Of a database that `migrateDatabase` has prepared. */
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long `close` lets deletions and what they leave behind go on; by default to their end. */
  readonly tidyAtCloseMs?: number;
  /** A search or a document was refused because too many were in line. */
  readonly onReadRefused?: () => void;
}

export interface RepositoryClient {
  readonly repository: CallRepository;
  readonly library: TranscriptLibrary;
  readonly retention: RetentionStore;
  readonly audit: AuditStore;
  readonly accounts: AccountRecords;
  readonly playbooks: PlaybookStore;
  /** Resolves when both workers have the database open; rejects with `CallError("storage_failed")`. */
  readonly ready: Promise<void>;
  /** What was to be written is written first; what waits to be read is refused. Idempotent. */
  close(): Promise<void>;
}

/** A flood is refused instead of being held: each is far more than live calls ever have waiting. */
const maxWaitingWrites = 20_000;
const maxWaitingReads = 2_000;
/** Of searches and documents, which anybody may ask for: see `ReadLane`. */
const searchesAtOnce = 4;
const maxWaitingSearches = 128;

/**
 * The repository on two threads of its own, so that no query holds up the event loop of live calls: one
 * writes, one reads and renders. What a write has resolved for, every later read sees.
 */
export function createRepositoryClient(options: RepositoryClientOptions): RepositoryClient {
  const databasePath = databasePathOf(options.databaseUrl);
  const shared = {
    workerUrl: options.workerUrl,
    execArgv: options.execArgv,
    clock: options.clock,
    tidyForMs: options.tidyAtCloseMs ?? null,
  };
  const writer = createStoreThread({
    ...shared,
    logger: options.logger.child({ worker: "store-writer" }),
    settings: { role: "writer", databasePath },
    maxWaiting: maxWaitingWrites,
  });
  const reader = createStoreThread({
    ...shared,
    logger: options.logger.child({ worker: "store-reader" }),
    settings: { role: "reader", databasePath },
    maxWaiting: maxWaitingReads,
  });

  const write =
    <M extends StoreMethod & keyof WriterApi>(method: M) =>
    (...args: Parameters<WriterApi[M]>) =>
      writer.ask(method, args) as ReturnType<WriterApi[M]>;
  const read =
    <M extends StoreMethod & keyof ReaderApi>(method: M) =>
    (...args: Parameters<ReaderApi[M]>) =>
      reader.ask(method, args) as ReturnType<ReaderApi[M]>;

  const lane = new ReadLane({
    atOnce: searchesAtOnce,
    maxWaiting: maxWaitingSearches,
    clock: options.clock,
    onRefused: () => {
      options.onReadRefused?.();
    },
  });
  const readInLine =
    <M extends StoreMethod & keyof ReaderApi>(method: M) =>
    (...args: Parameters<ReaderApi[M]>) =>
      lane.run<unknown>(() => reader.ask(method, args)) as ReturnType<ReaderApi[M]>;

  return {
    repository: {
      create: write("create"),
      write: write("write"),
      setFeedback: write("setFeedback"),
      delete: write("delete"),
      get: read("get"),
      load: read("load"),
      eventsAfter: read("eventsAfter"),
      search: readInLine("search"),
      unfinished: read("unfinished"),
    },
    library: { document: readInLine("document"), render: readInLine("render") },
    audit: {
      appendAudit: write("appendAudit"),
      auditEntries: read("auditEntries"),
      trimAudit: write("trimAudit"),
    },
    retention: {
      expired: read("expired"),
      countExpired: read("countExpired"),
      clockSeen: read("clockSeen"),
      saveClockSeen: write("saveClockSeen"),
    },
    accounts: {
      createRecord: write("createRecord"),
      updateRecords: write("updateRecords"),
      removeRecords: write("removeRecords"),
      findRecords: read("findRecords"),
      keyHolder: read("keyHolder"),
      principalById: read("principalById"),
    },
    playbooks: {
      listPlaybooks: read("listPlaybooks"),
      readPlaybook: read("readPlaybook"),
      playbookVersions: read("playbookVersions"),
      savePlaybook: write("savePlaybook"),
      replyOutcomes: read("replyOutcomes"),
    },
    ready: Promise.all([writer.ready, reader.ready]).then(() => undefined),
    async close() {
      // The last connection to leave folds the log into the database: that is the writer's work.
      await reader.close();
      await writer.close();
    },
  };
}
