// The audit log of the data folder, newest first, also while the server runs.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { CallError } from "../lib/call/errors.ts";
import type { AuditEntry } from "../lib/call/privacy-ports.ts";
import { callIdPattern } from "../lib/contract/vocabulary.ts";
import { readAuditLog } from "../lib/persistence/read-audit-log.ts";
import { ConfigError, loadConfig, loadEnvironmentFile } from "../lib/platform/config.ts";

const usage = `Usage: npm run -s audit -- [--call ID] [--since DATE] [--json]

Who did what with which call, newest first.
  --call   only what was done with this call, which may be deleted
  --since  only what was done since this day or time, such as 2026-11-01 or 2026-11-01T09:00Z
  --json   one JSON document a line`;

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        call: { type: "string" },
        since: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(`${usage}\n`);
      process.exit(0);
    }
    const sinceMs = values.since === undefined ? null : Date.parse(values.since);
    if (Number.isNaN(sinceMs)) return fail(`--since is a day or a time.\n\n${usage}`);
    if (values.call !== undefined && !callIdPattern.test(values.call)) {
      return fail(`--call is the id of a call.\n\n${usage}`);
    }
    return { callId: values.call ?? null, sinceMs, json: values.json };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function lineOf({ atMs, principal, action, callId, detail = {} }: AuditEntry): string {
  const who = `${principal.name === "" ? principal.id : principal.name} (${principal.role})`;
  const what = Object.entries(detail).map(([name, value]) => `${name}=${value}`);
  const at = new Date(atMs).toISOString();
  return [at, who.padEnd(24), action.padEnd(12), callId ?? "-", ...what].join("  ");
}

function jsonOf({ atMs, principal, action, callId, detail = {} }: AuditEntry): string {
  const at = new Date(atMs).toISOString();
  return JSON.stringify({ at, by: principal, action, call_id: callId, detail });
}

// Whoever reads it has seen enough, as `head` has.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

try {
  const { json, ...query } = readArguments();
  loadEnvironmentFile(".env");
  const { config } = loadConfig(process.env);
  for await (const entry of readAuditLog(config.databaseUrl, query)) {
    const line = json ? jsonOf(entry) : lineOf(entry);
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
  }
} catch (error) {
  if (!(error instanceof CallError) && !(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
