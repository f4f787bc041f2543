import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { tokenReplySchema, type CallReply, type SessionStartReply } from "../../lib/contract/rest.ts";
import { connectRaw, connectSocketIo, joined, play, type CallClient } from "./call-client.ts";
import { clip, mono, recordedCall, swapped, type RecordedCall, type Sound } from "./sound.ts";
import { ask, jsonOf, readCall, startBuiltServer, startCall } from "./server-under-test.ts";

const english = recordedCall("en-short");
const spanish = recordedCall("es-short");
/** To the end of the line after the first objection. */
const clipEndMs = (spanish.lines[6]?.endMs ?? 0) + 400;
const patienceMs = 120_000;

interface Played {
  readonly call: SessionStartReply;
  readonly host: CallClient;
  readonly read: CallReply;
}

async function played(
  call: SessionStartReply,
  host: CallClient,
  sound: Sound,
  speed: number,
): Promise<Played> {
  await play(host, sound, { speed });
  host.send("stop_transcription");
  await host.next("call_completed", undefined, patienceMs);
  return { call, host, read: await readCall(server, call.call_id) };
}

let server: RunningServer;
let stereo: Played;
let observer: CallClient;
let inMono: Played;
let inRl: Played;
beforeAll(async () => {
  server = await startBuiltServer();
  const call = await startCall(server, { language: "en", title: "English call" });
  const host = connectRaw(server, call);
  const answer = await ask(server, `/calls/${call.call_id}/token`, { body: { role: "observer" } });
  await joined(host);
  observer = connectSocketIo(server, { ...call, ...jsonOf(answer, tokenReplySchema) });
  await joined(observer, { after_seq: 0 });
  stereo = await played(call, host, english.sound, 12);

  const monoCall = await startCall(server, { audio_mode: "mono" });
  const monoHost = connectSocketIo(server, monoCall);
  await joined(monoHost);
  const rlCall = await startCall(server, { stereo_layout: "RL" });
  const rlHost = connectRaw(server, rlCall);
  await joined(rlHost);
  [inMono, inRl] = await Promise.all([
    played(monoCall, monoHost, mono(spanish.sound), 10),
    played(rlCall, rlHost, swapped(clip(spanish.sound, 0, clipEndMs)), 10),
  ]);
}, 240_000);
afterAll(async () => {
  await server.stop();
});

const wordsOf = (text: string): string[] =>
  text
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

/** How many of the words that were said stand in the transcript. */
function heardShare(recorded: RecordedCall, read: CallReply, untilMs = Infinity): number {
  const said = recorded.lines.filter((line) => line.endMs <= untilMs).flatMap((line) => wordsOf(line.text));
  const heard = wordsOf(read.segments.map((segment) => segment.text).join(" "));
  const left = new Map<string, number>();
  for (const word of heard) left.set(word, (left.get(word) ?? 0) + 1);
  const found = said.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count > 0;
  });
  return found.length / said.length;
}

const confirmedTypes = (read: CallReply): string[] =>
  read.objections
    .filter((objection) => objection.status === "confirmed")
    .sort((a, b) => a.ts_ms - b.ts_ms)
    .map((objection) => objection.type);

const runs = () => [
  { name: "English stereo on /ws", recorded: english, untilMs: Infinity, ...stereo },
  { name: "Spanish mono on Socket.IO", recorded: spanish, untilMs: Infinity, ...inMono },
  { name: "Spanish RL on /ws", recorded: spanish, untilMs: clipEndMs, ...inRl },
];

describe("§1 §5 recorded calls through the sockets", () => {
  it("§5 finals hold what was said, in the order of the call", () => {
    for (const { name, recorded, read, untilMs } of runs()) {
      expect(heardShare(recorded, read, untilMs), name).toBeGreaterThan(0.85);
      const order = read.segments.map((segment) => segment.ts_ms);
      expect(order, name).toEqual([...order].sort((a, b) => a - b));
      for (const segment of read.segments) {
        expect(segment.is_final).toBe(true);
        expect(segment.text).not.toBe("");
      }
    }
  });

  it("§1 the objections of the script are confirmed, on the prospect's lines only", () => {
    for (const { name, recorded, read, untilMs } of runs()) {
      const expected = recorded.lines
        .filter((line) => line.objection !== null && line.endMs <= untilMs)
        .map((line) => line.objection);
      const said = read.objections.map((one) => `${one.ts_ms} ${one.type} ${one.status}: ${one.text}`);
      expect(confirmedTypes(read), `${name}: ${said.join("; ")}`).toEqual(expected);
      for (const objection of read.objections) {
        const segment = read.segments.find((one) => one.segment_id === objection.segment_id);
        expect(segment?.speaker, name).toBe(read.call_metadata.audio_mode === "mono" ? null : 1);
      }
    }
  });

  it("§2 speaker 0 is the rep and 1 the prospect in both layouts, null in mono", () => {
    for (const { host, name, read, recorded } of runs()) {
      const isMono = read.call_metadata.audio_mode === "mono";
      for (const update of host.all("transcript_update")) {
        expect(update.role, name).toBe(
          update.speaker === null ? "unknown" : update.speaker === 0 ? "rep" : "prospect",
        );
        if (isMono) expect(update.speaker).toBeNull();
      }
      if (isMono) continue;
      for (const segment of read.segments) {
        const share = (speaker: 0 | 1): number =>
          recorded.lines
            .filter((line) => line.speaker === speaker)
            .reduce((sum, line) => {
              const overlap = Math.min(line.endMs, segment.end_ms) - Math.max(line.startMs, segment.ts_ms);
              return sum + Math.max(0, overlap);
            }, 0);
        expect(share(segment.speaker === 0 ? 0 : 1), segment.text).toBeGreaterThan(
          share(segment.speaker === 0 ? 1 : 0),
        );
      }
    }
  });

  it("§5 every confirmed objection has a final suggestion of its type, and retracted ones none", () => {
    for (const { name, read } of runs()) {
      for (const objection of read.objections) {
        const own = read.suggestions.filter((one) => one.objection_id === objection.objection_id);
        if (objection.status === "retracted") {
          for (const one of own) expect(one.status, name).toBe("withdrawn");
          continue;
        }
        expect(own.filter((one) => one.status === "final").map((one) => one.type)).toEqual([objection.type]);
        expect(own[0]?.text.length).toBeGreaterThan(10);
      }
    }
  });

  it("§5 times are whole milliseconds of call audio, within the call, words within their segment", () => {
    for (const { host, read } of runs()) {
      const end = read.call_metadata.duration_ms;
      for (const update of host.all("transcript_update")) {
        expect(update.ts_ms).toBeLessThanOrEqual(update.end_ms);
        expect(update.end_ms).toBeLessThanOrEqual(end);
        let before = update.ts_ms;
        for (const word of update.words) {
          expect(word.ts_ms).toBeGreaterThanOrEqual(before);
          expect(word.end_ms).toBeGreaterThanOrEqual(word.ts_ms);
          expect(word.end_ms).toBeLessThanOrEqual(update.end_ms);
          before = word.ts_ms;
        }
        expect(wordsOf(update.words.map((word) => word.text).join(" "))).toEqual(wordsOf(update.text));
      }
    }
  });

  it("§5 a segment keeps its id, speaker and start; revisions grow; nothing comes after its final", () => {
    for (const { host } of runs()) {
      const seen = new Map<string, { revision: number; speaker: unknown; final: boolean }>();
      for (const update of host.all("transcript_update")) {
        const before = seen.get(update.segment_id);
        if (before !== undefined) {
          expect(before.final).toBe(false);
          expect(update.revision).toBeGreaterThan(before.revision);
          expect(update.speaker).toBe(before.speaker);
        }
        seen.set(update.segment_id, {
          revision: update.revision,
          speaker: update.speaker,
          final: update.is_final,
        });
      }
      for (const [segmentId, { final }] of seen) expect(final, segmentId).toBe(true);
    }
  });

  it("§5 evidence are UTF-16 offsets in the segment's text, and statuses only go forward", () => {
    for (const { host, read } of runs()) {
      for (const objection of read.objections.filter((one) => one.status === "confirmed")) {
        const text = read.segments.find((one) => one.segment_id === objection.segment_id)?.text ?? "";
        expect(objection.evidence.length).toBeGreaterThan(0);
        for (const { start, end } of objection.evidence) {
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(text.slice(start, end)).toMatch(/^\S.*\S$|^\S$/su);
        }
      }
      const settled = new Set<string>();
      for (const event of host.all("objection_detected")) {
        expect(settled.has(event.objection_id), "an objection changes after it is settled").toBe(false);
        if (event.status !== "provisional") settled.add(event.objection_id);
        expect(event.latency_ms).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it("§5 the observer gets the same events, seq for seq, and seq only grows", () => {
    const seqsOf = (client: CallClient): number[] =>
      client.callEvents().map((event) => ("seq" in event.data ? event.data.seq : 0));
    for (const { host } of runs()) {
      const seqs = seqsOf(host);
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    }
    expect(observer.callEvents()).toEqual(stereo.host.callEvents());
    expect(stereo.host.callEvents().length).toBeGreaterThan(20);
  });

  it("§5 a suggestion comes after its objection, and call_completed after all finals", () => {
    for (const { host } of runs()) {
      const events = host.callEvents();
      const firstOf = (id: string, type: string): number =>
        events.findIndex((event) => event.type === type && JSON.stringify(event.data).includes(`"${id}"`));
      for (const event of host.all("suggestion_ready")) {
        expect(firstOf(event.suggestion_id, "suggestion_ready")).toBeGreaterThan(
          firstOf(event.objection_id, "objection_detected"),
        );
      }
      expect(events.at(-1)?.type).toBe("call_completed");
    }
  });

  it("§5 §6 the summary counts what is stored", () => {
    for (const { host, read, recorded, untilMs } of runs()) {
      const [completed] = host.all("call_completed");
      expect(completed?.summary).toEqual(read.summary);
      expect(read.summary.total_segments).toBe(read.segments.length);
      const types = confirmedTypes(read);
      expect(read.summary.total_objections).toBe(types.length);
      const counted = Object.values(read.summary.objection_types).reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(types.length);
      expect(completed?.duration_ms).toBe(Math.round(read.next_sample / 16));
      const speech = Object.values(read.summary.speakers_time).reduce((sum, ms) => sum + ms, 0);
      const said = recorded.lines
        .filter((line) => line.endMs <= untilMs)
        .reduce((sum, line) => sum + line.endMs - line.startMs, 0);
      expect(Math.abs(speech - said) / said).toBeLessThan(0.3);
    }
  });

  it("§5 replay gives every event but interims, in order, with its first seq; after_seq skips", async () => {
    const { call, host } = stereo;
    const lasting = host
      .callEvents()
      .filter((event) => event.type !== "transcript_update" || event.data.is_final);
    const middle = lasting[Math.floor(lasting.length / 2)];
    const middleSeq = middle !== undefined && "seq" in middle.data ? middle.data.seq : 0;
    for (const after of [0, middleSeq]) {
      for (const late of [connectRaw(server, call), connectSocketIo(server, call)]) {
        await joined(late, { after_seq: after });
        expect(await late.closed).toBe(1000);
        expect(late.callEvents()).toEqual(
          lasting.filter((event) => "seq" in event.data && event.data.seq > after),
        );
      }
    }
  });

  it("§5 feedback on a suggestion of a completed call is answered, not swallowed", async () => {
    const late = connectSocketIo(server, inMono.call);
    await late.next("session_started");
    late.send("suggestion_feedback", {
      suggestion_id: inMono.read.suggestions[0]?.suggestion_id,
      verdict: "used",
    });
    const answered = await Promise.race([
      late.next("error").then((error) => error.code),
      (async () => {
        for (;;) {
          const read = await readCall(server, inMono.call.call_id);
          if (read.suggestions[0]?.feedback === "used") return "stored";
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
      })(),
    ]);
    expect(["stored", "call_completed", "wrong_state"]).toContain(answered);
  });
});
