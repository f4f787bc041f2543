import type { AudioMode } from "../contract/vocabulary.ts";
import { CaptureError, captureErrorOf } from "./capture-error.ts";
import {
  captureFrameMs,
  captureRateHz,
  captureWorkletName,
  captureWorkletPath,
  type CaptureWorkletOptions,
  type FromCaptureWorklet,
  type ToCaptureWorklet,
} from "./capture-protocol.ts";
import {
  openMicrophone,
  openSharedSound,
  openTwoChannelInput,
  stopTracks,
  type MicrophoneProcessing,
} from "./media-inputs.ts";
import { SoundLevels, type ChannelLevel } from "./sound-level.ts";

export type SourceKind = "microphone" | "two_channel" | "tab" | "file" | "recorded";

export type CaptureRequest =
  | {
      readonly kind: "microphone" | "tab";
      readonly deviceId: string | null;
      readonly processing: MicrophoneProcessing;
    }
  | { readonly kind: "two_channel"; readonly deviceId: string | null }
  | { readonly kind: "file" | "recorded"; readonly sound: AudioBuffer };

export type CaptureEvent =
  /** 100 ms of interleaved PCM16, shorter only after `flush`. The receiver owns it. */
  | { readonly type: "frame"; readonly pcm: Int16Array<ArrayBuffer> }
  /** The shared tab's sound ended ("stop sharing"); its channel goes on as silence. */
  | { readonly type: "sharing_ended" }
  /** The microphone was unplugged or taken away; its channel goes on as silence. */
  | { readonly type: "input_ended" }
  /** The browser holds the sound back until the person does something on the page, or let go again. */
  | { readonly type: "blocked"; readonly isBlocked: boolean }
  /** The file has been played to its end. */
  | { readonly type: "finished" };

type ToWorklet = ToCaptureWorklet;
const flushTimeoutMs = 1000;

async function contextWithWorklet(rate: number | null): Promise<AudioContext> {
  const context = rate === null ? new AudioContext() : new AudioContext({ sampleRate: rate });
  try {
    await context.audioWorklet.addModule(captureWorkletPath);
    return context;
  } catch (error) {
    await context.close();
    throw error;
  }
}

/**
 * One running capture: sources in, frames out. Opening it starts the flow of frames (a preview for
 * level meters); files flow only from `play` on. Closes only what it opened.
 */
export class AudioCapture {
  readonly kind: SourceKind;
  readonly channels: 1 | 2;
  readonly sampleRateHz = captureRateHz;
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #listeners = new Set<(event: CaptureEvent) => void>();
  readonly #disposers: (() => void)[] = [];
  readonly #levels: SoundLevels;
  #loop: { readonly stream: MediaStream; readonly source: AudioNode } | null = null;
  #loopInput: AudioNode | null = null;
  #player: AudioBufferSourceNode | null = null;
  #flushed: (() => void) | null = null;
  #isClosed = false;

  private constructor(kind: SourceKind, channels: 1 | 2, context: AudioContext) {
    this.kind = kind;
    this.channels = channels;
    this.#context = context;
    this.#levels = new SoundLevels(channels);
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
    this.#node.port.onmessage = (event: MessageEvent<FromCaptureWorklet>) => {
      if (event.data.type === "flushed") {
        this.#flushed?.();
        return;
      }
      const pcm = new Int16Array(event.data.pcm);
      this.#levels.push(pcm);
      this.#emit({ type: "frame", pcm });
    };
    const onStateChange = (): void => {
      if (this.#isClosed) return;
      this.#emit({ type: "blocked", isBlocked: context.state !== "running" });
    };
    context.addEventListener("statechange", onStateChange);
    this.#disposers.push(() => {
      context.removeEventListener("statechange", onStateChange);
    });
  }

  /** Rejects with `CaptureError`. Call it from a click: browsers want one for sharing and for sound. */
  static async open(request: CaptureRequest): Promise<AudioCapture> {
    switch (request.kind) {
      case "microphone":
      case "two_channel": {
        const stream =
          request.kind === "microphone"
            ? await openMicrophone(request.deviceId, request.processing)
            : await openTwoChannelInput(request.deviceId);
        return AudioCapture.#build(
          request.kind,
          request.kind === "microphone" ? 1 : 2,
          [stream],
          (capture) => {
            capture.#context.createMediaStreamSource(stream).connect(capture.#node);
            capture.#watchInput(stream);
          },
        );
      }
      case "tab": {
        // Sharing first: it has to follow the click directly.
        const loop = await openSharedSound();
        let microphone: MediaStream;
        try {
          microphone = await openMicrophone(request.deviceId, request.processing);
        } catch (error) {
          stopTracks(loop);
          throw error;
        }
        return AudioCapture.#build("tab", 2, [microphone, loop], (capture) => {
          const merger = capture.#context.createChannelMerger(2);
          merger.connect(capture.#node);
          // The inputs of a merger are mono: stereo sources are mixed down.
          const near = capture.#context.createMediaStreamSource(microphone);
          near.connect(merger, 0, 0);
          const far = capture.#context.createGain();
          far.connect(merger, 0, 1);
          capture.#loopInput = far;
          capture.#watchInput(microphone);
          capture.#attachLoop(loop);
        });
      }
      case "file":
      case "recorded":
        return AudioCapture.#build(
          request.kind,
          request.sound.numberOfChannels === 1 ? 1 : 2,
          [],
          (capture) => {
            const player = capture.#context.createBufferSource();
            player.buffer = request.sound;
            player.connect(capture.#node);
            // Both voices in both ears, whatever the channels.
            const speaker = capture.#context.createGain();
            speaker.channelCount = 1;
            speaker.channelCountMode = "explicit";
            player.connect(speaker).connect(capture.#context.destination);
            player.onended = () => {
              capture.#emit({ type: "finished" });
            };
            capture.#player = player;
          },
        );
    }
  }

  /** 16 kHz where the browser takes it; where it refuses (Firefox, for microphones) at its own rate. */
  static async #build(
    kind: SourceKind,
    channels: 1 | 2,
    streams: readonly MediaStream[],
    wire: (capture: AudioCapture) => void,
  ): Promise<AudioCapture> {
    for (const rate of [captureRateHz, null]) {
      let context: AudioContext | null = null;
      try {
        context = await contextWithWorklet(rate);
        const capture = new AudioCapture(kind, channels, context);
        wire(capture);
        for (const stream of streams) {
          capture.#disposers.push(() => {
            stopTracks(stream);
          });
        }
        if (kind !== "file" && kind !== "recorded") await capture.#resume();
        return capture;
      } catch (error) {
        if (context !== null && context.state !== "closed") await context.close();
        if (rate === null) {
          for (const stream of streams) stopTracks(stream);
          throw captureErrorOf(error, "input");
        }
      }
    }
    throw new CaptureError("failed");
  }

  get levels(): readonly ChannelLevel[] {
    return this.#levels.levels;
  }

  /** The browser holds the sound back; `unblock` from a click lets it go. */
  get isBlocked(): boolean {
    return !this.#isClosed && this.#context.state !== "running";
  }

  get hasSharedSound(): boolean {
    return this.#loop !== null;
  }

  subscribe(listener: (event: CaptureEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Files: plays and streams from `fromMs` on. Others flow already. */
  async play(fromMs: number): Promise<void> {
    await this.#resume();
    const player = this.#player;
    if (player === null) return;
    player.start(0, Math.min(fromMs / 1000, player.buffer?.duration ?? 0));
  }

  unblock(): Promise<void> {
    return this.#resume();
  }

  /** Shares a tab or the system's sound again after "stop sharing". Rejects with `CaptureError`. */
  async shareAgain(): Promise<void> {
    const stream = await openSharedSound();
    this.#detachLoop();
    this.#attachLoop(stream);
  }

  /** Hands out the samples that do not fill a frame yet; resolves after that frame. */
  async flush(): Promise<void> {
    if (this.#isClosed || this.#context.state !== "running") return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, flushTimeoutMs);
      this.#flushed = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#post({ type: "flush" });
    });
    this.#flushed = null;
  }

  /** Lets go of devices and sharing. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listeners.clear();
    if (this.#player !== null) this.#player.onended = null;
    this.#detachLoop();
    for (const dispose of this.#disposers.splice(0)) dispose();
    this.#post({ type: "close" });
    this.#node.disconnect();
    await this.#context.close();
  }

  /** `resume` stays pending while the browser waits for a click, so it is not waited for long. */
  async #resume(): Promise<void> {
    if (this.#context.state === "running") return;
    await Promise.race([
      this.#context.resume(),
      new Promise((resolve) => {
        setTimeout(resolve, 400);
      }),
    ]);
  }

  #watchInput(stream: MediaStream): void {
    const track = stream.getAudioTracks()[0];
    const onEnded = (): void => {
      this.#emit({ type: "input_ended" });
    };
    track?.addEventListener("ended", onEnded);
    this.#disposers.push(() => track?.removeEventListener("ended", onEnded));
  }

  #attachLoop(stream: MediaStream): void {
    if (this.#loopInput === null) return;
    const source = this.#context.createMediaStreamSource(stream);
    source.connect(this.#loopInput);
    this.#loop = { stream, source };
    stream.getAudioTracks()[0]?.addEventListener("ended", () => {
      if (this.#loop?.stream !== stream) return;
      this.#detachLoop();
      this.#emit({ type: "sharing_ended" });
    });
  }

  #detachLoop(): void {
    if (this.#loop === null) return;
    this.#loop.source.disconnect();
    stopTracks(this.#loop.stream);
    this.#loop = null;
  }

  #emit(event: CaptureEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #post(message: ToWorklet): void {
    this.#node.port.postMessage(message);
  }
}

/** How the server has to be told of a capture's channels. */
export function audioModeOf(channels: 1 | 2): AudioMode {
  return channels === 1 ? "mono" : "stereo";
}
