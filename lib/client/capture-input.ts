import type { InputLoss } from "./capture-condition.ts";
import type { CaptureEnvironment } from "./capture-environment.ts";
import { CaptureError } from "./capture-error.ts";
import { stopTracks, type MicrophoneProcessing } from "./media-inputs.ts";

export type InputRequest =
  | {
      readonly kind: "microphone" | "tab";
      readonly deviceId: string | null;
      readonly processing: MicrophoneProcessing;
    }
  | { readonly kind: "two_channel"; readonly deviceId: string | null };

export interface CaptureInputEvents {
  /** There is another stream to listen to. */
  readonly onStream: () => Promise<void>;
  /** Loss, mute or name changed. */
  readonly onChange: () => void;
}

/**
 * When a lost device is looked for: right away (the browser may have dropped it although it is there), then later, as
 * some need a moment after they come back. After that only when devices change.
 */
const retryDelaysMs = [300, 1000, 3000, 10_000];

/**
 * The input device of a capture through all that happens to it: unplugged and back, muted, permission withdrawn and
 * given again, exchanged for another one. A device chosen by name is waited for; "the default" is whichever is there.
 */
export class CaptureInput {
  readonly #request: InputRequest;
  readonly #environment: CaptureEnvironment;
  readonly #events: CaptureInputEvents;
  readonly #disposers: (() => void)[] = [];
  /** What the person chose; null is the default device. */
  #chosenId: string | null;
  #stream: MediaStream | null = null;
  #label = "";
  #loss: InputLoss | null = null;
  #isMuted = false;
  #movedTo: string | null = null;
  /** The permission was there for good, not only for this stream: without it, it was withdrawn. */
  #wasGranted = false;
  #attempt = 0;
  #cancelRetry: (() => void) | null = null;
  /** Of the newest opening; an older one that comes late is let go. */
  #opening = 0;
  #isClosed = false;

  private constructor(request: InputRequest, environment: CaptureEnvironment, events: CaptureInputEvents) {
    this.#request = request;
    this.#chosenId = request.deviceId;
    this.#environment = environment;
    this.#events = events;
  }

  /** Rejects with `CaptureError`. */
  static async open(
    request: InputRequest,
    environment: CaptureEnvironment,
    events: CaptureInputEvents,
  ): Promise<CaptureInput> {
    const input = new CaptureInput(request, environment, events);
    input.#take(await input.#openDevice(request.deviceId));
    input.#disposers.push(
      environment.onInputDevicesChange(() => {
        if (input.#loss !== "unplugged") return;
        input.#attempt = 0;
        input.#retryLater();
      }),
      environment.onMicrophonePermissionChange((state) => {
        input.#permissionChanged(state);
      }),
    );
    return input;
  }

  get chosenId(): string | null {
    return this.#chosenId;
  }

  get stream(): MediaStream | null {
    return this.#stream;
  }

  get loss(): InputLoss | null {
    return this.#loss;
  }

  get isMuted(): boolean {
    return this.#isMuted;
  }

  get movedTo(): string | null {
    return this.#movedTo;
  }

  /** From a click. The old stream goes only when the new one is there. Rejects with `CaptureError`. */
  async switchTo(deviceId: string | null): Promise<void> {
    const stream = await this.#openNewest(deviceId);
    if (stream === null) return;
    this.#chosenId = deviceId;
    await this.#replace(stream, null);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    for (const dispose of this.#disposers.splice(0)) dispose();
    this.#letGo();
  }

  #openDevice(deviceId: string | null): Promise<MediaStream> {
    return this.#request.kind === "two_channel"
      ? this.#environment.openTwoChannelInput(deviceId)
      : this.#environment.openMicrophone(deviceId, this.#request.processing);
  }

  async #openNewest(deviceId: string | null): Promise<MediaStream | null> {
    this.#opening += 1;
    const opening = this.#opening;
    const stream = await this.#openDevice(deviceId);
    if (opening === this.#opening && !this.#isClosed) return stream;
    stopTracks(stream);
    return null;
  }

  async #replace(stream: MediaStream, movedTo: string | null): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#letGo();
    this.#take(stream);
    this.#movedTo = movedTo;
    await this.#events.onStream();
    this.#events.onChange();
  }

  #take(stream: MediaStream): void {
    const [track] = stream.getAudioTracks();
    if (track === undefined) {
      stopTracks(stream);
      throw new CaptureError("no_device");
    }
    this.#stream = stream;
    this.#label = track.label;
    this.#loss = null;
    this.#isMuted = track.muted;
    const isCurrent = (): boolean => this.#stream === stream;
    void this.#environment.microphonePermission().then((state) => {
      if (isCurrent()) this.#wasGranted = state === "granted";
    });
    track.addEventListener("ended", () => {
      if (isCurrent()) void this.#lost();
    });
    for (const kind of ["mute", "unmute"] as const) {
      track.addEventListener(kind, () => {
        if (!isCurrent()) return;
        this.#isMuted = track.muted;
        this.#events.onChange();
      });
    }
  }

  #letGo(): void {
    if (this.#stream === null) return;
    stopTracks(this.#stream);
    this.#stream = null;
  }

  async #lost(): Promise<void> {
    this.#letGo();
    this.#loss = "unplugged";
    this.#isMuted = false;
    this.#movedTo = null;
    this.#events.onChange();
    const permission = await this.#environment.microphonePermission();
    if (!this.#isLost("unplugged")) return;
    if (permission === "denied" || (permission === "prompt" && this.#wasGranted)) this.#withdrawn();
    else this.#retryLater();
  }

  #isLost(loss: InputLoss): boolean {
    return this.#loss === loss && !this.#isClosed;
  }

  #withdrawn(): void {
    this.#wasGranted = false;
    this.#letGo();
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#loss = "permission";
    this.#isMuted = false;
    this.#movedTo = null;
    this.#events.onChange();
  }

  #permissionChanged(state: PermissionState): void {
    if (this.#isClosed) return;
    // A browser that leaves the track alive is taken at its word all the same: what was withdrawn is not recorded.
    if (state === "denied") this.#withdrawn();
    else if (state === "granted" && this.#loss === "permission") {
      this.#loss = "unplugged";
      this.#attempt = 0;
      this.#retryLater();
    }
  }

  #retryLater(): void {
    this.#cancelRetry?.();
    const delayMs = retryDelaysMs[this.#attempt];
    if (delayMs === undefined || this.#isClosed) return;
    this.#attempt += 1;
    this.#cancelRetry = this.#environment.after(delayMs, () => {
      this.#cancelRetry = null;
      void this.#tryAgain();
    });
  }

  /** Asks for nothing that the person would have to answer: only with the permission at hand. */
  async #tryAgain(): Promise<void> {
    if (!this.#isLost("unplugged")) return;
    const before = this.#label;
    try {
      const permission = await this.#environment.microphonePermission();
      const devices = await this.#environment.listInputDevices();
      const isThere = devices.some(({ deviceId }) => this.#chosenId === null || deviceId === this.#chosenId);
      if (!this.#isLost("unplugged")) return;
      if (isThere && permission !== "prompt" && permission !== "denied") {
        const stream = await this.#openNewest(this.#chosenId);
        if (stream === null) return;
        const label = stream.getAudioTracks()[0]?.label ?? "";
        await this.#replace(stream, label === before || label === "" ? null : label);
        return;
      }
    } catch {
      // Not there yet; a click can try whenever the person likes.
    }
    if (this.#isLost("unplugged")) this.#retryLater();
  }
}
