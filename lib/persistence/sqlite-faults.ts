import { NotBegunError } from "./database.ts";

/**
 * Faults of what is written, not of the database or its disk, which would be the same at any other time:
 * https://www.sqlite.org/rescode.html and Prisma's own checks of what it is given.
 */
const refusals =
  /SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG|RANGE)|constraint failed|too big|datatype mismatch|malformed JSON|PrismaClientValidationError/iu;

/** Faults of the disk or the whole database: nobody's work would do better by itself. */
const outages =
  /SQLITE_(?:BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN)|is locked|disk is full|readonly database|disk I\/O/iu;

/** The file is no database, or some of its pages are not what was written there. */
const damages =
  /SQLITE_(?:CORRUPT|NOTADB)|disk image is malformed|file is not a database|malformed database schema/iu;

/** Whether the database works and will answer the same however often it is asked. */
export function isRefusal(error: unknown): boolean {
  return says(error, refusals);
}

/** Whether every other piece of work would fail too, perhaps after waiting for the same lock. */
export function concernsAll(error: unknown): boolean {
  return error instanceof NotBegunError || says(error, outages) || isDamage(error);
}

/** Whether it takes a person to put the database right. */
export function isDamage(error: unknown): boolean {
  return says(error, damages);
}

function says(error: unknown, words: RegExp): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (words.test(`${cause.name}: ${cause.message}`)) return true;
    // What came from another thread carries its cause as words.
    if (typeof cause.cause === "string" && words.test(cause.cause)) return true;
  }
  return false;
}
