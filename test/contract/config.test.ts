import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startBuiltServer } from "./server-under-test.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Starts the built server with settings that are not right, and waits for its end. */
async function refusedStart(
  settings: Readonly<Record<string, string>>,
): Promise<{ code: number | null; text: string; files: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "sales-coach-config-"));
  try {
    const child = spawn(process.execPath, ["dist/server.js"], {
      cwd: root,
      env: { PATH: process.env.PATH, NODE_ENV: "production", PORT: "0", DATA_DIR: folder, ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    }
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    clearTimeout(timer);
    return { code, text, files: await readdir(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("§8 the environment", () => {
  it("§8 every fault is named at once, then exit 1, and nothing was written", async () => {
    const wrong = {
      PORT: "70000",
      PUBLIC_URL: "not a url",
      CORS_ORIGINS: "*",
      TRANSCRIBER: "whisper",
      LANGUAGE: "fr",
      AUDIO_MODE: "5.1",
      STEREO_LAYOUT: "XY",
      VAD_ENABLED: "perhaps",
      VAD_THRESHOLD: "7",
      USE_LLM_FALLBACK: "true",
      LLM_TIMEOUT_MS: "soon",
      WEBSOCKET_TIMEOUT_SEC: "0",
      RESUME_WINDOW_SEC: "-1",
      SESSION_TIMEOUT_SEC: "1h",
      MAX_LIVE_CALLS: "0",
      CONSENT_REQUIRED: "2",
      REDACT: "everything",
      RETENTION_DAYS: "-3",
      LOG_LEVEL: "loud",
      DEEPGRAM_ENDPOINTING: "x",
    };
    const { code, text, files } = await refusedStart(wrong);
    expect(code).toBe(1);
    for (const name of Object.keys(wrong)) expect(text).toContain(name);
    expect(files).toEqual([]);
  });

  it.each([
    ["HOST", { HOST: "0.0.0.0" }, "AUTH_SECRET"],
    ["PUBLIC_URL", { PUBLIC_URL: "https://coach.example.com" }, "AUTH_SECRET"],
    ["a short secret", { AUTH_SECRET: "short" }, "AUTH_SECRET"],
    ["LANGUAGE multi", { LANGUAGE: "multi" }, "LANGUAGE"],
    ["CORS_ORIGINS with *", { CORS_ORIGINS: "https://a.example, *" }, "CORS_ORIGINS"],
    ["a playbook that is not there", { PLAYBOOK_PATH: "/nonexistent/playbook.json" }, "playbook"],
  ])("§4 §8 %s is refused with exit 1 and its name", async (_what, settings, name) => {
    const { code, text } = await refusedStart(settings);
    expect(code).toBe(1);
    expect(text.toLowerCase()).toContain(name.toLowerCase());
    expect(text).not.toContain("short");
  });

  it("§8 an empty value means the default, and one process owns a data folder", async () => {
    const server = await startBuiltServer({ LANGUAGE: "", AUDIO_MODE: "", CORS_ORIGINS: "", HOST: "" });
    try {
      expect(new URL(server.url).hostname).toBe("127.0.0.1");
      const second = await refusedStart({ DATA_DIR: server.dataFolder });
      expect(second.code).toBe(1);
      expect(second.text).toContain(server.dataFolder);
      expect((await fetch(`${server.url}/calls`)).status).toBe(200);
    } finally {
      await server.stop();
    }
  }, 60_000);
});
