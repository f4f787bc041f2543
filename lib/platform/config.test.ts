import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ConfigError, isLoopbackAddress, loadConfig, loadEnvironmentFile } from "./config.ts";
import type { Setting } from "./setting.ts";
import { settings } from "./settings.ts";

const secret = "0123456789abcdef";

function faultsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => fault.env);
    throw error;
  }
  return [];
}

describe("the configuration", () => {
  it("has the contract's defaults in an empty environment", () => {
    const { config, warnings } = loadConfig({});
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 8000,
      publicUrl: null,
      corsOrigins: [],
      authSecret: null,
      databaseUrl: "file:./data/coach.db",
      dataDir: "./data",
      transcriber: "auto",
      language: "es",
      deepgramModel: "nova-3",
      deepgramUtteranceEndMs: 1000,
      deepgramFallbackAfterSec: 10,
      audioMode: "stereo",
      stereoLayout: "LR",
      vadEnabled: true,
      vadThreshold: null,
      useLlmFallback: false,
      llmTimeoutMs: 800,
      websocketTimeoutSec: 30,
      resumeWindowSec: 120,
      sessionTimeoutSec: 14_400,
      maxLiveCalls: null,
      consentRequired: false,
      redact: ["none"],
      retentionDays: 0,
      logLevel: "info",
    });
  });

  it("takes empty and blank variables as unset", () => {
    const blank = Object.fromEntries(Object.values(settings).map((one) => [one.env, "  "]));
    expect(loadConfig(blank)).toEqual(loadConfig({}));
  });

  it("keeps the database in the data folder unless it is told otherwise", () => {
    expect(loadConfig({ DATA_DIR: "/srv/calls" }).config.databaseUrl).toBe("file:/srv/calls/coach.db");
    expect(loadConfig({ DATA_DIR: "/srv/calls", DATABASE_URL: "file:./x.db" }).config.databaseUrl).toBe(
      "file:./x.db",
    );
  });

  it("names every fault at once and never repeats a secret", () => {
    const env = {
      PORT: "80000",
      AUTH_SECRET: "too-short",
      STEREO_LAYOUT: "lr",
      VAD_ENABLED: "maybe",
      VAD_THRESHOLD: "1",
      MAX_LIVE_CALLS: "0",
      LOG_LEVEL: "loud",
      DEEPGRAM_UTTERANCE_END_MS: "999",
      CORS_ORIGINS: "https://a.example, *",
    };
    expect(faultsOf(env).sort()).toEqual(Object.keys(env).sort());
    expect(() => loadConfig(env)).not.toThrow(/too-short/);
    expect(() => loadConfig(env)).toThrow(/PORT must be a whole number from 0 to 65535/);
  });

  it.each(["-1", "1.5", "0x10", "1e3", "12abc", "١٢"])("refuses %s as a whole number", (text) => {
    expect(faultsOf({ PORT: text })).toEqual(["PORT"]);
  });

  it.each(["true", "TRUE", "1"])("reads %s as true", (text) => {
    expect(loadConfig({ CONSENT_REQUIRED: text }).config.consentRequired).toBe(true);
  });

  it.each(["0.0.0.0", "::", "192.168.1.4", "coach.example.com", "127.0.0.1.example.com"])(
    "refuses to listen on %s without AUTH_SECRET",
    (host) => {
      expect(faultsOf({ HOST: host })).toEqual(["AUTH_SECRET"]);
      expect(faultsOf({ HOST: host, AUTH_SECRET: secret })).toEqual([]);
    },
  );

  it.each(["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "0:0:0:0:0:0:0:1"])(
    "takes %s for loopback",
    (host) => {
      expect(isLoopbackAddress(host)).toBe(true);
      expect(faultsOf({ HOST: host })).toEqual([]);
    },
  );

  it("refuses PUBLIC_URL without AUTH_SECRET and takes it without a warning", () => {
    expect(faultsOf({ PUBLIC_URL: "https://coach.example.com" })).toEqual(["AUTH_SECRET"]);
    const loaded = loadConfig({ PUBLIC_URL: "https://coach.example.com", AUTH_SECRET: secret });
    expect(loaded.config.publicUrl?.origin).toBe("https://coach.example.com");
    expect(loaded.warnings).toEqual([]);
  });

  it.each([
    "coach.example.com",
    "ftp://a.example",
    "https://u:p@a.example",
    "https://a.example/x",
    "https://a?b",
  ])("refuses %s as PUBLIC_URL", (url) => {
    expect(faultsOf({ PUBLIC_URL: url, AUTH_SECRET: secret })).toEqual(["PUBLIC_URL"]);
  });

  it.each(["*", "null", "https://a.example/", "https://a.example/x", "a.example", "https://u@a.example"])(
    "refuses %s as an origin",
    (origin) => {
      expect(faultsOf({ CORS_ORIGINS: origin })).toEqual(["CORS_ORIGINS"]);
    },
  );

  it("reads origins as browsers write them", () => {
    expect(
      loadConfig({ CORS_ORIGINS: "HTTPS://A.example:443 ,http://b.example:81" }).config.corsOrigins,
    ).toEqual(["https://a.example", "http://b.example:81"]);
  });

  it.each([["DATABASE_URL", "postgresql://localhost/coach"]])(
    "refuses %s=%s, which this version cannot do",
    (env, value) => {
      expect(faultsOf({ [env]: value })).toEqual([env]);
    },
  );

  it("reads what is to be taken out, and refuses to silence audio when that is nothing", () => {
    const { config } = loadConfig({ REDACT: "card, email", REDACT_AUDIO: "true" });
    expect(config).toMatchObject({ redact: ["card", "email"], redactAudio: true });
    expect(faultsOf({ REDACT_AUDIO: "true" })).toEqual(["REDACT_AUDIO"]);
    expect(faultsOf({ REDACT: "none,card" })).toEqual(["REDACT"]);
    expect(faultsOf({ REDACT: "names" })).toEqual(["REDACT"]);
  });
});

describe("the settings of the language model", () => {
  it("need a key, or the address of a server that wants none", () => {
    expect(faultsOf({ USE_LLM_FALLBACK: "true" })).toEqual(["OPENAI_API_KEY"]);
    expect(faultsOf({ USE_LLM_FALLBACK: "true", OPENAI_API_KEY: "sk-1234" })).toEqual([]);
    expect(faultsOf({ USE_LLM_FALLBACK: "true", OPENAI_BASE_URL: "http://127.0.0.1:11434/v1" })).toEqual([]);
  });

  it("say what they do not do, and what others can read", () => {
    expect(loadConfig({ LLM_MODEL: "small", OPENAI_API_KEY: "sk-1234" }).warnings).toEqual([
      "No effect without USE_LLM_FALLBACK=true: LLM_MODEL, OPENAI_API_KEY.",
    ]);
    const far = { USE_LLM_FALLBACK: "true", OPENAI_BASE_URL: "http://models.example/v1" };
    expect(loadConfig(far).warnings.join()).toContain("OPENAI_BASE_URL begins with http://");
    const near = { USE_LLM_FALLBACK: "true", OPENAI_BASE_URL: "http://127.0.0.1:1/v1", OPENAI_API_KEY: "k" };
    const { config, warnings } = loadConfig(near);
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({ llmModel: "gpt-4o-mini", llmTimeoutMs: 800, useLlmFallback: true });
  });
});

describe("the settings of Deepgram", () => {
  const key = "dg-0123456789abcdef";

  it.each([
    ["TRANSCRIBER", "deepgram"],
    ["LANGUAGE", "multi"],
  ])("refuse %s=%s without a key", (env, value) => {
    expect(faultsOf({ [env]: value })).toEqual([env]);
    expect(faultsOf({ [env]: value, DEEPGRAM_API_KEY: key })).toEqual([]);
  });

  it("are told to have no effect without a key, and say nothing with one", () => {
    expect(loadConfig({ DEEPGRAM_NUMERALS: "false" }).warnings).toEqual([
      "No effect without DEEPGRAM_API_KEY: DEEPGRAM_NUMERALS.",
    ]);
    const loaded = loadConfig({ DEEPGRAM_API_KEY: key, DEEPGRAM_NUMERALS: "false" });
    expect(loaded.warnings).toEqual([]);
    expect(loaded.config).toMatchObject({ deepgramApiKey: key, deepgramNumerals: false });
  });

  it.each([
    ["DEEPGRAM_MODEL", "nova-2"],
    ["DEEPGRAM_LANGUAGE", "es_ES"],
    ["DEEPGRAM_LANGUAGE", "fr"],
    ["DEEPGRAM_LANGUAGE", "es-MX"],
    ["DEEPGRAM_UTTERANCE_END_MS", "999"],
    ["DEEPGRAM_UTTERANCE_END_MS", "5001"],
    ["DEEPGRAM_ENDPOINTING", "-1"],
    ["DEEPGRAM_API_KEY", "two words"],
    ["DEEPGRAM_BASE_URL", "wss://api.deepgram.com"],
    ["DEEPGRAM_REDACT", "PCI!"],
  ])("refuse %s=%s", (env, value) => {
    expect(faultsOf({ DEEPGRAM_API_KEY: key, [env]: value })).toEqual([env]);
  });

  it.each([
    [{ DEEPGRAM_REDACT: "pci" }, "DEEPGRAM_REDACT"],
    [{ DEEPGRAM_REDACT: "numbers,ssn", DEEPGRAM_LANGUAGE: "es-419" }, "DEEPGRAM_REDACT"],
    [{ DEEPGRAM_MODEL: "nova-3-medical" }, "DEEPGRAM_MODEL"],
    [{ DEEPGRAM_LANGUAGE: "en-GB" }, "DEEPGRAM_LANGUAGE"],
    [{ DEEPGRAM_UTTERANCE_END_MS: "1500", DEEPGRAM_INTERIM_RESULTS: "false" }, "DEEPGRAM_UTTERANCE_END_MS"],
  ])("refuse %j for Spanish calls and name the setting to change", (env, name) => {
    expect(faultsOf({ DEEPGRAM_API_KEY: key, ...env })).toEqual([name]);
  });

  it.each([
    { DEEPGRAM_REDACT: "numbers" },
    { DEEPGRAM_REDACT: "pci,ssn", LANGUAGE: "en" },
    { DEEPGRAM_MODEL: "nova-3-medical", LANGUAGE: "en", DEEPGRAM_LANGUAGE: "en-US" },
    { DEEPGRAM_LANGUAGE: "es-419" },
    { DEEPGRAM_LANGUAGE: "multi" },
    { DEEPGRAM_INTERIM_RESULTS: "false" },
    { DEEPGRAM_ENDPOINTING: "0" },
  ])("take %j", (env) => {
    expect(faultsOf({ DEEPGRAM_API_KEY: key, ...env })).toEqual([]);
  });

  it("never repeat the key, and warn where it would travel in the clear", () => {
    expect(() => loadConfig({ DEEPGRAM_API_KEY: "se cret" })).not.toThrow(/cret/);
    const warnings = (url: string) =>
      loadConfig({ DEEPGRAM_API_KEY: key, DEEPGRAM_BASE_URL: url }).warnings.join("\n");
    expect(warnings("http://proxy.example:8080")).toMatch(/^DEEPGRAM_BASE_URL/);
    expect(warnings("http://proxy.example:8080")).not.toContain(key);
    expect(warnings("http://127.0.0.1:8080")).toBe("");
  });
});

describe(".env files", () => {
  const folder = mkdtempSync(join(tmpdir(), "coach-env-"));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    delete process.env.COACH_TEST_SETTING;
  });

  it("are read where they exist, and missing ones are no fault", () => {
    const path = join(folder, ".env");
    expect(loadEnvironmentFile(path)).toBe(false);
    writeFileSync(path, "COACH_TEST_SETTING=read\n");
    expect(loadEnvironmentFile(path)).toBe(true);
    expect(process.env.COACH_TEST_SETTING).toBe("read");
  });
});

describe(".env.example", () => {
  const lines = readFileSync(new URL("../../.env.example", import.meta.url), "utf8").split("\n");

  it("lists every setting in order with its meaning and default, and nothing else", () => {
    const all: readonly Setting<unknown>[] = Object.values(settings);
    expect(lines.filter((line) => /^[A-Z_]+=/.test(line))).toEqual(
      all.map((one) => `${one.env}=${one.fallback}`),
    );
    for (const one of all) {
      const at = lines.indexOf(`${one.env}=${one.fallback}`);
      let first = at;
      while (lines[first - 1]?.startsWith("# ") === true) first -= 1;
      const comment = lines
        .slice(first, at)
        .map((line) => line.slice(2))
        .join(" ");
      expect(comment).toBe(one.doc);
    }
  });

  it("is a valid configuration as it stands, the default one", () => {
    const env = Object.fromEntries(
      lines
        .filter((line) => /^[A-Z_]+=/.test(line))
        .map((line): [string, string] => [
          line.slice(0, line.indexOf("=")),
          line.slice(line.indexOf("=") + 1),
        ]),
    );
    expect(loadConfig(env)).toEqual(loadConfig({}));
  });
});
