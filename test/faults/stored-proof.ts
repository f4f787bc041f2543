import { expect } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import type { CallReply } from "../../lib/contract/rest.ts";
import { connectRaw, joined } from "../contract/call-client.ts";
import { channelOf, parseWav, type Sound } from "../contract/sound.ts";
import { ask, readCall } from "../contract/server-under-test.ts";
import type { SteadfastCaller } from "./steadfast-caller.ts";

/** Samples of the sound that the recording does not have, or has otherwise; 0 is what is promised. */
export async function samplesLost(server: RunningServer, callId: string, sound: Sound): Promise<number> {
  let lost = 0;
  for (const [view, channel] of [
    ["mic", 0],
    ["loop", 1],
  ] as const) {
    const { pcm } = parseWav((await ask(server, `/calls/${callId}/audio/${view}.wav`)).body);
    const sent = channelOf(sound, channel);
    lost += Math.max(0, pcm.length / 2 - sent.length);
    sent.forEach((value, index) => {
      if (index * 2 + 2 > pcm.length || pcm.readInt16LE(index * 2) !== value) lost += 1;
    });
  }
  return lost;
}

export interface StoredLosses {
  readonly samples: number;
  readonly events: number;
  readonly rows: number;
  readonly read: CallReply;
}

/**
 * What of all that the caller was ever sent is not in the database now: events by a replay from the start,
 * rows by REST, audio by the downloads.
 */
export async function lossesOf(
  server: RunningServer,
  caller: SteadfastCaller,
  call: { readonly call_id: string; readonly token: string },
  sound: Sound,
): Promise<StoredLosses> {
  const read = await readCall(server, call.call_id);
  const replay = connectRaw(server, call);
  await joined(replay, { after_seq: 0 });
  await replay.next("call_completed", undefined, 30_000);
  const replayed = new Map(
    replay.callEvents().map((event) => ["seq" in event.data ? event.data.seq : 0, event]),
  );
  const lasting = caller.lasting();
  const lostEvents = lasting.filter(
    (event) => JSON.stringify(replayed.get(event.data.seq)) !== JSON.stringify(event),
  );
  expect(lostEvents).toEqual([]);
  const finals = new Set(
    caller
      .of("transcript_update")
      .flatMap((one) => (one.is_final && one.text !== "" ? [one.segment_id] : [])),
  );
  const rows = new Set([
    ...read.segments.map((one) => one.segment_id),
    ...read.objections.map((one) => one.objection_id),
    ...read.suggestions.map((one) => one.suggestion_id),
  ]);
  const wanted = [
    ...finals,
    ...caller.of("objection_detected").map((one) => one.objection_id),
    ...caller.of("suggestion_ready").map((one) => one.suggestion_id),
  ];
  const lostRows = wanted.filter((id) => !rows.has(id));
  expect(lostRows).toEqual([]);
  return {
    samples: await samplesLost(server, call.call_id, sound),
    events: lostEvents.length,
    rows: lostRows.length,
    read,
  };
}
