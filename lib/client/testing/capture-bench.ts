import { AudioCapture, type CaptureEvent, type CaptureRequest } from "../audio-capture.ts";
import type { CaptureEnvironment, SoundGraph, SoundGraphEvents } from "../capture-environment.ts";
import { CaptureError } from "../capture-error.ts";
import { captureFrameMs, captureRateHz, type ToCaptureWorklet } from "../capture-protocol.ts";
import { FramePacker } from "../frame-packer.ts";
import { processingOn, type InputDevice } from "../media-inputs.ts";
import { FakeStream } from "./fake-stream.ts";

const quantumSamples = 160;

/** The sound path without a browser: runs when told to, and takes from each connected stream what it gives. */
class FakeGraph implements SoundGraph {
  readonly rateHz: number | null;
  isRunning = true;
  isClosed = false;
  /** What a click or the browser's leave makes of it. */
  resumes = true;
  /** False: its thread hears nothing any more. */
  answers = true;
  readonly #bench: CaptureBench;
  readonly #events: SoundGraphEvents;
  readonly #channels: 1 | 2;
  readonly #packer: FramePacker;
  readonly #sources = new Set<{ readonly stream: MediaStream; readonly to: "all" | 0 | 1 }>();
  #isHeld = false;
  played: { readonly fromSec: number; readonly onEnded: () => void } | null = null;

  constructor(bench: CaptureBench, channels: 1 | 2, rateHz: number | null, events: SoundGraphEvents) {
    this.#bench = bench;
    this.#channels = channels;
    this.rateHz = rateHz;
    this.#events = events;
    this.#packer = new FramePacker({
      channels,
      frameSamples: (captureRateHz * captureFrameMs) / 1000,
      onFrame: (pcm) => {
        events.onFrame(pcm);
      },
    });
  }

  connect(stream: MediaStream, to: "all" | 0 | 1): () => void {
    if (this.rateHz !== null && this.#bench.refusesOwnRate)
      throw new DOMException("rates", "NotSupportedError");
    const source = { stream, to };
    this.#sources.add(source);
    return () => {
      this.#sources.delete(source);
    };
  }

  play(_sound: AudioBuffer, fromSec: number, onEnded: () => void): void {
    this.played = { fromSec, onEnded };
  }

  resume(): Promise<void> {
    if (!this.resumes) return new Promise(() => undefined);
    this.setRunning(true);
    return Promise.resolve();
  }

  post(message: ToCaptureWorklet): void {
    if (!this.answers) return;
    if (message.type === "hold") this.#isHeld = message.isHeld;
    if (message.type !== "close") this.#packer.flush();
    if (message.type === "flush") this.#events.onFlushed();
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  setRunning(isRunning: boolean): void {
    if (this.isRunning === isRunning) return;
    this.isRunning = isRunning;
    this.#events.onStateChange();
  }

  breakDown(): void {
    this.isRunning = false;
    this.#events.onBroken();
  }

  run(ms: number): void {
    for (let left = (ms * captureRateHz) / 1000; left > 0; left -= quantumSamples) {
      if (!this.isRunning || this.isClosed || this.#isHeld) return;
      const planes = Array.from({ length: this.#channels }, (_, channel) => {
        const plane = new Float32Array(quantumSamples);
        for (const { stream, to } of this.#sources) {
          if (to !== "all" && to !== channel) continue;
          const [track] = stream.getAudioTracks();
          if (track?.readyState !== "live" || track.muted) continue;
          plane.fill(this.#bench.levelOf(stream, channel));
        }
        return plane;
      });
      this.#packer.push(planes, Math.min(quantumSamples, left));
    }
  }
}

/** A browser with devices that can be pulled out, for captures that run as fast as the test does. */
export class CaptureBench {
  readonly graphs: FakeGraph[] = [];
  readonly streams: FakeStream[] = [];
  readonly asked: string[] = [];
  readonly events: CaptureEvent[] = [];
  devices: InputDevice[] = [
    { deviceId: "headset", label: "Headset" },
    { deviceId: "inner", label: "Inner microphone" },
  ];
  permission: PermissionState | null = "granted";
  /** Sharing: a tab with sound, one without, or a person who closes the dialog. */
  sharing: "with_sound" | "without_audio" | "cancelled" = "with_sound";
  /** Like Firefox: a stream has to run at the graph's rate, and only the device's own fits. */
  refusesOwnRate = false;
  worksAtAll = true;
  /** The system has the device, but does not give it out yet. */
  isBusy = false;
  readonly #levels = new Map<MediaStream, readonly number[]>();
  readonly #deviceWatchers = new Set<() => void>();
  readonly #permissionWatchers = new Set<(state: PermissionState) => void>();
  readonly #attentionWatchers = new Set<() => void>();
  readonly #timers = new Set<{ readonly delayMs: number; readonly run: () => void }>();

  readonly environment: CaptureEnvironment = {
    openGraph: (channels, rateHz, events) => {
      if (!this.worksAtAll) return Promise.reject(new Error("no audio service"));
      const graph = new FakeGraph(this, channels, rateHz, events);
      this.graphs.push(graph);
      return Promise.resolve(graph);
    },
    openMicrophone: (deviceId) => this.#openInput(deviceId),
    openTwoChannelInput: (deviceId) => this.#openInput(deviceId),
    openSharedSound: () => {
      if (this.sharing === "cancelled") return Promise.reject(new CaptureError("sharing_cancelled"));
      if (this.sharing === "without_audio") return Promise.reject(new CaptureError("shared_without_audio"));
      return Promise.resolve(this.#stream("Tab", [0.2, 0.2]));
    },
    listInputDevices: () => Promise.resolve(this.devices),
    onInputDevicesChange: (run) => {
      this.#deviceWatchers.add(run);
      return () => this.#deviceWatchers.delete(run);
    },
    microphonePermission: () => Promise.resolve(this.permission),
    onMicrophonePermissionChange: (run) => {
      this.#permissionWatchers.add(run);
      return () => this.#permissionWatchers.delete(run);
    },
    onAttention: (run) => {
      this.#attentionWatchers.add(run);
      return () => this.#attentionWatchers.delete(run);
    },
    after: (delayMs, run) => {
      const timer = { delayMs, run };
      this.#timers.add(timer);
      return () => this.#timers.delete(timer);
    },
  };

  async open(
    kind: "microphone" | "tab" | "two_channel",
    deviceId: string | null = null,
  ): Promise<AudioCapture> {
    const request: CaptureRequest =
      kind === "two_channel" ? { kind, deviceId } : { kind, deviceId, processing: processingOn };
    const capture = await AudioCapture.open(request, this.environment);
    capture.subscribe((event) => {
      this.events.push(event);
    });
    return capture;
  }

  get graph(): FakeGraph {
    const graph = this.graphs.at(-1);
    if (graph === undefined) throw new Error("no graph was opened");
    return graph;
  }

  /** The newest stream of a device or tab. */
  streamOf(label: string): FakeStream {
    const found = this.streams.findLast(({ track }) => track.label === label);
    if (found === undefined) throw new Error(`nothing was opened of ${label}`);
    return found;
  }

  setLevels(label: string, levels: readonly number[]): void {
    this.#levels.set(this.streamOf(label), levels);
  }

  levelOf(stream: MediaStream, channel: number): number {
    const levels = this.#levels.get(stream) ?? [];
    return levels[channel] ?? levels[0] ?? 0;
  }

  /** Samples of all frames so far, and whether each was whole on all channels. */
  samples(channels: 1 | 2): number {
    let samples = 0;
    for (const event of this.events) {
      if (event.type !== "frame") continue;
      if (event.pcm.length % channels !== 0) throw new Error("a frame is not whole");
      samples += event.pcm.length / channels;
    }
    return samples;
  }

  /** The last frame's first sample on each channel, as a fraction of full scale. */
  lastLevels(channels: 1 | 2): readonly number[] {
    const frame = this.events.findLast((event) => event.type === "frame");
    return frame === undefined
      ? []
      : Array.from({ length: channels }, (_, channel) => (frame.pcm[channel] ?? 0) / 32_768);
  }

  async unplug(label: string): Promise<void> {
    this.devices = this.devices.filter((device) => device.label !== label);
    this.streamOf(label).track.end();
    await this.devicesChanged();
  }

  async plugIn(device: InputDevice): Promise<void> {
    this.devices = [...this.devices, device];
    await this.devicesChanged();
  }

  async devicesChanged(): Promise<void> {
    for (const run of this.#deviceWatchers) run();
    await this.settled();
  }

  async setPermission(state: PermissionState): Promise<void> {
    this.permission = state;
    for (const run of this.#permissionWatchers) run(state);
    await this.settled();
  }

  async attention(): Promise<void> {
    for (const run of this.#attentionWatchers) run();
    await this.settled();
  }

  /** Lets every delay that is waiting, and not longer than this, come to its end, once. */
  async timePasses(mostMs = Infinity): Promise<void> {
    await this.settled();
    for (const timer of [...this.#timers]) {
      if (timer.delayMs <= mostMs && this.#timers.delete(timer)) timer.run();
    }
    await this.settled();
  }

  async settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }

  get watchers(): number {
    return this.#deviceWatchers.size + this.#permissionWatchers.size + this.#attentionWatchers.size;
  }

  #openInput(deviceId: string | null): Promise<FakeStream> {
    this.asked.push(deviceId ?? "default");
    if (this.permission === "denied") return Promise.reject(new CaptureError("permission_denied"));
    if (this.isBusy) return Promise.reject(new CaptureError("device_busy"));
    const device = this.devices.find((one) => deviceId === null || one.deviceId === deviceId);
    if (device === undefined) return Promise.reject(new CaptureError("no_device"));
    return Promise.resolve(this.#stream(device.label, [0.1, 0.3]));
  }

  #stream(label: string, levels: readonly number[]): FakeStream {
    const stream = new FakeStream(label);
    this.streams.push(stream);
    this.#levels.set(stream, levels);
    return stream;
  }
}
