import { CallRecognition, type CallWork } from "./call-recognition.ts";
import type { ListenerSettings } from "./channel-listener.ts";
import { ranAway, withoutLoops } from "./decoded-text.ts";
import { decodeKinds } from "./heard-utterance.ts";
import type { FromRecognizer, ToRecognizer } from "./recognizer-messages.ts";
import { modelRateHz } from "./resampler.ts";
import type { SpeechDecoder, VoiceActivity } from "./sherpa.ts";
import type { SpokenLanguage } from "./speech-models.ts";

/**
 * Silence after the audio: without it the model repeats itself on words that are cut off. Measured on
 * recorded calls cut every 0.47 s: wrong words in interims 18 % without, 6 % with it (es), 29 % and 10 % (en).
 */
const interimTailSamples = modelRateHz / 2;
const finalTailSamples = 0.3 * modelRateHz;

/** While there are live calls, one that catches up gets a decode at least this often, if not more. */
const catchUpEveryMs = 1000;

export interface RecognitionPoolOptions {
  /**
   * Decodes that run at the same time; with more than one, one is kept free of interims, and while there are
   * live calls half of them of what catches up.
   */
  readonly decodes: number;
  readonly settings: ListenerSettings;
  readonly decoder: (language: SpokenLanguage) => Promise<SpeechDecoder>;
  readonly createVoiceActivity: (threshold: number) => VoiceActivity;
  readonly nowMs: () => number;
  readonly send: (message: FromRecognizer) => void;
}

/**
 * Shares the decoders among all calls: finals first, then what may become a final, then interims; among
 * equals the call that has waited longest, and of one call what was said first. A call that is behind because its
 * audio comes faster than it is spoken, or was left by a server that died, comes after all that live calls want:
 * nobody waits for its words.
 */
export class RecognitionPool {
  readonly #options: RecognitionPoolOptions;
  readonly #calls = new Map<number, CallRecognition>();
  /** Voice activity models of calls that are over, by threshold. */
  readonly #idleVoices = new Map<number, VoiceActivity[]>();
  #running = 0;
  #runningInterims = 0;
  #runningCatchUps = 0;
  #lastCatchUpMs = -Infinity;
  #listening = false;

  constructor(options: RecognitionPoolOptions) {
    this.#options = options;
  }

  /** Makes models for this many channels ready, so that opening a call costs nothing. */
  prepareVoices(threshold: number, channels: number): void {
    const idle = this.#idleVoices.get(threshold) ?? [];
    while (idle.length < channels) idle.push(this.#options.createVoiceActivity(threshold));
    this.#idleVoices.set(threshold, idle);
  }

  open(open: Extract<ToRecognizer, { type: "open" }>): void {
    this.prepareVoices(open.voiceThreshold, open.channels.length);
    const voices = this.#idleVoices.get(open.voiceThreshold)?.splice(0, open.channels.length) ?? [];
    const { settings, send } = this.#options;
    this.#calls.set(open.streamId, new CallRecognition({ open, voices, settings, send }));
  }

  audio(streamId: number, pcm: Uint8Array): void {
    this.#calls.get(streamId)?.accept(pcm, this.#options.nowMs());
    this.#listen();
  }

  finish(streamId: number): void {
    this.#calls.get(streamId)?.finish();
    this.#listen();
  }

  close(streamId: number): void {
    const call = this.#calls.get(streamId);
    if (call === undefined) return;
    this.#calls.delete(streamId);
    for (const voice of call.voices) {
      voice.reset();
      this.#idleVoices.get(call.voiceThreshold)?.push(voice);
    }
  }

  /** Judges the waiting audio a slice of each call at a time, with the event loop in between. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    setImmediate(() => {
      this.#listening = false;
      let more = false;
      for (const call of this.#calls.values()) {
        if (call.canListen()) call.listen(this.#options.nowMs());
        more ||= call.canListen();
        this.#forgetFinished(call);
      }
      this.#decodeNext();
      if (more) this.#listen();
    });
  }

  #forgetFinished(call: CallRecognition): void {
    if (call.finished) this.close(call.streamId);
  }

  #decodeNext(): void {
    while (this.#running < this.#options.decodes) {
      const work = this.#mostUrgent();
      if (work === null) return;
      const interims = work.kind === "interim" ? 1 : 0;
      const nowMs = this.#options.nowMs();
      const catchUps = work.call.isCatchingUp(nowMs) ? 1 : 0;
      if (catchUps > 0) this.#lastCatchUpMs = nowMs;
      this.#running += 1;
      this.#runningInterims += interims;
      this.#runningCatchUps += catchUps;
      void this.#decode(work).finally(() => {
        this.#running -= 1;
        this.#runningInterims -= interims;
        this.#runningCatchUps -= catchUps;
        this.#forgetFinished(work.call);
        this.#listen();
      });
    }
  }

  #mostUrgent(): CallWork | null {
    const { decodes } = this.#options;
    const nowMs = this.#options.nowMs();
    const calls = [...this.#calls.values()];
    const hasLive = calls.some((call) => call.isLive(nowMs));
    const interimsFull = this.#runningInterims >= Math.max(1, decodes - 1);
    const half = Math.max(1, Math.floor(decodes / 2));
    const catchUpIsDue = nowMs - this.#lastCatchUpMs >= catchUpEveryMs;
    // Decodes at the same time slow each other down, so that what can wait begins where little is going on.
    const catchUpsFull = this.#runningCatchUps >= half || (this.#running >= half && !catchUpIsDue);
    const all = calls.flatMap((call) => {
      const isBehind = hasLive && call.isCatchingUp(nowMs);
      if (isBehind && catchUpsFull) return [];
      return call.wanted(nowMs).flatMap((work) => {
        if (work.kind === "interim" && interimsFull) return [];
        const rank = decodeKinds.indexOf(work.kind);
        const turn = catchUpIsDue ? decodeKinds.indexOf("interim") - 0.5 : decodeKinds.length;
        return [{ work, rank: isBehind ? turn : rank }];
      });
    });
    all.sort(
      (a, b) =>
        a.rank - b.rank ||
        a.work.call.lastServed - b.work.call.lastServed ||
        a.work.utterance.startSample - b.work.utterance.startSample ||
        b.work.overdueMs - a.work.overdueMs,
    );
    return all[0]?.work ?? null;
  }

  async #decode(work: CallWork): Promise<void> {
    const { call, utterance, endSample, kind } = work;
    const { send, nowMs } = this.#options;
    const begunMs = nowMs();
    call.lastServed = begunMs;
    const dropped = utterance.began(endSample, begunMs);
    if (dropped > 0) send({ type: "interims_dropped", count: dropped });
    if (call.isGivenUp(utterance)) {
      call.read(work, "");
      return;
    }
    const told = { streamId: call.streamId, utteranceId: utterance.id, isFinal: kind !== "interim" };
    send({ type: "decoding", ...told, ms: 0 });
    try {
      const text = await this.#textOf(call.language, call.audioOf(work), kind !== "interim");
      if (this.#calls.get(call.streamId) === call) call.read(work, text);
      send({ type: "decoded", ...told, ms: nowMs() - begunMs });
    } catch (cause) {
      utterance.failed(endSample);
      throw cause;
    }
  }

  async #textOf(language: SpokenLanguage, audio: Float32Array, careful: boolean): Promise<string> {
    const decoder = await this.#options.decoder(language);
    const decoded = await decoder.decode(padded(audio, 0, careful ? finalTailSamples : interimTailSamples));
    const seconds = audio.length / modelRateHz;
    if (!careful || !ranAway(decoded, seconds)) return withoutLoops(decoded.text);
    // Silence before it leads the model out of most loops.
    return withoutLoops((await decoder.decode(padded(audio, modelRateHz / 2, modelRateHz / 2))).text);
  }
}

function padded(audio: Float32Array, before: number, after: number): Float32Array {
  const samples = new Float32Array(before + audio.length + after);
  samples.set(audio, before);
  return samples;
}
