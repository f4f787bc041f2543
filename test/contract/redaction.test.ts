import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { type audioChannelViews, transcriptFormats } from "../../lib/contract/vocabulary.ts";
import { connectRaw, joined, play, transports, type CallClient } from "./call-client.ts";
import { channelOf, interleave, parseWav, samplesOf, type Sound } from "./sound.ts";
import { ask, eventually, listCalls, readCall, startBuiltServer, startCall } from "./server-under-test.ts";
import { writeSmallPlaybook } from "./small-playbook.ts";

/** "El número de mi tarjeta es … tres siete uno … gracias", read out in two pieces by the prospect. */
const spoken = parseWav(readFileSync(fileURLToPath(new URL("./spoken-card.wav", import.meta.url))));
/** The rep hums something quiet meanwhile, by which the other channel is known again. */
const hum = Int16Array.from({ length: samplesOf(spoken) }, (_, at) => ((at * 7) % 41) - 20);
const call: Sound = { ...spoken, channels: 2, pcm: interleave(hum, channelOf(spoken, 0)) };
const sampleRateHz = spoken.sampleRateHz;
/** The digits are spoken from here to there. */
const digitsFromMs = 3400;
const digitsToMs = 14_800;
/** Digits as the recogniser writes what is read out, and the title's; times are not written so. */
const digits = /\d, \d|3714 ?49/u;
const digitWords = /\b(?:siete|cuatro|nueve|ocho|cinco)\b/iu;
const settings = { REDACT: "card,account,email,phone,id", REDACT_AUDIO: "true", LOG_LEVEL: "trace" };

let folder: string;
let dataFolder: string;
let server: RunningServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sales-coach-redaction-"));
  dataFolder = join(folder, "data");
  const playbookPath = writeSmallPlaybook(folder);
  server = await startBuiltServer({ ...settings, DATA_DIR: dataFolder, PLAYBOOK_PATH: playbookPath });
}, 120_000);
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Ids and clock times hold digits of their own; what was said does not stand in them. */
function told(client: CallClient): string[] {
  return client.received.flatMap((message) => {
    if (message.type === "transcript_update") {
      return [message.data.text, ...message.data.words.map((word) => word.text)];
    }
    if (message.type === "objection_detected" || message.type === "suggestion_ready")
      return [message.data.text];
    return message.type === "call_completed"
      ? [...message.data.summary.top_topics, ...message.data.summary.next_steps]
      : [];
  });
}

function expectNothingOfTheCard(texts: readonly string[]): void {
  for (const text of texts) {
    expect(text).not.toMatch(/\d/u);
    expect(text).not.toMatch(digitWords);
  }
}

/** Every file of the data folder but the sound. */
function storedText(): string {
  const files = readdirSync(dataFolder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile() && !file.name.endsWith(".pcm") && file.name !== "secret")
    .map((file) => readFileSync(join(file.parentPath, file.name)).toString("latin1"))
    .join("\n");
}

async function audioOf(callId: string, view: (typeof audioChannelViews)[number]): Promise<Int16Array> {
  const answer = await ask(server, `/calls/${callId}/audio/${view}.wav`);
  expect(answer.status).toBe(200);
  return channelOf(parseWav(answer.body), 0);
}

const part = (values: Int16Array, fromMs: number, toMs: number): Int16Array =>
  values.subarray((fromMs * sampleRateHz) / 1000, (toMs * sampleRateHz) / 1000);

describe.each(transports)("a card that is read out on $name", ({ connect }) => {
  it("is in no event, no export, no search, no file, no log and no recording", async () => {
    const started = await startCall(server, {
      sample_rate: sampleRateHz,
      language: "es",
      title: "Tarjeta 3714 496353 98431",
    });
    const host = connect(server, started);
    await joined(host);
    await play(host, call, { speed: 4 });
    host.send("stop_transcription");
    await host.next("call_completed", () => true, 60_000);
    expectNothingOfTheCard(told(host));
    const finals = host.all("transcript_update").filter((update) => update.is_final);
    expect(finals.filter((update) => update.text.includes("[card]")).length).toBeGreaterThan(1);

    // A second look at the call: replay, exports, the list, search.
    const again = connectRaw(server, started);
    await joined(again, { after_seq: 0 });
    await again.next("call_completed");
    expectNothingOfTheCard(told(again));
    for (const format of transcriptFormats) {
      const body = (await ask(server, `/calls/${started.call_id}/transcript.${format}`)).body.toString();
      // Markdown escapes the brackets.
      expect(body.replaceAll("\\", "")).toContain("[card]");
      expect(body).not.toMatch(digits);
      expect(body).not.toMatch(digitWords);
    }
    const read = await readCall(server, started.call_id);
    expect(read.call_metadata.title).toBe("Tarjeta [card]");
    expect((await listCalls(server, "?q=gracias")).calls).toHaveLength(1);
    for (const word of ["siete", "cuatro", "3714", "371"]) {
      expect((await listCalls(server, `?q=${word}`)).calls).toEqual([]);
    }

    // On each channel what belongs there.
    const loop = await audioOf(started.call_id, "loop");
    expect(part(loop, digitsFromMs, digitsToMs).every((value) => value === 0)).toBe(true);
    expect(part(loop, 500, 1800).some((value) => Math.abs(value) > 500)).toBe(true);
    expect(part(loop, 16_200, 17_300).some((value) => Math.abs(value) > 500)).toBe(true);
    const mic = await audioOf(started.call_id, "mic");
    expect(Buffer.compare(Buffer.from(mic.buffer), Buffer.from(hum.buffer))).toBe(0);
    const mix = await audioOf(started.call_id, "mix");
    expect(part(mix, digitsFromMs, digitsToMs).every((value) => Math.abs(value) <= 10)).toBe(true);

    await server.stop();
    const stored = storedText();
    expect(stored).toContain("[card]");
    for (const pattern of [/4, 9, 6/u, /3, 5, 3/u, /3714 ?49/u, digitWords])
      expect(stored).not.toMatch(pattern);
    expect(server.output()).not.toMatch(/4, 9, 6|3, 5, 3|3714 4/u);
    const [journal] = readdirSync(dataFolder, { recursive: true }).filter((name) =>
      String(name).endsWith(".pcm"),
    );
    const pcm = readFileSync(join(dataFolder, String(journal)));
    const journalLoop = channelOf({ ...call, pcm }, 1);
    expect(part(journalLoop, digitsFromMs, digitsToMs).every((value) => value === 0)).toBe(true);
  }, 120_000);
});

it("a server killed right after a mark was sent has silence there when it is back", async () => {
  const started = await startCall(server, { sample_rate: sampleRateHz, language: "es" });
  const host = connectRaw(server, started);
  await joined(host);
  const playing = play(host, call, { speed: 4 });
  await host.next("transcript_update", (update) => update.is_final && update.text.includes("[card]"), 60_000);
  const died = new Promise((resolve) => server.process.once("exit", resolve));
  server.process.kill("SIGKILL");
  await died;
  await playing.catch(() => undefined);
  server = await startBuiltServer({ ...settings, DATA_DIR: dataFolder });
  const back = connectRaw(server, started);
  const { next_sample: next } = await joined(back);
  await play(back, { ...call, pcm: call.pcm.subarray(next * 4) }, { from: next, speed: 8 });
  back.send("stop_transcription");
  await back.next("call_completed", () => true, 60_000);
  const read = await eventually(() => readCall(server, started.call_id), "the call is there");
  expectNothingOfTheCard(read.segments.map((segment) => segment.text));
  const loop = await audioOf(started.call_id, "loop");
  expect(part(loop, digitsFromMs, digitsToMs).every((value) => value === 0)).toBe(true);
  expect(part(loop, 500, 1800).some((value) => Math.abs(value) > 500)).toBe(true);
}, 180_000);
