import { afterAll, beforeAll, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { AudioAck } from "../../lib/contract/client-messages.ts";
import { connectRaw, connectSocketIo, joined } from "./call-client.ts";
import { parseWav, patternPcm } from "./sound.ts";
import { ask, expectAlive, readCall, startBuiltServer, startCall } from "./server-under-test.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startBuiltServer();
}, 120_000);
afterAll(async () => {
  await server.stop();
});

const totalSeconds = 120;
const frameSamples = 8000;
const total = totalSeconds * 8000;

async function expectWhole(callId: string): Promise<void> {
  expect((await readCall(server, callId)).next_sample).toBe(total);
  const wav = parseWav((await ask(server, `/calls/${callId}/audio/mix.wav`)).body);
  expect(wav.pcm.equals(patternPcm(0, total, 1))).toBe(true);
  await expectAlive(server);
}

it("§2 /ws stops being read when more than 10 s are not durable, and nothing is lost", async () => {
  const call = await startCall(server, { audio_mode: "mono", sample_rate: 8000 });
  const client = connectRaw(server, call);
  await joined(client);
  for (let sample = 0; sample < total; sample += frameSamples) {
    void client.audio(sample, patternPcm(sample, frameSamples, 1));
  }
  client.send("stop_transcription");
  expect(await client.next("call_completed", undefined, 60_000)).toMatchObject({
    duration_ms: totalSeconds * 1000,
  });
  expect(client.all("error")).toEqual([]);
  const acks = client.all("audio_ack").map((ack) => ack.next_sample);
  expect(acks).toEqual([...acks].sort((a, b) => a - b));
  await expectWhole(call.call_id);
}, 90_000);

it("§2 Socket.IO acks backpressure, retryable, and takes the frame when it comes again", async () => {
  const call = await startCall(server, { audio_mode: "mono", sample_rate: 8000 });
  const client = connectSocketIo(server, call);
  await joined(client);
  // A minute in frames of 5 s at once is more than may wait; what is refused is sent again.
  const refusals = new Set<string>();
  let next = 0;
  while (next < total) {
    const frames = Array.from({ length: 12 }, (_, index) => next + index * 5 * 8000).filter(
      (first) => first < total,
    );
    const acks = await Promise.all(
      frames.map((first) => client.audio(first, patternPcm(first, Math.min(5 * 8000, total - first), 1))),
    );
    for (const ack of acks.filter((one): one is AudioAck => one !== null)) {
      if (ack.ok) next = Math.max(next, ack.next_sample);
      else {
        refusals.add(ack.error.code);
        expect(ack.error.retryable).toBe(true);
      }
    }
  }
  for (const code of refusals) expect(["backpressure", "audio_gap"]).toContain(code);
  client.send("stop_transcription");
  await client.next("call_completed", undefined, 60_000);
  await expectWhole(call.call_id);
}, 90_000);
