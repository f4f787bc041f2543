import type { MessagePort } from "node:worker_threads";
import { CallError } from "../call/errors.ts";
import type { TranscriptLibrary } from "../call/ports.ts";
import { openCallReader, type CallReader } from "./call-reader.ts";
import { openCallWriter } from "./call-writer.ts";
import { isRefusal } from "./sqlite-faults.ts";
import type {
  ReaderApi,
  StoreMethod,
  StoreReply,
  StoreRequest,
  StoreWorkerSettings,
  WriterApi,
} from "./store-messages.ts";

export interface StoreWorkerOptions {
  readonly port: MessagePort;
  readonly settings: StoreWorkerSettings;
  /** Renders what the reader loads, on this thread. */
  readonly library: (reader: CallReader) => TranscriptLibrary;
}

/** The inside of a storage worker: answers requests until it is told to close. */
export async function serveStore({ port, settings, library }: StoreWorkerOptions): Promise<void> {
  const send = (reply: StoreReply, transfer: readonly ArrayBuffer[] = []) => {
    port.postMessage(reply, transfer);
  };
  const store = await openStore(settings, library, (message) => {
    send({ kind: "warning", message });
  });
  const answering = new Set<Promise<void>>();
  port.on("message", (request: StoreRequest) => {
    if (!("id" in request)) {
      const { tidyForMs } = request;
      const outOfTime =
        tidyForMs === null
          ? undefined
          : setTimeout(() => {
              store.abandonTidying();
            }, tidyForMs);
      // What was to be written is written first; nobody waits for what was to be read.
      const closed =
        settings.role === "reader" ? store.close() : Promise.all(answering).then(() => store.close());
      void Promise.all([closed, ...answering]).finally(() => {
        clearTimeout(outOfTime);
        port.close();
      });
      return;
    }
    const answered = store.call(request.method, request.args).then(
      (value) => {
        send({ kind: "result", id: request.id, value }, transferable(value));
      },
      (error: unknown) => {
        send(errorReply(request.id, error));
      },
    );
    answering.add(answered);
    void answered.finally(() => answering.delete(answered));
  });
  send({ kind: "ready" });
}

interface OpenStore {
  call(method: StoreMethod, args: readonly unknown[]): Promise<unknown>;
  abandonTidying(): void;
  close(): Promise<void>;
}

async function openStore(
  { role, databasePath }: StoreWorkerSettings,
  library: (reader: CallReader) => TranscriptLibrary,
  warn: (message: string) => void,
): Promise<OpenStore> {
  if (role === "writer") {
    const writer = await openCallWriter(databasePath, warn);
    return {
      call: caller(writer satisfies WriterApi),
      abandonTidying: () => {
        writer.abandonTidying();
      },
      close: () => writer.close(),
    };
  }
  const reader = await openCallReader(databasePath);
  return {
    call: caller({ ...reader, ...library(reader) } satisfies ReaderApi),
    abandonTidying: () => undefined,
    close: () => reader.close(),
  };
}

function caller(api: object): OpenStore["call"] {
  // The only sender is `createRepositoryClient`, whose methods have the types of this very interface.
  const methods = new Map(
    Object.entries(api) as [string, (...args: readonly unknown[]) => Promise<unknown>][],
  );
  return async (method, args) => {
    const run = methods.get(method);
    if (run === undefined) throw new CallError("internal", `This worker does not know ${method}.`);
    return run(...args);
  };
}

/** The bytes of a rendered document move to the other thread instead of being copied. */
function transferable(value: unknown): readonly ArrayBuffer[] {
  if (typeof value !== "object" || value === null || !("body" in value)) return [];
  const { body } = value;
  if (!(body instanceof Uint8Array) || !(body.buffer instanceof ArrayBuffer)) return [];
  // A small Buffer is a piece of a pool that others use.
  return body.byteLength === body.buffer.byteLength ? [body.buffer] : [];
}

function errorReply(id: number, error: unknown): StoreReply {
  if (error instanceof CallError) {
    const cause = error.cause === undefined ? null : describe(error.cause);
    const { code, issues, message, refused } = error;
    return { kind: "error", id, code, message, cause, issues, refused };
  }
  const message = "The database could not do what was asked.";
  return {
    kind: "error",
    id,
    code: "storage_failed",
    message,
    cause: describe(error),
    issues: undefined,
    refused: isRefusal(error),
  };
}

/** Prisma's messages end with the database's own words; parameters, which hold what was said, are not in them. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const cause = error.cause instanceof Error ? `; ${error.cause.message.trim().slice(-300)}` : "";
  return `${error.name}: ${error.message.trim().slice(-300)}${cause}`;
}
