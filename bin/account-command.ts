import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CallError } from "../lib/call/errors.ts";
import type { Account } from "../lib/call/accounts.ts";
import type { PrincipalRole } from "../lib/call/principal.ts";
import { openAccountDirectory, type OpenDirectory } from "../lib/persistence/account-directory.ts";
import { migrateDatabase } from "../lib/persistence/migrate.ts";
import { ConfigError, loadConfig, loadEnvironmentFile } from "../lib/platform/config.ts";
import { createLogger } from "../lib/platform/logger.ts";

/** What was asked for is wrong: told in one sentence, with exit code 2. */
export class UsageError extends Error {}

export interface AccountArguments {
  readonly action: string;
  /** `NAME` and what follows. */
  readonly names: readonly string[];
  readonly role: PrincipalRole | null;
  readonly passwordFromStdin: boolean;
}

/** People's words go to standard error, so that what a script wants is alone on standard output. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function give(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function readArguments(args: readonly string[]): AccountArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { role: { type: "string" }, "password-stdin": { type: "boolean" } },
    });
    const [action = "", ...names] = positionals;
    const { role } = values;
    if (role !== undefined && role !== "rep" && role !== "manager") {
      throw new UsageError(`--role is rep or manager, not ${role}.`);
    }
    return {
      action,
      names,
      role: role ?? null,
      passwordFromStdin: values["password-stdin"] === true,
    };
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

/** The one name that this action needs. */
export function onlyName({ action, names }: AccountArguments): string {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new UsageError(`${action} takes one NAME.`);
  return name;
}

export function listAccounts(accounts: readonly Account[], none: string): void {
  if (accounts.length === 0) say(none);
  for (const { name, role, createdAtMs } of accounts) {
    give(`${name}\t${role}\t${new Date(createdAtMs).toISOString()}`);
  }
}

/**
 * Runs a command on the accounts of the configured database, prepared first where it is new. A server may be running
 * on it. Sets the exit code: 2 for what was asked wrongly, 1 for what could not be done.
 */
export async function runAccountCommand(
  usage: string,
  run: (directory: OpenDirectory, args: AccountArguments) => Promise<void>,
): Promise<void> {
  // A database that is made here is for this user of the machine alone.
  process.umask(0o077);
  let directory: OpenDirectory | null = null;
  try {
    const args = readArguments(process.argv.slice(2));
    if (args.action === "") throw new UsageError("Say what to do.");
    loadEnvironmentFile(".env");
    const { config } = loadConfig(process.env);
    await migrateDatabase({
      databaseUrl: config.databaseUrl,
      migrationsFolder: join(fileURLToPath(new URL("..", import.meta.url)), "prisma", "sqlite", "migrations"),
      logger: createLogger({ level: "error" }),
    });
    directory = await openAccountDirectory(config.databaseUrl);
    await run(directory, args);
    if (config.authSecret === null) {
      say(
        "AUTH_SECRET is not set: the server asks nobody to sign in until it is, and has been started again.",
      );
    }
  } catch (error) {
    if (error instanceof UsageError) {
      say(`${error.message}\n${usage}`);
      process.exitCode = 2;
    } else if (error instanceof CallError || error instanceof ConfigError) {
      const cause =
        error instanceof CallError && error.cause instanceof Error ? ` ${error.cause.message}` : "";
      say(`${error.message}${cause}`);
      process.exitCode = error instanceof CallError && error.code === "invalid" ? 2 : 1;
    } else {
      throw error;
    }
  } finally {
    await directory?.close();
  }
}
