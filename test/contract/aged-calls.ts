import { join } from "node:path";
import Database from "libsql";

/** Makes calls of a server that does not run older by writing to its database. */
export function ageCalls(dataFolder: string, callIds: readonly string[], days: number): void {
  const database = new Database(join(dataFolder, "coach.db"));
  const older = database.prepare(
    "UPDATE calls SET started_at_ms = started_at_ms - ?, ended_at_ms = ended_at_ms - ? WHERE call_id = ?",
  );
  const ms = days * 86_400_000;
  for (const callId of callIds) older.run(ms, ms, callId);
  database.close();
}
