import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { ServerMessage } from "../../lib/contract/events.ts";
import type { CallReply, SessionStartReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, joined, play, type CallClient } from "./call-client.ts";
import { channelOf, clip, parseWav, patternPcm, recordedCall, samplesOf } from "./sound.ts";
import {
  ask,
  eventually,
  readCall,
  startBuiltServer,
  startCall,
  withoutExportTime,
} from "./server-under-test.ts";

const spanish = recordedCall("es-short").sound;
const before = clip(spanish, 17_000, 24_000);
const after = clip(spanish, 26_500, 31_500);

let dataFolder: string;
let server: RunningServer;
const start = (until: "warm" | "listening" = "warm") =>
  startBuiltServer({ DATA_DIR: dataFolder, RESUME_WINDOW_SEC: "12" }, { until });
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "sales-coach-restart-"));
  server = await start();
}, 120_000);
afterAll(async () => {
  await server.stop();
  await rm(dataFolder, { recursive: true, force: true });
});

async function kill(): Promise<void> {
  const dead = new Promise((resolve) => server.process.once("exit", resolve));
  server.process.kill("SIGKILL");
  await dead;
  await server.stop();
}

const seqOf = (message: ServerMessage): number => ("seq" in message.data ? message.data.seq : 0);
const lasting = (client: CallClient): ServerMessage[] =>
  client.callEvents().filter((event) => event.type !== "transcript_update" || event.data.is_final);

describe("§2 §5 the server is killed in the middle of a call", () => {
  let call: SessionStartReply;
  let lonely: SessionStartReply;
  let empty: SessionStartReply;
  let done: SessionStartReply;
  let doneBefore: CallReply;
  let first: CallClient;
  let firstEvents: ServerMessage[];
  let acked: number;
  beforeAll(async () => {
    [call, lonely, empty, done] = await Promise.all([
      startCall(server, { title: "Se cae" }),
      startCall(server),
      startCall(server),
      startCall(server),
    ]);
    const over = connectSocketIo(server, done);
    await joined(over);
    await over.audio(0, patternPcm(0, 1600));
    over.send("stop_transcription");
    await over.next("call_completed");
    doneBefore = await readCall(server, done.call_id);
    const other = connectSocketIo(server, lonely);
    await joined(other);
    await other.audio(0, patternPcm(0, 3200));

    first = connectSocketIo(server, call);
    await joined(first);
    acked = await play(first, before, { speed: 8 });
    await first.next("suggestion_ready");
    firstEvents = first.callEvents();
    await kill();
    // From now on the window is open, however long the recogniser takes to load.
    server = await start("listening");
  }, 200_000);

  it("§2 §5 resumes under the same id and token, with every durable sample and no seq used twice", async () => {
    const again = connectRaw(server, call);
    const started = await joined(again, { after_seq: 0 });
    expect(started).toMatchObject({ call_id: call.call_id, state: "waiting", role: "host" });
    expect(started.next_sample).toBe(acked);
    const highest = Math.max(...firstEvents.map(seqOf));
    expect(started.last_seq).toBeGreaterThanOrEqual(highest);

    await play(again, after, { speed: 8 });
    again.send("stop_transcription");
    const completed = await again.next("call_completed", undefined, 60_000);
    expect(completed).toMatchObject({
      reason: "stopped",
      duration_ms: Math.round((acked + samplesOf(after)) / 16),
    });

    // What was sent before comes again under its number, and nothing else does.
    const known = new Map(lasting(first).map((event) => [seqOf(event), event]));
    expect(known.size).toBeGreaterThan(2);
    const resent = again.callEvents().filter((event) => seqOf(event) <= highest);
    expect(resent).toEqual([...known.values()]);
    const seqs = again.callEvents().map(seqOf);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));

    const read = await readCall(server, call.call_id);
    expect(read.next_sample).toBe(acked + samplesOf(after));
    const types = read.objections.filter((one) => one.status === "confirmed").map((one) => one.type);
    expect(types).toEqual(["price", "competitor"]);
    const text = read.segments.map((segment) => segment.text.toLowerCase()).join(" ");
    expect(text.match(/presupuesto/g)).toHaveLength(1);
    expect(text).toContain("otro proveedor");
    expect(read.call_metadata.audio_marks.length).toBeGreaterThanOrEqual(2);

    for (const [view, channel] of [
      ["mic", 0],
      ["loop", 1],
    ] as const) {
      const wav = parseWav((await ask(server, `/calls/${call.call_id}/audio/${view}.wav`)).body);
      const sent = [...channelOf(before, channel), ...channelOf(after, channel)];
      expect(Buffer.compare(wav.pcm, Buffer.from(Int16Array.from(sent).buffer))).toBe(0);
    }
  }, 90_000);

  it("§5 a completed call is as it was", async () => {
    const read = await readCall(server, done.call_id);
    expect(withoutExportTime(read)).toEqual(withoutExportTime(doneBefore));
  });

  it("§5 a call whose host does not come back is completed as interrupted; one without audio is deleted", async () => {
    const read = await eventually(async () => {
      const now = await readCall(server, lonely.call_id);
      return now.status === "completed" && now;
    }, "the call is completed");
    expect(read).toMatchObject({ next_sample: 3200, call_metadata: { completion_reason: "interrupted" } });
    await eventually(
      async () => (await ask(server, `/calls/${empty.call_id}`)).status === 404,
      "the empty call is deleted",
    );
  });

  it("§5 SIGTERM ends a live call as shutdown, with 1000 or 1001, and it is stored", async () => {
    const live = await startCall(server);
    const host = connectRaw(server, live);
    await joined(host);
    await host.audio(0, patternPcm(0, 1600));
    await host.next("audio_ack");
    await server.stop();
    expect(server.process.exitCode).toBe(0);
    expect([1000, 1001]).toContain(await host.closed);
    server = await start();
    const read = await readCall(server, live.call_id);
    expect(read).toMatchObject({ status: "completed", next_sample: 1600 });
    expect(read.call_metadata.completion_reason).toBe("shutdown");
  }, 60_000);
});
