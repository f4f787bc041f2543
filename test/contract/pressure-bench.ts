import { expect } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { connectRaw, joined, type CallClient } from "./call-client.ts";
import { parseWav, patternPcm } from "./sound.ts";
import { ask, eventually, startCall } from "./server-under-test.ts";

/** The sum of the counter's series whose labels hold these words. */
export async function counted(
  server: RunningServer,
  name: string,
  ...labels: readonly string[]
): Promise<number> {
  const text = (await ask(server, "/metrics")).body.toString();
  return text
    .split("\n")
    .filter((line) => line.startsWith(`coach_${name}`) && labels.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

export const rssBytes = (server: RunningServer): Promise<number> =>
  counted(server, "process_resident_memory_bytes");

/** A call beside the bad one that must not notice. */
export async function neighbour(server: RunningServer): Promise<{ check: () => Promise<void> }> {
  const call = await startCall(server, { audio_mode: "mono", sample_rate: 8000 });
  const client = connectRaw(server, call);
  await joined(client);
  let sample = 0;
  const send = async (): Promise<void> => {
    await client.audio(sample, patternPcm(sample, 800, 1));
    sample += 800;
    await client.next("audio_ack", (ack) => ack.next_sample >= sample);
  };
  await send();
  return {
    check: async () => {
      await send();
      client.send("ping");
      await client.next("pong");
      expect(client.all("error")).toEqual([]);
      const wav = parseWav((await ask(server, `/calls/${call.call_id}/audio/mix.wav`)).body);
      expect(wav.pcm.equals(patternPcm(0, sample, 1))).toBe(true);
    },
  };
}

export async function answers(client: CallClient): Promise<void> {
  const before = client.all("pong").length;
  client.send("ping", {});
  await eventually(() => Promise.resolve(client.all("pong").length > before), "the ping is answered");
}
