import { existsSync } from "node:fs";
import { isIPv4, isIPv6 } from "node:net";
import type { z } from "zod";
import { deepgramFaults, deepgramWarnings } from "./deepgram-faults.ts";
import { languageModelFaults, languageModelWarnings } from "./language-model-faults.ts";
import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";

type Settings = typeof settings;
type ReadSettings = {
  -readonly [K in keyof Settings]: Settings[K]["schema"] extends z.ZodType<infer T> ? T : never;
};

/** As far as the environment could be read: a setting with a fault is undefined. */
type Readings = { [K in keyof ReadSettings]: ReadSettings[K] | undefined };

export type AppConfig = Readonly<
  Omit<ReadSettings, "databaseUrl"> & {
    /** `file:PATH`. */
    databaseUrl: string;
  }
>;

export interface ConfigFault {
  readonly env: string;
  readonly message: string;
}

export interface LoadedConfig {
  readonly config: AppConfig;
  /** Settings that are accepted and do nothing in this version, one sentence each. */
  readonly warnings: readonly string[];
}

/** Every fault of the environment at once. Its message is a list for people. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(
      [
        "The configuration is not valid:",
        ...faults.map((fault) => `  ${fault.env} ${fault.message}`),
        "Every variable and its meaning is in .env.example.",
      ].join("\n"),
    );
    this.faults = faults;
  }
}

/** Reads `.env` into the process environment where it exists; what is set already stays. */
export function loadEnvironmentFile(path: string): boolean {
  if (!existsSync(path)) return false;
  process.loadEnvFile(path);
  return true;
}

export function isLoopbackAddress(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (name === "localhost") return true;
  if (isIPv4(name)) return name.startsWith("127.");
  return isIPv6(name) && new URL(`http://[${name}]`).hostname === "[::1]";
}

/**
 * Reads the environment once. Unset, empty and blank variables mean the default.
 * Throws `ConfigError` naming every fault; a value of a secret is never repeated in it.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const faults: ConfigFault[] = [];
  const fault = (env: string, message: string): void => void faults.push({ env, message });

  const pick = <T>(one: Setting<T>): T | undefined => {
    const given = env[one.env]?.trim() ?? "";
    const result = one.schema.safeParse(given === "" ? one.fallback : given);
    if (result.success) return result.data;
    for (const issue of result.error.issues) fault(one.env, issue.message);
    return undefined;
  };
  const values = Object.fromEntries(
    Object.entries<Setting<unknown>>(settings).map(([key, one]) => [key, pick(one)]),
  ) as Readings;

  for (const [name, message] of [
    ...accessFaults(values),
    ...redactionFaults(values),
    ...deepgramFaults(values, (name) => isGiven(env, name)),
    ...languageModelFaults(values),
  ])
    fault(name, message);
  if (faults.length > 0 || !isWhole(values)) throw new ConfigError(faults);

  return {
    config: {
      ...values,
      databaseUrl: values.databaseUrl ?? `file:${values.dataDir.replace(/\/+$/, "")}/coach.db`,
    },
    warnings: [...warningsOf(env, values)],
  };
}

function isWhole(values: Readings): values is ReadSettings {
  return Object.values(values).every((value) => value !== undefined);
}

type Named = readonly [env: string, message: string];

function* accessFaults(values: Readings): Generator<Named> {
  // A secret that is there but not valid has its own fault already.
  if (values.authSecret !== null) return;
  if (values.publicUrl) yield ["AUTH_SECRET", "is missing: PUBLIC_URL needs it"];
  if (values.host !== undefined && !isLoopbackAddress(values.host)) {
    yield ["AUTH_SECRET", `is missing: HOST ${values.host} can be reached from other machines`];
  }
}

function* redactionFaults(values: Readings): Generator<Named> {
  const redact = values.redact;
  if (redact === undefined) return;
  const isNothing = redact.every((what) => what === "none");
  if (!isNothing && redact.includes("none")) {
    yield ["REDACT", "names none together with something to take out: choose one"];
  }
  if (values.redactAudio === true && isNothing) {
    yield ["REDACT_AUDIO", "is true, but REDACT names nothing to take out: set REDACT too"];
  }
}

function isGiven(env: Readonly<Record<string, string | undefined>>, name: string): boolean {
  return (env[name]?.trim() ?? "") !== "";
}

function* warningsOf(
  env: Readonly<Record<string, string | undefined>>,
  values: ReadSettings,
): Generator<string> {
  const changed = (prefix: RegExp): string[] =>
    Object.values<Setting<unknown>>(settings)
      .filter((one) => prefix.test(one.env) && isGiven(env, one.env) && env[one.env]?.trim() !== one.fallback)
      .map((one) => one.env);
  yield* deepgramWarnings(values, changed(/^DEEPGRAM_/), isLoopbackAddress);
  yield* languageModelWarnings(values, changed(/^(LLM|OPENAI)_/), isLoopbackAddress);
}
