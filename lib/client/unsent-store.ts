import { openDB, type DBSchema, type IDBPDatabase } from "idb";

/** What the browser keeps of a call that is not over: how to be its host again, and how it stands. */
export interface KeptCall {
  readonly callId: string;
  /** Kept as it came; whoever reads it parses it. */
  readonly seat: unknown;
  /**
   * Audio from this sample on was captured before the server had said where the call stands: its place
   * may still move. Null when every place is certain.
   */
  readonly uncertainFrom: number | null;
  /** The person has ended the call; what is left has to be delivered, then the stop. */
  readonly isStopAsked: boolean;
  /** The sample after the newest one known to be captured. */
  readonly endSample: number;
  /** Bytes of audio kept here, to keep all calls together below a bound. */
  readonly audioBytes: number;
  readonly touchedAtMs: number;
}

export interface KeptAudio {
  readonly callId: string;
  readonly firstSample: number;
  readonly pcm: Uint8Array;
}

export interface AudioWrite {
  readonly call: KeptCall;
  /** Whole pieces that begin before this sample are durable or given up, and go. */
  readonly dropBefore: number;
  readonly add: { readonly firstSample: number; readonly pcm: Uint8Array } | null;
}

/** Where unsent audio outlives the page. Every method rejects when the browser refuses storage. */
export interface UnsentStore {
  load(callId: string): Promise<{ readonly call: KeptCall; readonly audio: readonly KeptAudio[] } | null>;
  /** All or nothing. Sent off before it returns, so that it also counts in a page that is being closed. */
  write(write: AudioWrite): Promise<void>;
  /** Moves every piece from `from` on by `shift` samples and notes the call as `call`. */
  move(call: KeptCall, from: number, shift: number): Promise<void>;
  forget(callId: string): Promise<void>;
  list(): Promise<readonly KeptCall[]>;
}

interface UnsentSchema extends DBSchema {
  calls: { key: string; value: KeptCall };
  audio: { key: [string, number]; value: KeptAudio };
}

const databaseName = "sales-coach-unsent";

/** The audio of one call, by its first samples. */
function piecesOf(callId: string, from = 0, before = Infinity): IDBKeyRange {
  return IDBKeyRange.bound([callId, from], [callId, before], false, true);
}

/** IndexedDB: it survives a reload, a crashed tab and the browser's own end. */
export class IndexedDbUnsentStore implements UnsentStore {
  readonly #name: string;
  #database: Promise<IDBPDatabase<UnsentSchema>> | null = null;
  #opened: IDBPDatabase<UnsentSchema> | null = null;

  constructor(name = databaseName) {
    this.#name = name;
  }

  async load(callId: string): ReturnType<UnsentStore["load"]> {
    const transaction = (await this.#open()).transaction(["calls", "audio"]);
    const [call, audio] = await Promise.all([
      transaction.objectStore("calls").get(callId),
      transaction.objectStore("audio").getAll(piecesOf(callId)),
    ]);
    return call === undefined ? null : { call, audio };
  }

  async write({ call, dropBefore, add }: AudioWrite): Promise<void> {
    // Without a wait in between when it is open: a closing page gets no second chance.
    const database = this.#opened ?? (await this.#open());
    const transaction = database.transaction(["calls", "audio"], "readwrite", { durability: "relaxed" });
    const audio = transaction.objectStore("audio");
    const requests: Promise<unknown>[] = [];
    if (dropBefore > 0) requests.push(audio.delete(piecesOf(call.callId, 0, dropBefore)));
    if (add !== null)
      requests.push(audio.put({ callId: call.callId, ...add }, [call.callId, add.firstSample]));
    requests.push(transaction.objectStore("calls").put(call, call.callId));
    transaction.commit();
    await Promise.all([...requests, transaction.done]);
  }

  async move(call: KeptCall, from: number, shift: number): Promise<void> {
    const transaction = (await this.#open()).transaction(["calls", "audio"], "readwrite");
    const audio = transaction.objectStore("audio");
    const moving = await audio.getAll(piecesOf(call.callId, from));
    await audio.delete(piecesOf(call.callId, 0));
    for (const piece of moving) {
      const firstSample = piece.firstSample + shift;
      await audio.put({ ...piece, firstSample }, [call.callId, firstSample]);
    }
    await transaction.objectStore("calls").put(call, call.callId);
    await transaction.done;
  }

  async forget(callId: string): Promise<void> {
    const transaction = (await this.#open()).transaction(["calls", "audio"], "readwrite");
    await transaction.objectStore("audio").delete(piecesOf(callId));
    await transaction.objectStore("calls").delete(callId);
    await transaction.done;
  }

  async list(): Promise<readonly KeptCall[]> {
    return (await this.#open()).getAll("calls");
  }

  #open(): Promise<IDBPDatabase<UnsentSchema>> {
    this.#database ??= openDB<UnsentSchema>(this.#name, 1, {
      upgrade: (database) => {
        database.createObjectStore("calls");
        database.createObjectStore("audio");
      },
      // Another tab brings a newer version of it: do not stand in its way.
      blocking: () => {
        this.#opened?.close();
        this.#letGo();
      },
      terminated: () => {
        this.#letGo();
      },
    }).then(
      (database) => {
        this.#opened = database;
        return database;
      },
      (error: unknown) => {
        this.#letGo();
        throw error;
      },
    );
    return this.#database;
  }

  #letGo(): void {
    this.#database = null;
    this.#opened = null;
  }
}
