import type { ToCaptureWorklet } from "./capture-protocol.ts";
import type { InputDevice, MicrophoneProcessing } from "./media-inputs.ts";

export interface SoundGraphEvents {
  /** 100 ms of interleaved PCM16, shorter only after `flush` and `hold`. */
  readonly onFrame: (pcm: Int16Array<ArrayBuffer>) => void;
  readonly onFlushed: () => void;
  /** It began or ceased to run. */
  readonly onStateChange: () => void;
  /** The processor died; no frame comes any more. */
  readonly onBroken: () => void;
}

/** The path of the sound inside the page: sources in, frames out. */
export interface SoundGraph {
  readonly isRunning: boolean;
  /**
   * Feeds a stream into one channel, mixed down, or as it is into all; returns the way to take it out again.
   * Throws where the browser does not bring the stream's rate to the graph's (Firefox).
   */
  connect(stream: MediaStream, to: "all" | 0 | 1): () => void;
  /** Plays a sound into all channels and to the person's ears. */
  play(sound: AudioBuffer, fromSec: number, onEnded: () => void): void;
  /** May stay pending while the browser waits for a click. */
  resume(): Promise<void>;
  post(message: ToCaptureWorklet): void;
  close(): Promise<void>;
}

/** Everything of the browser that a capture needs. */
export interface CaptureEnvironment {
  openGraph(channels: 1 | 2, rateHz: number | null, events: SoundGraphEvents): Promise<SoundGraph>;
  openMicrophone(deviceId: string | null, processing: MicrophoneProcessing): Promise<MediaStream>;
  openTwoChannelInput(deviceId: string | null): Promise<MediaStream>;
  openSharedSound(): Promise<MediaStream>;
  listInputDevices(): Promise<readonly InputDevice[]>;
  onInputDevicesChange(run: () => void): () => void;
  /** Null where the browser does not tell. */
  microphonePermission(): Promise<PermissionState | null>;
  onMicrophonePermissionChange(run: (state: PermissionState) => void): () => void;
  /** The person came back to the page or did something on it, which some browsers want before sound runs. */
  onAttention(run: () => void): () => void;
  /** Runs once after the delay; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
}
