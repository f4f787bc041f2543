/** A track as a browser gives it, which can be unplugged and muted from outside. */
class FakeTrack extends EventTarget implements MediaStreamTrack {
  readonly id = "track";
  readonly kind = "audio";
  readonly label: string;
  contentHint = "";
  enabled = true;
  muted = false;
  readyState: MediaStreamTrackState = "live";
  onended = null;
  onmute = null;
  onunmute = null;

  constructor(label: string) {
    super();
    this.label = label;
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** The source is gone; unlike `stop`, this is told. */
  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }

  mute(muted: boolean): void {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }

  applyConstraints(): Promise<void> {
    return Promise.resolve();
  }

  clone(): FakeTrack {
    return new FakeTrack(this.label);
  }

  getCapabilities(): MediaTrackCapabilities {
    return {};
  }

  getConstraints(): MediaTrackConstraints {
    return {};
  }

  getSettings(): MediaTrackSettings {
    return {};
  }
}

/** A stream of one sound track. */
export class FakeStream extends EventTarget implements MediaStream {
  readonly id = "stream";
  readonly track: FakeTrack;
  onaddtrack = null;
  onremovetrack = null;

  constructor(label: string) {
    super();
    this.track = new FakeTrack(label);
  }

  get active(): boolean {
    return this.track.readyState === "live";
  }

  addTrack(): void {
    throw new Error("a fake stream has one track");
  }

  removeTrack(): void {
    throw new Error("a fake stream has one track");
  }

  clone(): FakeStream {
    return new FakeStream(this.track.label);
  }

  getAudioTracks(): FakeTrack[] {
    return [this.track];
  }

  getVideoTracks(): FakeTrack[] {
    return [];
  }

  getTracks(): FakeTrack[] {
    return [this.track];
  }

  getTrackById(): FakeTrack {
    return this.track;
  }
}
