import Libsql from "libsql";
import { CallError } from "../call/errors.ts";
import { NotBegunError, openDatabase, watchPlace, type Database } from "./database.ts";
import { isRefusal } from "./sqlite-faults.ts";

/** A database whose connection is replaced after an outage. */
export interface SteadyDatabase {
  /** The connection there is now, whichever it is. */
  readonly database: Database;
  /** Before each piece of work; rejects with `NotBegunError` while none can be done. */
  ready(): Promise<void>;
  /** What a piece of work failed with. */
  failed(error: unknown): void;
  close(): Promise<void>;
}

/**
 * A statement that met a lock or a fault of the disk is never reset by libsql, and a connection with such a
 * statement commits nothing any more ("SQL statements in progress"): the next piece of work gets another one,
 * as soon as a look from aside finds the database free.
 */
export async function openSteadyDatabase(
  databasePath: string,
  access: "write" | "read",
): Promise<SteadyDatabase> {
  let current = await openDatabase(databasePath, access, "behind them");
  const assertInPlace = watchPlace(databasePath);
  let isDoubtful = false;

  async function renew(): Promise<void> {
    try {
      lookAside(databasePath, access);
      const next = await openDatabase(databasePath, access, "behind them");
      await current.$disconnect().catch(() => undefined);
      current = next;
    } catch (cause) {
      throw new NotBegunError("The database cannot be used yet.", { cause });
    }
    isDoubtful = false;
  }

  return {
    // Work in several steps keeps the database it was given, across a renewal.
    database: new Proxy(current, {
      get: (_first, name) => {
        const value: unknown = Reflect.get(current, name);
        return typeof value === "function" ? (value.bind(current) as unknown) : value;
      },
    }),
    async ready() {
      assertInPlace();
      if (isDoubtful) await renew();
    },
    failed(error) {
      if (!(error instanceof CallError) && !isRefusal(error)) isDoubtful = true;
    },
    close: () => current.$disconnect(),
  };
}

/** Throws while the database is locked or broken. A connection of its own, because a failed one stays unusable. */
function lookAside(databasePath: string, access: "write" | "read"): void {
  const aside = new Libsql(databasePath, { timeout: 500, fileMustExist: true });
  try {
    aside.exec(access === "write" ? "BEGIN IMMEDIATE" : "BEGIN");
    aside.exec("ROLLBACK");
  } finally {
    aside.close();
  }
}
