/**
 * Below this a channel carries nothing: −80 dBFS is three steps of a 16-bit sample. A muted or unplugged input gives
 * exact zeros or a dither of one or two steps (−90 to −84); the quietest room through a working microphone stays
 * above, and one breath, chair or leaked word in the whole span counts as a sign of life.
 */
const deadDbfs = -80;
/** A side is said to be silent after this long, while the other speaks. */
const deadAfterMs = 20_000;
/** The other side has to have spoken this much in that time; speech is loud in about half of its frames. */
const otherSpokeMs = 4000;
/** After this long without a word on any channel the call may have been forgotten. */
export const forgottenAfterMs = 600_000;

/** A frame counts as speech when it stands out of the room by this much, in dB, and is not faint. */
const aboveRoomDb = 10;
const faintDbfs = -50;
/** No room is this loud: whatever it is, somebody means to be heard. */
const loudDbfs = -30;
/** The room is the quieter fifth of the last 50 frames (5 s). */
const roomFrames = 50;
const roomQuantile = 0.2;
/** Somebody speaks when three of the last ten frames are speech: a door or a key is not. */
const spokenFrames = 3;
const spokenWindow = 10;

class ChannelActivity {
  readonly #recent: number[] = [];
  readonly #spoken: boolean[] = [];

  /** True where this frame sounds like speech. */
  push(dbfs: number): boolean {
    this.#recent.push(dbfs);
    if (this.#recent.length > roomFrames) this.#recent.shift();
    const sorted = this.#recent.toSorted((a, b) => a - b);
    // Until there is a history, the room is taken to be quiet.
    const room =
      this.#recent.length < roomFrames / 2 ? -90 : (sorted[Math.floor(sorted.length * roomQuantile)] ?? -90);
    const isSpeech = dbfs >= loudDbfs || (dbfs >= faintDbfs && dbfs >= room + aboveRoomDb);
    this.#spoken.push(isSpeech);
    if (this.#spoken.length > spokenWindow) this.#spoken.shift();
    return isSpeech;
  }

  get isSpeaking(): boolean {
    return this.#spoken.filter(Boolean).length >= spokenFrames;
  }
}

interface DeadSpan {
  readonly deadMs: number;
  /** Speech of the other side in that time. */
  readonly otherMs: number;
  readonly isTold: boolean;
  readonly patienceMs: number;
}

const freshSpan: DeadSpan = { deadMs: 0, otherMs: 0, isTold: false, patienceMs: deadAfterMs };

/**
 * Notices a channel that carries nothing while the other one speaks, and a call in which nobody speaks any more.
 * Its clock is the frames themselves, so that a throttled timer in a hidden tab changes nothing.
 */
export class SilenceWatch {
  readonly #activities: readonly ChannelActivity[];
  #spans: readonly DeadSpan[];
  #quietMs = 0;

  constructor(channels: 1 | 2) {
    this.#activities = Array.from({ length: channels }, () => new ChannelActivity());
    this.#spans = this.#activities.map(() => freshSpan);
  }

  /** One frame: the level of each channel, and how long it lasts. */
  push(levels: readonly { readonly dbfs: number }[], frameMs: number): void {
    const spoken = this.#activities.map((activity, channel) => activity.push(levels[channel]?.dbfs ?? -90));
    this.#quietMs = this.#activities.some(({ isSpeaking }) => isSpeaking) ? 0 : this.#quietMs + frameMs;
    if (this.#spans.length < 2) return;
    this.#spans = this.#spans.map((span, channel) => {
      if ((levels[channel]?.dbfs ?? -90) >= deadDbfs) {
        // It was a pause after all, of an input that is quite still between words: be slower to speak up here.
        const patienceMs = span.isTold ? span.patienceMs * 2 : span.patienceMs;
        return { ...freshSpan, patienceMs };
      }
      const deadMs = span.deadMs + frameMs;
      const otherMs = span.otherMs + (spoken[1 - channel] === true ? frameMs : 0);
      const isTold = span.isTold || (deadMs >= span.patienceMs && otherMs >= otherSpokeMs);
      return { ...span, deadMs, otherMs, isTold };
    });
  }

  /** The channel that carries nothing while the other speaks; null with both in order. */
  get silentChannel(): 0 | 1 | null {
    const channel = this.#spans.findIndex(({ isTold }) => isTold);
    return channel === 0 || channel === 1 ? channel : null;
  }

  /** For how long nobody has spoken on any channel, in ms of captured audio. */
  get quietMs(): number {
    return this.#quietMs;
  }

  /** Another device is on this channel, so what was learned of it no longer holds. */
  renewed(channel: 0 | 1): void {
    this.#spans = this.#spans.map((span, other) => (other === channel ? freshSpan : span));
  }

  /** The person means to go on in silence: counts anew. */
  keepGoing(): void {
    this.#quietMs = 0;
  }
}
