import type { SoundGraph, SoundGraphEvents } from "./capture-environment.ts";
import {
  captureFrameMs,
  captureRateHz,
  captureWorkletName,
  captureWorkletPath,
  type CaptureWorkletOptions,
  type FromCaptureWorklet,
  type ToCaptureWorklet,
} from "./capture-protocol.ts";

async function contextWithWorklet(rateHz: number | null): Promise<AudioContext> {
  const context = rateHz === null ? new AudioContext() : new AudioContext({ sampleRate: rateHz });
  try {
    await context.audioWorklet.addModule(captureWorkletPath);
    return context;
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Web Audio around the capture worklet, at the given rate or at the device's own. */
class WebAudioGraph implements SoundGraph {
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #merger: ChannelMergerNode;
  readonly #onStateChange: () => void;
  #player: AudioBufferSourceNode | null = null;

  constructor(context: AudioContext, channels: 1 | 2, events: SoundGraphEvents) {
    this.#context = context;
    this.#onStateChange = events.onStateChange;
    const processorOptions: CaptureWorkletOptions = {
      channels,
      toRateHz: captureRateHz,
      frameSamples: (captureRateHz * captureFrameMs) / 1000,
    };
    this.#node = new AudioWorkletNode(context, captureWorkletName, {
      numberOfInputs: 1,
      // One silent output, so that every browser keeps pulling the node.
      numberOfOutputs: 1,
      outputChannelCount: [1],
      channelCount: channels,
      channelCountMode: "explicit",
      channelInterpretation: channels === 1 ? "speakers" : "discrete",
      processorOptions,
    });
    this.#node.connect(context.destination);
    // The inputs of a merger are mono: stereo sources are mixed down.
    this.#merger = context.createChannelMerger(2);
    this.#node.port.onmessage = ({ data }: MessageEvent<FromCaptureWorklet>) => {
      if (data.type === "flushed") events.onFlushed();
      else events.onFrame(new Int16Array(data.pcm));
    };
    this.#node.onprocessorerror = events.onBroken;
    context.addEventListener("statechange", this.#onStateChange);
  }

  get isRunning(): boolean {
    return this.#context.state === "running";
  }

  connect(stream: MediaStream, to: "all" | 0 | 1): () => void {
    const source = this.#context.createMediaStreamSource(stream);
    if (to === "all") source.connect(this.#node);
    else {
      this.#merger.connect(this.#node);
      source.connect(this.#merger, 0, to);
    }
    return () => {
      source.disconnect();
    };
  }

  play(sound: AudioBuffer, fromSec: number, onEnded: () => void): void {
    const player = this.#context.createBufferSource();
    player.buffer = sound;
    player.connect(this.#node);
    // Both voices in both ears, whatever the channels.
    const speaker = this.#context.createGain();
    speaker.channelCount = 1;
    speaker.channelCountMode = "explicit";
    player.connect(speaker).connect(this.#context.destination);
    player.onended = onEnded;
    player.start(0, Math.min(fromSec, sound.duration));
    this.#player = player;
  }

  resume(): Promise<void> {
    return this.#context.resume();
  }

  post(message: ToCaptureWorklet): void {
    this.#node.port.postMessage(message);
  }

  async close(): Promise<void> {
    this.#context.removeEventListener("statechange", this.#onStateChange);
    this.#node.onprocessorerror = null;
    if (this.#player !== null) this.#player.onended = null;
    this.post({ type: "close" });
    this.#node.port.onmessage = null;
    this.#node.disconnect();
    if (this.#context.state !== "closed") await this.#context.close();
  }
}

export async function openSoundGraph(
  channels: 1 | 2,
  rateHz: number | null,
  events: SoundGraphEvents,
): Promise<SoundGraph> {
  const context = await contextWithWorklet(rateHz);
  try {
    return new WebAudioGraph(context, channels, events);
  } catch (error) {
    await context.close();
    throw error;
  }
}
