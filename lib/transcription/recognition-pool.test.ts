import { describe, expect, it } from "vitest";
import { RecognitionPool } from "./recognition-pool.ts";
import { listenerSettings } from "./recognizer.ts";
import type { ChannelResume, FromRecognizer, RecognizedUtterance } from "./recognizer-messages.ts";
import type { Decoded, VoiceActivity } from "./sherpa.ts";

const rateHz = 16_000;
const frameMs = 100;

/** Any sound is voice. */
function loudness(): VoiceActivity {
  return { hearsVoice: (window) => window.some((value) => Math.abs(value) > 0.1), reset: () => undefined };
}

interface PendingDecode {
  readonly samples: Float32Array;
  readonly answer: (text: string) => Promise<void>;
}

/** A pool whose clock and decoder stand still until the test moves them. */
function createRig(decodes = 1) {
  const sent: FromRecognizer[] = [];
  const pending: PendingDecode[] = [];
  let nowMs = 0;
  const settle = async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  const pool = new RecognitionPool({
    decodes,
    settings: listenerSettings,
    decoder: () =>
      Promise.resolve({
        decode: (samples) =>
          new Promise<Decoded>((resolve) => {
            const entry: PendingDecode = {
              samples,
              answer: async (text) => {
                pending.splice(pending.indexOf(entry), 1);
                resolve({ text, tokens: text.split(" ") });
                await settle();
              },
            };
            pending.push(entry);
          }),
      }),
    createVoiceActivity: loudness,
    nowMs: () => nowMs,
    send: (message) => sent.push(message),
  });
  return {
    sent,
    pending,
    settle,
    open: (streamId: number, resume: Partial<ChannelResume> = {}, givenUp: readonly string[] = []) => {
      pool.open({
        type: "open",
        streamId,
        language: "es",
        sampleRateHz: rateHz,
        firstSample: 0,
        channels: [{ settledSample: 0, shown: [], ...resume }],
        voiceThreshold: 0.5,
        givenUp,
      });
    },
    finish: async (streamId: number) => {
      pool.finish(streamId);
      await settle();
    },
    /** Frames of a tone (`voice`) or of silence, one every 100 ms of the clock, or all at once. */
    say: async (streamId: number, ms: number, voice: boolean, atOnce = false) => {
      for (let spoken = 0; spoken < ms; spoken += frameMs) {
        if (!atOnce) nowMs += frameMs;
        const samples = (rateHz * frameMs) / 1000;
        const pcm = new DataView(new ArrayBuffer(samples * 2));
        if (voice) for (let i = 0; i < samples; i++) pcm.setInt16(i * 2, 12_000 * Math.sin(i / 5), true);
        pool.audio(streamId, new Uint8Array(pcm.buffer));
        if (!atOnce) await settle();
      }
      await settle();
    },
    /** Short utterances with pauses between them, as fast as they can be sent. */
    sayInPieces: async function (streamId: number, pieces: number) {
      for (let piece = 0; piece < pieces; piece++) {
        await this.say(streamId, 1000, true, true);
        await this.say(streamId, 1000, false, true);
      }
    },
    said: (streamId: number): RecognizedUtterance[] =>
      sent.flatMap((message) =>
        message.type === "utterance" && message.streamId === streamId ? [message.utterance] : [],
      ),
    answerAll: async (text: string) => {
      while (pending.length > 0) await pending[0]?.answer(text);
    },
  };
}

describe("the recognition pool", () => {
  it("decodes a final before the interims of another call", async () => {
    const rig = createRig();
    rig.open(1);
    rig.open(2);
    await rig.say(1, 1000, true);
    expect(rig.pending).toHaveLength(1);
    await rig.say(2, 1000, true);
    await rig.say(1, 1000, false);
    await rig.pending[0]?.answer("uno");
    await rig.pending[0]?.answer("uno dos");
    expect(rig.said(1).map(({ isFinal, text }) => [isFinal, text])).toEqual([
      [false, "uno"],
      [true, "uno dos"],
    ]);
    expect(rig.said(2)).toEqual([]);
  });

  it("gives a live call all that it wants before the finals of one that is sent faster than it is spoken", async () => {
    const rig = createRig();
    rig.open(1);
    rig.open(2);
    await rig.sayInPieces(1, 5);
    await rig.say(2, 800, true);
    // Its first final is under way, and another one is due; more wait.
    await rig.pending[0]?.answer("uno");
    await rig.pending[0]?.answer("dos");
    await rig.pending[0]?.answer("al vuelo");
    expect(rig.said(1)).toHaveLength(2);
    expect(rig.said(2)).toMatchObject([{ isFinal: false, text: "al vuelo" }]);
  });

  it("still serves the fast call, once a second if nothing else is left for it", async () => {
    const rig = createRig();
    rig.open(1);
    rig.open(2);
    rig.open(3);
    await rig.sayInPieces(1, 30);
    // Two people who never stop, and a decoder that needs all the time there is for them.
    for (let spoken = 0; spoken < 10_000; spoken += 400) {
      for (const talker of [2, 3, 2, 3]) await rig.say(talker, 100, true);
      await rig.pending[0]?.answer(`hasta ${String(spoken)}`);
    }
    const finals = rig.said(1).length;
    expect(finals).toBeGreaterThanOrEqual(8);
    expect(finals).toBeLessThanOrEqual(12);
    expect(Math.min(rig.said(2).length, rig.said(3).length)).toBeGreaterThan(5);
  });

  it("leaves half of the decoders to live calls, and all of them to the fast call when there are none", async () => {
    const rig = createRig(2);
    rig.open(1);
    await rig.sayInPieces(1, 5);
    expect(rig.pending).toHaveLength(2);
    rig.open(2);
    await rig.say(2, 500, true);
    await rig.pending[0]?.answer("uno");
    await rig.pending[0]?.answer("dos");
    expect(rig.pending).toHaveLength(1);
    await rig.say(2, 200, true);
    expect(rig.pending).toHaveLength(2);
    await rig.pending[1]?.answer("al vuelo");
    expect(rig.said(2)).toMatchObject([{ isFinal: false, text: "al vuelo" }]);
  });

  it("makes what it read at the pause the final when nothing more is said, without decoding again", async () => {
    const rig = createRig();
    rig.open(1);
    await rig.say(1, 500, true);
    await rig.say(1, 300, false);
    await rig.answerAll("no, gracias");
    expect(rig.said(1).every(({ isFinal }) => !isFinal)).toBe(true);
    await rig.say(1, 500, false);
    expect(rig.pending).toHaveLength(0);
    expect(rig.said(1).at(-1)).toMatchObject({ isFinal: true, text: "no, gracias" });
  });

  it("keeps one decoder free of interims", async () => {
    const rig = createRig(2);
    rig.open(1);
    rig.open(2);
    await rig.say(1, 1500, true);
    await rig.say(2, 1500, true);
    expect(rig.pending).toHaveLength(1);
    await rig.say(2, 800, false);
    expect(rig.pending).toHaveLength(2);
  });

  it("counts the interims that it gave up", async () => {
    const rig = createRig();
    rig.open(1);
    rig.open(2);
    await rig.say(1, 1000, true);
    await rig.pending[0]?.answer("uno");
    await rig.say(2, 3000, true);
    await rig.say(1, 2000, true);
    await rig.answerAll("dos");
    const dropped = rig.sent.flatMap((message) =>
      message.type === "interims_dropped" ? [message.count] : [],
    );
    expect(dropped.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(3);
  });

  it("shows no interims of audio that comes faster than it was spoken", async () => {
    const rig = createRig();
    rig.open(1);
    await rig.say(1, 4000, true, true);
    await rig.say(1, 1000, false, true);
    await rig.say(1, 4000, true, true);
    await rig.finish(1);
    await rig.answerAll("todo");
    expect(rig.said(1).map(({ isFinal, text }) => [isFinal, text])).toEqual([
      [true, "todo"],
      [true, "todo"],
    ]);
    expect(rig.sent).toContainEqual({ type: "finished", streamId: 1 });
  });

  it("listens no further than a few finals ahead of the decoder, and misses nothing", async () => {
    const rig = createRig();
    rig.open(1);
    for (let i = 0; i < 8; i++) {
      await rig.say(1, 600, true, true);
      await rig.say(1, 800, false, true);
    }
    await rig.finish(1);
    const consumed = rig.sent.flatMap((message) =>
      message.type === "progress" ? [message.consumedSample] : [],
    );
    expect(consumed.at(-1)).toBeLessThan(7 * rateHz);
    await rig.answerAll("sí");
    expect(rig.said(1)).toHaveLength(8);
    expect(rig.sent).toContainEqual({ type: "finished", streamId: 1 });
  });

  it("ends empty what it showed and what comes to nothing, and says nothing of a mere noise", async () => {
    const rig = createRig();
    rig.open(1);
    await rig.say(1, 1000, true);
    await rig.pending[0]?.answer("mm");
    await rig.say(1, 1000, false);
    await rig.answerAll("");
    await rig.say(1, 300, true);
    await rig.say(1, 1000, false);
    await rig.answerAll("");
    const said = rig.said(1);
    expect(said.map(({ isFinal, text }) => [isFinal, text])).toEqual([
      [false, "mm"],
      [true, ""],
    ]);
    expect(new Set(said.map(({ utteranceId }) => utteranceId)).size).toBe(1);
  });

  it("goes on under the ids that another recogniser had shown, and does not hear what had its final", async () => {
    const rig = createRig();
    rig.open(1, { settledSample: 2 * rateHz, shown: [{ utteranceId: "0-shown", startSample: 2 * rateHz }] });
    await rig.say(1, 1000, true, true);
    await rig.say(1, 1000, false, true);
    await rig.say(1, 1000, true, true);
    await rig.finish(1);
    await rig.answerAll("sigo");
    expect(rig.said(1).map(({ utteranceId, text }) => [utteranceId, text])).toEqual([["0-shown", "sigo"]]);
  });

  it("ends empty the shown utterance of another recogniser that it does not find", async () => {
    const rig = createRig();
    rig.open(1, { shown: [{ utteranceId: "0-gone", startSample: 5 }] });
    await rig.say(1, 500, false, true);
    await rig.finish(1);
    expect(rig.said(1)).toMatchObject([{ utteranceId: "0-gone", isFinal: true, text: "" }]);
  });

  it("does not decode again an utterance that killed recognisers", async () => {
    const rig = createRig();
    rig.open(1, { shown: [{ utteranceId: "0-deadly", startSample: 0 }] }, ["0-deadly"]);
    await rig.say(1, 1000, true, true);
    await rig.finish(1);
    expect(rig.pending).toHaveLength(0);
    expect(rig.said(1)).toMatchObject([{ utteranceId: "0-deadly", isFinal: true, text: "" }]);
  });
});
