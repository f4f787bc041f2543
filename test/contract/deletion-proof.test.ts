import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { SessionStartReply } from "../../lib/contract/rest.ts";
import { ageCalls } from "./aged-calls.ts";
import { connectSocketIo, joined, play } from "./call-client.ts";
import { audioTraces, ownWords, wordTraces } from "./data-traces.ts";
import { clip, patternPcm, recordedCall, type Sound } from "./sound.ts";
import { ask, eventually, readCall, startBuiltServer, startCall } from "./server-under-test.ts";
import { writeSmallPlaybook } from "./small-playbook.ts";

const spanish = recordedCall("es-short").sound;
const english = recordedCall("en-short").sound;

let folder: string;
let dataFolder: string;
let playbookPath: string;
let server: RunningServer;
const start = (settings: Readonly<Record<string, string>> = {}) =>
  startBuiltServer({
    DATA_DIR: dataFolder,
    PLAYBOOK_PATH: playbookPath,
    RESUME_WINDOW_SEC: "600",
    ...settings,
  });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sales-coach-deletion-"));
  dataFolder = join(folder, "data");
  playbookPath = writeSmallPlaybook(folder);
  server = await start();
}, 120_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function kill(): Promise<void> {
  const dead = new Promise((resolve) => server.process.once("exit", resolve));
  server.process.kill("SIGKILL");
  await dead;
  await server.stop();
}

interface Trace {
  readonly callId: string;
  /** Typed and spoken, and in no other call. */
  words: string[];
  readonly sounds: readonly Buffer[];
}

/** Loud pieces of the recording as they lie in a file. */
function piecesOf(sound: Sound): Buffer[] {
  return [0.2, 0.4, 0.6, 0.8].map((share) => {
    const from = Math.floor((sound.pcm.length * share) / 4) * 4;
    let at = from;
    while (at < sound.pcm.length - 64 && Math.abs(sound.pcm.readInt16LE(at)) < 2000) at += 4;
    return sound.pcm.subarray(at, at + 64);
  });
}

async function spokenCall(name: string, language: "es" | "en", sound: Sound): Promise<Trace> {
  const call = await startCall(server, {
    language,
    title: `zqtitulo${name} Ñandú${name}`,
    customer: { name: `zqpersona${name}`, company: `zqempresa${name}` },
    consent: { obtained: true, method: "verbal", note: `zqpermiso${name}` },
  });
  const host = connectSocketIo(server, call);
  await joined(host);
  await play(host, sound, { speed: 20 });
  host.send("stop_transcription");
  await host.next("call_completed", undefined, 90_000);
  await ask(server, `/calls/${call.call_id}`, { method: "PATCH", body: { notes: `zqnota${name} apuntada` } });
  // Whatever an export or a search leaves behind has to go, too.
  for (const format of ["txt", "json", "srt", "vtt", "csv", "md"]) {
    await ask(server, `/calls/${call.call_id}/transcript.${format}`);
  }
  expect((await ask(server, `/calls/${call.call_id}/audio/mix.wav`)).status).toBe(200);
  expect((await ask(server, `/calls?q=zqtitulo${name}`)).body.toString()).toContain(call.call_id);
  const words = [
    ...["titulo", "persona", "empresa", "permiso", "nota"].map((what) => `zq${what}${name}`),
    `Ñandú${name}`,
  ];
  return { callId: call.call_id, words, sounds: piecesOf(sound) };
}

async function expectNothingOf(trace: Trace): Promise<void> {
  // In a large store the answer comes before the last pass over the files; here it is a matter of moments.
  await eventually(
    async () =>
      (await wordTraces(dataFolder, trace.words)).length === 0 &&
      (await audioTraces(dataFolder, trace.sounds)) === 0,
    "every trace of the call goes",
    30_000,
  ).catch(async (error: unknown) => {
    throw new Error(`left: ${(await wordTraces(dataFolder, trace.words)).join(", ")}`, { cause: error });
  });
  expect((await ask(server, `/calls/${trace.callId}`)).status).toBe(404);
  expect(server.output()).not.toContain(trace.words[0]);
}

async function expectAllOf(trace: Trace): Promise<void> {
  expect(await wordTraces(dataFolder, trace.words)).toEqual(trace.words);
  expect(await audioTraces(dataFolder, trace.sounds)).toBe(trace.sounds.length);
}

describe("§3 §8 what is deleted is gone from every byte of the data folder", () => {
  let asked: Trace;
  let expired: Trace;
  let kept: Trace;
  let waiting: SessionStartReply;

  beforeAll(async () => {
    asked = await spokenCall("pedida", "es", clip(spanish, 17_000, 27_000));
    expired = await spokenCall("caducada", "en", clip(english, 12_000, 24_000));
    kept = await spokenCall("guardada", "es", clip(spanish, 2000, 9000));
    const texts = await Promise.all(
      [asked, expired, kept].map(async ({ callId }) => {
        const { segments, suggestions } = await readCall(server, callId);
        return [...segments, ...suggestions].map(({ text }) => text).join("\n");
      }),
    );
    // The playbook stays whatever is deleted: its words tell nothing of a call.
    const playbook = (await ask(server, "/playbooks/default/export.json")).body.toString();
    for (const [index, trace] of [asked, expired, kept].entries()) {
      const others = [playbook, ...texts.filter((_text, other) => other !== index)].join("\n");
      const spoken = ownWords(texts[index] ?? "", others);
      expect(spoken.length).toBeGreaterThan(3);
      trace.words = [...trace.words, ...spoken];
    }
    await server.stop();
    server = await start();
    waiting = await startCall(server, { title: "En espera" });
    const host = connectSocketIo(server, waiting);
    await joined(host);
    await host.audio(0, patternPcm(0, 1600));
  }, 300_000);

  it("every word and sound is found before, so that not finding them means something", async () => {
    for (const trace of [asked, expired, kept]) await expectAllOf(trace);
  });

  it("a call deleted by request leaves nothing, and the others stay whole", async () => {
    expect((await ask(server, `/calls/${asked.callId}`, { method: "DELETE" })).status).toBe(204);
    await expectNothingOf(asked);
    await expectAllOf(expired);
    await expectAllOf(kept);
  }, 60_000);

  it("a call past RETENTION_DAYS leaves nothing, and one that was under way until now is not touched", async () => {
    await kill();
    ageCalls(dataFolder, [expired.callId, waiting.call_id], 3);
    server = await start({ RETENTION_DAYS: "1" });
    await expectNothingOf(expired);
    // So long a call has reached its time limit: it ended now, and its days begin now.
    const open = await readCall(server, waiting.call_id);
    expect(open.call_metadata).toMatchObject({ title: "En espera", duration_ms: 100 });
    await expectAllOf(kept);
    expect((await ask(server, `/calls?q=zqtituloguardada`)).body.toString()).toContain(kept.callId);
    const metrics = (await ask(server, "/metrics")).body.toString();
    expect(metrics).toMatch(/^coach_calls_deleted_total\{reason="retention"\} 1$/mu);
  }, 180_000);

  it("the audit log still knows what was done with them, and none of their words", async () => {
    for (const [trace, by] of [
      [asked, "local"],
      [expired, "retention"],
    ] as const) {
      const reply = await ask(server, `/audit?call_id=${trace.callId}`);
      expect(reply.status).toBe(200);
      const { entries } = JSON.parse(reply.body.toString()) as {
        entries: { action: string; by: { id: string } }[];
      };
      expect(entries[0]).toMatchObject({ action: "audit_read", by: { id: "local" } });
      expect(entries[1]).toMatchObject({ action: "deleted", by: { id: by } });
      const actions = [
        "audit_read",
        "deleted",
        "started",
        "consented",
        "hosted",
        "changed",
        "exported",
        "listened",
        "read",
      ];
      expect([...new Set(entries.map(({ action }) => action))].sort()).toEqual(actions.sort());
      expect(reply.body.toString()).not.toMatch(/zq|verbal/u);
    }
  });
});
