import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { tokenReplySchema, type SessionStartReply } from "../../lib/contract/rest.ts";
import { joined, play, transports, type CallClient } from "./call-client.ts";
import { clip, recordedCall, samplesOf } from "./sound.ts";
import { ask, jsonOf, readCall, startBuiltServer, startCall } from "./server-under-test.ts";

const spanish = recordedCall("es-short");
const objecting = spanish.lines[5];
if (objecting?.objection !== "price") throw new Error("the recorded call has changed");
/** The price objection of the prospect, alone. */
const price = clip(spanish.sound, objecting.startMs - 600, objecting.endMs + 900);

let server: RunningServer;
beforeAll(async () => {
  server = await startBuiltServer();
}, 120_000);
afterAll(async () => {
  await server.stop();
});

async function observerOf(call: SessionStartReply): Promise<SessionStartReply> {
  const answer = await ask(server, `/calls/${call.call_id}/token`, { body: { role: "observer" } });
  return { ...call, ...jsonOf(answer, tokenReplySchema) };
}

const seqsOf = (client: CallClient): number[] =>
  client.callEvents().map((event) => ("seq" in event.data ? event.data.seq : 0));

describe.each(transports)("spoken in real time on $name", ({ connect }) => {
  it("§5 interims, a provisional objection and its suggestion come while the words are spoken", async () => {
    const call = await startCall(server);
    const host = connect(server, call);
    await joined(host);
    const playing = play(host, price, { speed: 1 });

    const interim = await host.next("transcript_update", (update) => !update.is_final);
    expect(interim).toMatchObject({ speaker: 1, role: "prospect" });
    // Who joins now is shown the open segment with a number of its own, then what everybody gets.
    const late = connect(server, await observerOf(call));
    const { last_seq: lastSeq } = await joined(late, { after_seq: 0 });
    const shown = await late.next("transcript_update");
    expect(shown).toMatchObject({ segment_id: interim.segment_id, is_final: false });
    expect(shown.seq).toBeGreaterThan(lastSeq);

    await playing;
    const final = await host.next("transcript_update", (update) => update.is_final);
    expect(final).toMatchObject({ segment_id: interim.segment_id, speaker: 1 });
    expect(final.revision).toBeGreaterThan(interim.revision);
    const confirmed = await host.next("objection_detected", (one) => one.status === "confirmed");
    expect(confirmed).toMatchObject({ type: "price", speaker: 1, segment_id: final.segment_id });
    for (const objection of host.all("objection_detected")) {
      expect(objection.objection_id).toBe(confirmed.objection_id);
    }
    const suggestion = await host.next("suggestion_ready");
    expect(suggestion).toMatchObject({
      objection_id: confirmed.objection_id,
      type: "price",
      status: "final",
    });

    host.send("suggestion_feedback", { suggestion_id: suggestion.suggestion_id, verdict: "used" });
    host.send("suggestion_feedback", { suggestion_id: suggestion.suggestion_id, verdict: "dismissed" });
    host.send("stop_transcription");
    await host.next("call_completed");
    await late.next("call_completed");
    const { length } = late.callEvents().filter((event) => "seq" in event.data && event.data.seq > shown.seq);
    expect(late.callEvents().slice(-length)).toEqual(host.callEvents().slice(-length));
    for (const client of [host, late]) {
      const seqs = seqsOf(client);
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    }
    const read = await readCall(server, call.call_id);
    expect(read.suggestions.map((one) => one.feedback)).toEqual(["dismissed"]);
    expect(read.segments[0]).toMatchObject({
      objection_type: "price",
      suggestion_text: suggestion.text,
    });
  });
});

it("§5 with the coach off there is transcript and recording only, until it is on again", async () => {
  const call = await startCall(server, { coach_enabled: false });
  const [{ connect }] = transports;
  const host = connect(server, call);
  expect(await joined(host)).toMatchObject({ coach_enabled: false });
  await play(host, price, { speed: 8 });
  const silent = await host.next("transcript_update", (update) => update.is_final && update.text !== "");
  host.send("toggle_coach", { enabled: true });
  await host.next("coach_changed");
  await play(host, price, { from: samplesOf(price), speed: 8 });
  const objection = await host.next("objection_detected", (one) => one.status === "confirmed");
  expect(objection.segment_id).not.toBe(silent.segment_id);
  host.send("stop_transcription");
  const completed = await host.next("call_completed");
  expect(completed.summary).toMatchObject({ total_objections: 1, objection_types: { price: 1 } });
});
