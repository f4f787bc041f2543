import { browserCapture } from "./browser-capture.ts";
import { untroubled, type CaptureCondition } from "./capture-condition.ts";
import type { CaptureEnvironment, SoundGraph } from "./capture-environment.ts";
import { CaptureError, captureErrorOf } from "./capture-error.ts";
import { CaptureInput } from "./capture-input.ts";
import { captureRateHz } from "./capture-protocol.ts";
import { brokenFlushTimeoutMs, flushTimeoutMs, HandOut } from "./hand-out.ts";
import { stopTracks, type MicrophoneProcessing } from "./media-inputs.ts";
import { forgottenAfterMs, SilenceWatch } from "./silence-watch.ts";
import { SoundLevels, type ChannelLevel } from "./sound-level.ts";

export type SourceKind = "microphone" | "two_channel" | "tab" | "file" | "recorded";

export type CaptureRequest =
  | {
      readonly kind: "microphone" | "tab";
      readonly deviceId: string | null;
      readonly processing: MicrophoneProcessing;
      /** The tab's sound is shared later (`shareAgain`): until then the microphone goes on alone. */
      readonly isSharedLater?: boolean;
    }
  | { readonly kind: "two_channel"; readonly deviceId: string | null }
  | { readonly kind: "file" | "recorded"; readonly sound: AudioBuffer };

export type CaptureEvent =
  /** 100 ms of interleaved PCM16, shorter only at `finish` or a halt. The receiver owns it. */
  | { readonly type: "frame"; readonly pcm: Int16Array<ArrayBuffer> }
  /** Something began or ceased to be the matter with the sound. */
  | { readonly type: "condition"; readonly condition: CaptureCondition }
  /** The file has been played to its end. */
  | { readonly type: "finished" };

/** `resume` stays pending while the browser waits for a click, so it is not waited for longer. */
const resumeTimeoutMs = 400;
/** A sound path that breaks again and again is not built anew for ever. */
const maxRebuildsInARow = 3;
/** This much sound through a new path proves it. */
const provenAfterMs = 10_000;

/**
 * One running capture: sources in, frames out. Opening it starts the flow of frames (a preview for
 * level meters); files flow only from `play` on. A source that is lost leaves its channel silent, so that frames stay
 * whole on all channels; with no source left nothing is captured and no frame comes. Closes only what it opened.
 */
export class AudioCapture {
  readonly kind: SourceKind;
  readonly channels: 1 | 2;
  readonly sampleRateHz = captureRateHz;
  readonly #environment: CaptureEnvironment;
  readonly #listeners = new Set<(event: CaptureEvent) => void>();
  readonly #disposers: (() => void)[] = [];
  readonly #levels: SoundLevels;
  readonly #silence: SilenceWatch;
  readonly #sound: AudioBuffer | null;
  #graph: SoundGraph | null = null;
  #input: CaptureInput | null = null;
  #disconnectInput: (() => void) | null = null;
  #loop: { readonly stream: MediaStream; disconnect: () => void } | null = null;
  #condition: CaptureCondition = untroubled;
  /** Files: where the sound stands, in ms. */
  #playedMs = 0;
  #isPlaying = false;
  #rebuilds = 0;
  #sinceRebuildMs = 0;
  #isRebuilding = false;
  #handing: HandOut | null = null;
  #isFinishing = false;
  #isClosed = false;

  private constructor(request: CaptureRequest, environment: CaptureEnvironment) {
    this.kind = request.kind;
    this.#sound = "sound" in request ? request.sound : null;
    const isStereo =
      request.kind === "two_channel" ||
      request.kind === "tab" ||
      (this.#sound !== null && this.#sound.numberOfChannels > 1);
    this.channels = isStereo ? 2 : 1;
    this.#environment = environment;
    this.#levels = new SoundLevels(this.channels);
    this.#silence = new SilenceWatch(this.channels);
  }

  /** Rejects with `CaptureError`. Call it from a click: browsers want one for sharing and for sound. */
  static async open(
    request: CaptureRequest,
    environment: CaptureEnvironment = browserCapture,
  ): Promise<AudioCapture> {
    const capture = new AudioCapture(request, environment);
    let loop: MediaStream | null = null;
    try {
      // Sharing first: it has to follow the click directly.
      if (request.kind === "tab" && request.isSharedLater !== true)
        loop = await environment.openSharedSound();
      else if (request.kind === "tab") capture.#condition = { ...untroubled, hasSharingEnded: true };
      if (!("sound" in request)) {
        capture.#input = await CaptureInput.open(request, environment, {
          onStream: () => capture.#connectInput(),
          onChange: () => {
            capture.#inputChanged();
          },
        });
      }
      if (loop !== null) capture.#keepLoop(loop);
      await capture.#build();
    } catch (error) {
      if (loop !== null) stopTracks(loop);
      await capture.close();
      throw captureErrorOf(error, "input");
    }
    capture.#disposers.push(
      environment.onAttention(() => {
        if (capture.#graph?.isRunning === false) void capture.#resume();
      }),
    );
    if (capture.#sound === null) await capture.#resume();
    return capture;
  }

  get levels(): readonly ChannelLevel[] {
    return this.#levels.levels;
  }

  get condition(): CaptureCondition {
    return this.#condition;
  }

  /** It listens to a device that can be exchanged. */
  get hasInput(): boolean {
    return this.#input !== null;
  }

  /** What the person chose as input; null is the default device. */
  get chosenInputId(): string | null {
    return this.#input?.chosenId ?? null;
  }

  subscribe(listener: (event: CaptureEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Files: plays and streams from `fromMs` on. Others flow already. */
  async play(fromMs: number): Promise<void> {
    this.#playedMs = fromMs;
    this.#isPlaying = this.#sound !== null;
    await this.#resume();
    this.#playOn();
  }

  /** From a click: lets sound flow that the browser holds back, and mends what could not be mended alone. */
  async unblock(): Promise<void> {
    if (this.#graph === null) {
      this.#rebuilds = 0;
      await this.rebuild();
    }
    await this.#resume();
  }

  /** Shares a tab or the system's sound again after "stop sharing". Rejects with `CaptureError`. */
  async shareAgain(): Promise<void> {
    const stream = await this.#environment.openSharedSound();
    if (this.#isClosed) {
      stopTracks(stream);
      return;
    }
    this.#dropLoop();
    this.#keepLoop(stream);
    this.#connectLoop();
    this.#silence.renewed(1);
    this.#changed({ hasSharingEnded: false });
  }

  /** Goes on with another input device, or the same one again, in the same channel. Rejects with `CaptureError`. */
  async switchInput(deviceId: string | null): Promise<void> {
    await this.#input?.switchTo(deviceId);
  }

  /** Nobody has spoken for long, and the person wants to go on all the same. */
  keepGoing(): void {
    this.#silence.keepGoing();
    this.#changed({ quietMinutes: 0 });
  }

  /** Makes the sound path anew around the same sources: the old one broke or went still. */
  async rebuild(): Promise<void> {
    if (this.#isOver() || this.#isRebuilding) return;
    this.#isRebuilding = true;
    this.#rebuilds += 1;
    this.#sinceRebuildMs = 0;
    try {
      if (this.#graph !== null) await this.#handOut(this.#graph, brokenFlushTimeoutMs);
      await this.#closeGraph();
      if (this.#isOver()) return;
      if (this.#rebuilds > maxRebuildsInARow) throw new CaptureError("failed");
      await this.#build();
      await this.#resume();
      this.#playOn();
      this.#changed({ isBroken: false });
    } catch {
      await this.#closeGraph();
      this.#changed({ isBroken: true });
    } finally {
      this.#isRebuilding = false;
    }
  }

  /** Captures nothing more and hands out the samples that do not fill a frame yet; resolves after that frame. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    const graph = this.#graph;
    if (this.#isClosed || graph === null) return;
    await this.#handOut(graph, graph.isRunning ? flushTimeoutMs : brokenFlushTimeoutMs);
  }

  /** Lets go of devices and sharing. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listeners.clear();
    for (const dispose of this.#disposers.splice(0)) dispose();
    this.#input?.close();
    this.#dropLoop();
    await this.#closeGraph();
  }

  /** 16 kHz where the browser takes it; where it refuses (Firefox, for microphones) at its own rate. */
  async #build(): Promise<void> {
    try {
      await this.#buildAt(captureRateHz);
    } catch {
      await this.#closeGraph();
      await this.#buildAt(null);
    }
    // Closed or finished while it was being built.
    if (this.#isOver()) await this.#closeGraph();
  }

  async #buildAt(rateHz: number | null): Promise<void> {
    const graph: SoundGraph = await this.#environment.openGraph(this.channels, rateHz, {
      onFrame: (pcm) => {
        if (this.#graph === graph) this.#framed(pcm);
      },
      onFlushed: () => {
        if (this.#handing?.graph === graph) this.#handing.flushed();
      },
      onStateChange: () => {
        if (this.#graph === graph) this.#stateChanged();
      },
      onBroken: () => {
        if (this.#graph === graph) void this.rebuild();
      },
    });
    this.#graph = graph;
    const stream = this.#input?.stream ?? null;
    if (stream !== null) this.#disconnectInput = graph.connect(stream, this.kind === "tab" ? 0 : "all");
    this.#connectLoop();
    if (this.#condition.isHalted) graph.post({ type: "hold", isHeld: true });
  }

  /** Nothing more is to be captured. */
  #isOver(): boolean {
    return this.#isClosed || this.#isFinishing;
  }

  /** Once for each path, however many wait for it. */
  #handOut(graph: SoundGraph, timeoutMs: number): Promise<void> {
    if (this.#handing?.graph !== graph) {
      this.#handing = new HandOut(graph, (run) => this.#environment.after(timeoutMs, run));
      this.#handing.begin();
    }
    return this.#handing.done;
  }

  async #closeGraph(): Promise<void> {
    const graph = this.#graph;
    this.#graph = null;
    this.#disconnectInput = null;
    await graph?.close();
  }

  #framed(pcm: Int16Array<ArrayBuffer>): void {
    const frameMs = (pcm.length / this.channels / captureRateHz) * 1000;
    if (this.#isPlaying) this.#playedMs += frameMs;
    this.#sinceRebuildMs += frameMs;
    if (this.#sinceRebuildMs >= provenAfterMs) this.#rebuilds = 0;
    this.#levels.push(pcm);
    // A file has the silences it has, and ends by itself.
    if (this.#sound === null) {
      this.#silence.push(this.#levels.levels, frameMs);
      this.#changed({ silentChannel: this.#silentChannel(), quietMinutes: this.#quietMinutes() });
    }
    this.#emit({ type: "frame", pcm });
  }

  /** A channel whose source is known to be gone or muted is told as such, and not once more as silent. */
  #silentChannel(): 0 | 1 | null {
    const channel = this.#silence.silentChannel;
    const { inputLoss, isInputMuted, hasSharingEnded } = this.#condition;
    const isInputs = this.kind === "two_channel" || channel === 0;
    return (isInputs ? inputLoss !== null || isInputMuted : hasSharingEnded) ? null : channel;
  }

  #quietMinutes(): number {
    const { quietMs } = this.#silence;
    return quietMs < forgottenAfterMs ? 0 : Math.floor(quietMs / 60_000);
  }

  #stateChanged(): void {
    const isBlocked = this.#graph?.isRunning === false;
    this.#changed({ isBlocked });
    // An interruption (a telephone call, sleep) is over when the browser says so, or when it lets us go on.
    if (isBlocked && !this.#isClosed) void this.#resume();
  }

  async #resume(): Promise<void> {
    const graph = this.#graph;
    if (graph === null || graph.isRunning) return;
    await Promise.race([
      graph.resume().catch(() => undefined),
      new Promise<void>((resolve) => this.#environment.after(resumeTimeoutMs, resolve)),
    ]);
    if (this.#graph === graph && !this.#isClosed) this.#changed({ isBlocked: !graph.isRunning });
  }

  #playOn(): void {
    const graph = this.#graph;
    if (this.#sound === null || !this.#isPlaying) return;
    graph?.play(this.#sound, this.#playedMs / 1000, () => {
      // One that is being replaced has not captured its end: the next path plays on from there.
      if (this.#handing?.graph !== graph) this.#emit({ type: "finished" });
    });
  }

  /** The input has a new stream: it takes the old one's place, in a path of another rate where that is needed. */
  async #connectInput(): Promise<void> {
    this.#disconnectInput?.();
    this.#disconnectInput = null;
    this.#silence.renewed(0);
    if (this.kind === "two_channel") this.#silence.renewed(1);
    const stream = this.#input?.stream ?? null;
    if (stream === null || this.#graph === null) return;
    try {
      this.#disconnectInput = this.#graph.connect(stream, this.kind === "tab" ? 0 : "all");
    } catch {
      await this.rebuild();
    }
  }

  #inputChanged(): void {
    const input = this.#input;
    if (input === null || this.#isClosed) return;
    if (input.loss !== null) {
      this.#disconnectInput?.();
      this.#disconnectInput = null;
    }
    this.#changed({ inputLoss: input.loss, isInputMuted: input.isMuted, movedTo: input.movedTo });
  }

  #keepLoop(stream: MediaStream): void {
    this.#loop = { stream, disconnect: () => undefined };
    stream.getAudioTracks()[0]?.addEventListener("ended", () => {
      if (this.#loop?.stream !== stream) return;
      this.#dropLoop();
      this.#changed({ hasSharingEnded: true });
    });
  }

  #connectLoop(): void {
    if (this.#loop === null || this.#graph === null) return;
    this.#loop.disconnect = this.#graph.connect(this.#loop.stream, 1);
  }

  #dropLoop(): void {
    if (this.#loop === null) return;
    this.#loop.disconnect();
    stopTracks(this.#loop.stream);
    this.#loop = null;
  }

  #changed(change: Partial<CaptureCondition>): void {
    const before = this.#condition;
    const next = { ...before, ...change };
    // With a source left the others' channels are silence; with none there is nothing to record.
    next.isHalted =
      this.#sound === null && next.inputLoss !== null && (this.kind !== "tab" || next.hasSharingEnded);
    const keys = Object.keys(next) as (keyof CaptureCondition)[];
    if (keys.every((key) => next[key] === before[key])) return;
    this.#condition = next;
    if (next.isHalted !== before.isHalted) {
      this.#graph?.post({ type: "hold", isHeld: next.isHalted });
      if (next.isHalted) this.#levels.fall();
    }
    this.#emit({ type: "condition", condition: next });
  }

  #emit(event: CaptureEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
