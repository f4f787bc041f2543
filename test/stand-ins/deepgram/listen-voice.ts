import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelMessage } from "./channel-segmenter.ts";
import type { FaultBoard } from "./faults.ts";
import { errorFrame, resultFrame, speechStartedFrame, utteranceEndFrame } from "./listen-messages.ts";
import type { ListenRequest } from "./listen-query.ts";
import type { Chance } from "./seeded-chance.ts";
import { outputChannels } from "./word-source.ts";

export interface ListenVoiceOptions {
  readonly request: ListenRequest;
  readonly requestId: string;
  readonly faults: FaultBoard;
  readonly chance: Chance;
  readonly say: (type: string, frame: string) => void;
}

/** Puts messages into frames and sends them: at once, or as late as the faults of the time will have it. */
export class ListenVoice {
  isMute = false;
  readonly #options: ListenVoiceOptions;
  /** By channel: what is still to be sent, in order. */
  readonly #sending: Promise<void>[] = [];
  /** UtteranceEnds that wait for the next turn. */
  readonly #lateEnds = new Map<number, string>();
  #results = 0;
  #waiting = 0;

  constructor(options: ListenVoiceOptions) {
    this.#options = options;
  }

  tell(channel: number, message: ChannelMessage): void {
    const { faults, request, requestId } = this.#options;
    const channels = outputChannels(request);
    switch (message.type) {
      case "result": {
        this.#results += 1;
        if (this.#results % (faults.now.errorEvery ?? Infinity) === 0)
          this.#send(
            channel,
            "Error",
            errorFrame("InternalError", "Something went wrong; the stream goes on."),
          );
        this.#send(channel, "Results", resultFrame(message, channel, request, requestId));
        const lateEnd = this.#lateEnds.get(channel);
        if (lateEnd !== undefined && message.words.length > 0) {
          this.#lateEnds.delete(channel);
          this.#send(channel, "UtteranceEnd", lateEnd);
        }
        break;
      }
      case "utterance_end": {
        const mode = faults.now.utteranceEnds;
        const lastWordEndMs = mode === "minus_one" ? null : message.lastWordEndMs;
        const frame = utteranceEndFrame(lastWordEndMs, channel, channels);
        if (mode === "late") this.#lateEnds.set(channel, frame);
        else this.#send(channel, "UtteranceEnd", frame);
        break;
      }
      case "speech_started":
        this.#send(channel, "SpeechStarted", speechStartedFrame(message.atMs, channel, channels));
        break;
    }
  }

  /** Resolves when everything has been sent. */
  async settled(): Promise<void> {
    await Promise.all(this.#sending);
  }

  #send(channel: number, type: string, frame: string): void {
    if (this.isMute) return;
    const { chance, faults } = this.#options;
    const { channelDelaysMs, jitterMs } = faults.now;
    const delayMs = (channelDelaysMs?.[channel] ?? 0) + (jitterMs === undefined ? 0 : chance() * jitterMs);
    if (delayMs === 0 && this.#waiting === 0) {
      this.#options.say(type, frame);
      return;
    }
    this.#waiting += 1;
    const dueMs = performance.now() + delayMs;
    this.#sending[channel] = (this.#sending[channel] ?? Promise.resolve()).then(async () => {
      await sleep(Math.max(0, dueMs - performance.now()));
      this.#waiting -= 1;
      if (!this.isMute) this.#options.say(type, frame);
    });
  }
}
