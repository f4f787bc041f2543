import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type { ServerMessage, SessionStarted } from "../contract/events.ts";
import type { ConnectionRole } from "../contract/vocabulary.ts";
import type { AudioCapture, CaptureEvent } from "./audio-capture.ts";
import type { CaptureCondition } from "./capture-condition.ts";
import { CallSocket, type ConnectionState } from "./call-socket.ts";
import { HostAudio } from "./host-audio.ts";
import { emptyLiveCall, liveCallReducer, type LiveCallInput, type LiveCallView } from "./live-call.ts";
import type { LiveSessionOptions, LiveSessionPorts } from "./live-session-ports.ts";
import { PaintMeter } from "./paint-meter.ts";
import { isCallEvent } from "./server-message.ts";
import { every } from "./timers.ts";
import type { Keeping } from "./unsent-keeper.ts";

export type SoundState =
  /** An observer, or a host who has not chosen the sound yet (after a reload). */
  | { readonly kind: "none" }
  | {
      readonly kind: "flowing";
      readonly condition: CaptureCondition;
      /** No frame has come for some seconds although nothing says why. */
      readonly isStalled: boolean;
    }
  /** Stopped by the person or at the end of the file. */
  | { readonly kind: "ended" };

export interface LiveSessionSnapshot {
  readonly view: LiveCallView;
  readonly connection: ConnectionState;
  readonly sound: SoundState;
  readonly isStopping: boolean;
  /** The server takes no more audio of this call, and why. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** Whether audio that waits would survive the end of this page. */
  readonly keeping: Keeping;
  /** Audio given up so far because too much was waiting. */
  readonly givenUpMs: number;
  /** Audio that the call ended without. */
  readonly undeliveredMs: number;
}

const watchEveryMs = 1000;
const sleptAfterMs = 5000;
/** A look that comes so long after the one before was held up, and so was all else. */
const lateLookMs = 2500;
const stalledAfterMs = 4000;
/** So much waiting is not the usual few frames: it is worth a word before it is gone. */
const worthAWordMs = 1000;

/**
 * One call in this tab: the connection, the sound going up, and the view coming down. It outlives pages,
 * so that looking something up in the history does not end a call.
 */
export class LiveSession {
  readonly callId: string;
  readonly role: ConnectionRole;
  readonly paint = new PaintMeter();
  readonly #ports: LiveSessionPorts;
  readonly #socket: CallSocket;
  /** Null for an observer. */
  readonly #audio: HostAudio | null;
  readonly #disposers: (() => void)[] = [];
  #snapshot: LiveSessionSnapshot;
  #capture: AudioCapture | null = null;
  /** Events up to this number are a replay: their way to the screen measures nothing. */
  #replayedSeq = 0;
  #lastFrameMs = 0;
  #wasLookLate = false;
  #seatedAtMs = 0;
  #watchedAtMs = Infinity;
  #isStopSent = false;
  #isClosed = false;
  #surrendered: Promise<void> | null = null;

  constructor(options: LiveSessionOptions, ports: LiveSessionPorts) {
    this.callId = options.callId;
    this.role = options.role;
    this.#ports = ports;
    this.#snapshot = {
      view: emptyLiveCall,
      connection: { kind: "connecting" },
      sound: { kind: "none" },
      isStopping: false,
      refusal: null,
      keeping: { kind: "kept" },
      givenUpMs: 0,
      undeliveredMs: 0,
    };
    this.#socket = new CallSocket({
      ...options,
      path: options.socketPath,
      ...ports,
      onMessage: (message) => {
        this.#received(message);
      },
      onConnection: (connection) => {
        this.#connectionChanged(connection);
      },
    });
    this.#audio = options.role === "host" ? this.#hostAudio(options) : null;
    this.#disposers.push(
      every(ports.timers, watchEveryMs, () => {
        this.#watch();
      }),
      ports.watchPageLife({
        onWake: () => {
          this.#socket.wake();
        },
        onHide: () => {
          this.#audio?.flushNow();
        },
        shouldWarn: () => this.#isWorthWarning(),
      }),
    );
    if (this.#audio === null) this.#socket.connect();
    else
      void this.#audio.ready.then(() => {
        this.#ready();
      });
  }

  readonly subscribe = (run: () => void): (() => void) => this.#ports.notifier.subscribe(run);

  readonly snapshot = (): LiveSessionSnapshot => this.#snapshot;

  get capture(): AudioCapture | null {
    return this.#capture;
  }

  /** Audio captured and not yet durable. */
  get unsentMs(): number {
    return this.#audio?.unsentMs ?? 0;
  }

  /** What the call ended without, as a WAV file; null when nothing is missing. */
  undeliveredFile(): Blob | null {
    return this.#snapshot.undeliveredMs > 0 ? (this.#audio?.heldFile() ?? null) : null;
  }

  /** Length of the call's audio so far; for an observer as far as it can know. */
  elapsedMs(): number {
    const { view } = this.#snapshot;
    if (view.completed !== null) return view.completed.duration_ms;
    if (this.#audio !== null) return this.#audio.endMs;
    if (view.session === null) return 0;
    const atJoinMs = (view.session.next_sample / view.session.sample_rate) * 1000;
    return view.session.state === "live" ? atJoinMs + (this.#nowMs() - this.#seatedAtMs) : atJoinMs;
  }

  /** Whether sound is still to be captured: not by an observer, nor in a call that is being ended. */
  async wantsSound(): Promise<boolean> {
    await this.#audio?.ready;
    return this.#audio !== null && !this.#isClosed && !this.#snapshot.isStopping;
  }

  /** Sends what this capture hears from now on; files begin to play where the call stands. */
  async attach(capture: AudioCapture): Promise<void> {
    const audio = this.#audio;
    if (audio === null) throw new Error("an observer sends no sound");
    // A file goes on where the call stands; other sound does not wait for the server to say where that is.
    if (capture.kind === "file" || capture.kind === "recorded") await audio.seated;
    if (!(await this.wantsSound())) {
      await capture.close();
      return;
    }
    await this.#capture?.close();
    this.#capture = capture;
    this.#soundCame();
    capture.subscribe((event) => {
      this.#captured(event);
    });
    this.#update({ sound: { kind: "flowing", condition: capture.condition, isStalled: false } });
    await capture.play(audio.endMs);
  }

  /** Ends the call once everything captured has been delivered, also after a reconnect or a reload. */
  async stop(): Promise<void> {
    if (this.#snapshot.isStopping || this.#audio === null) return;
    this.#update({ isStopping: true });
    await this.#silence();
    this.#audio.stopAsked();
    await this.#audio.drained();
    this.#sendStop();
  }

  toggleCoach(enabled: boolean): void {
    this.#socket.send({ type: "toggle_coach", data: { enabled } });
  }

  /** Mono: this voice is the rep's. */
  chooseVoice(voice: number): void {
    this.#socket.send({ type: "choose_voice", data: { voice } });
  }

  giveFeedback(suggestionId: string, verdict: FeedbackVerdict): void {
    this.#socket.send({ type: "suggestion_feedback", data: { suggestion_id: suggestionId, verdict } });
    this.#reduce({ type: "feedback_given", suggestionId, verdict });
  }

  dismissTrouble(reason: string): void {
    this.#reduce({ type: "trouble_dismissed", reason });
  }

  /** Lets go of everything; the call itself goes on until it is stopped. Idempotent. */
  async close(): Promise<void> {
    await this.#surrender();
  }

  #hostAudio(options: LiveSessionOptions): HostAudio {
    return new HostAudio({
      ...options,
      ...this.#ports,
      sendAudio: (firstSample, pcm) => this.#socket.sendAudio(firstSample, pcm),
      declareLost: ({ firstSample, samples }) =>
        this.#socket.ask({
          type: "audio_lost",
          data: { first_sample: firstSample, samples, reason: "client_buffer_full" },
        }),
      onNotStarted: () => {
        this.#sendStart();
      },
      onRefused: (code, message) => {
        this.#update({ refusal: { code, message } });
      },
      onKeeping: (keeping) => {
        this.#update({ keeping });
      },
      onYield: () => {
        const done = this.#surrender();
        this.#update({ connection: { kind: "taken_over" } });
        return done;
      },
    });
  }

  #ready(): void {
    if (this.#isClosed) return;
    if (this.#audio?.isStopAsked === true) this.#update({ isStopping: true, sound: { kind: "ended" } });
    this.#socket.connect();
  }

  #received(message: ServerMessage): void {
    if (isCallEvent(message)) {
      const isNew = message.data.seq > Math.max(this.#replayedSeq, this.#snapshot.view.lastSeq);
      if (isNew) this.paint.arrived(message, this.#nowMs());
      this.#reduce(message);
      if (message.type === "call_completed") this.#completed();
      return;
    }
    if (message.type === "session_started") this.#started(message.data);
    else if (message.type === "audio_ack") this.#audio?.acknowledge(message.data.next_sample);
  }

  #started(session: SessionStarted): void {
    this.#seatedAtMs = this.#nowMs();
    this.#replayedSeq = session.last_seq;
    this.#reduce({ type: "session_started", data: session });
    this.#sendStart();
    const takesAudio = session.state !== "completing" && session.state !== "completed";
    if (session.role === "host") this.#audio?.open(session.next_sample, takesAudio);
    if (this.#snapshot.isStopping) {
      this.#isStopSent = false;
      void this.#audio?.drained().then(() => {
        this.#sendStop();
      });
    }
  }

  #sendStart(): void {
    this.#socket.send({ type: "start_transcription", data: { after_seq: this.#snapshot.view.lastSeq } });
  }

  #sendStop(): void {
    if (this.#isStopSent || this.#snapshot.sound.kind === "flowing") return;
    if (this.#socket.state.kind !== "open") return;
    this.#isStopSent = true;
    this.#socket.send({ type: "stop_transcription", data: {} });
  }

  #completed(): void {
    // A frame or two that crossed with the end of the call is nothing to keep anybody for.
    const undeliveredMs = this.unsentMs > worthAWordMs ? this.unsentMs : 0;
    this.#dispose();
    void this.#capture?.close();
    this.#capture = null;
    void this.#audio?.forget();
    this.#update({ sound: { kind: "ended" }, undeliveredMs });
  }

  #connectionChanged(connection: ConnectionState): void {
    if (connection.kind !== "open") this.#audio?.suspend();
    this.#update({ connection });
    if (connection.kind === "taken_over" || connection.kind === "refused") void this.#surrender();
  }

  /** Somebody else is the host now, or nobody may be: what was captured is put away for whoever comes next. */
  #surrender(): Promise<void> {
    this.#surrendered ??= this.#putAway();
    return this.#surrendered;
  }

  async #putAway(): Promise<void> {
    this.#dispose();
    this.#socket.close();
    await this.#silence();
    await this.#audio?.surrender();
  }

  /** Nothing more is captured; what was, has been handed on. */
  async #silence(): Promise<void> {
    const capture = this.#capture;
    this.#capture = null;
    await capture?.finish();
    await capture?.close();
    if (this.role === "host") this.#update({ sound: { kind: "ended" } });
  }

  #dispose(): void {
    this.#isClosed = true;
    for (const dispose of this.#disposers.splice(0)) dispose();
  }

  #isWorthWarning(): boolean {
    if (this.#audio === null || this.#isClosed) return false;
    return this.#snapshot.isStopping || this.#audio.unsentMs > worthAWordMs;
  }

  #captured(event: CaptureEvent): void {
    switch (event.type) {
      case "frame":
        this.#soundCame();
        this.#audio?.push(new Uint8Array(event.pcm.buffer));
        // Frames come in the background too, where timers hardly run.
        this.#socket.beat();
        return;
      case "condition":
        // Where nothing is captured, no frame is missed.
        this.#soundCame();
        this.#updateSound({ condition: event.condition });
        return;
      case "finished":
        void this.stop();
        return;
    }
  }

  #watch(): void {
    const nowMs = this.#nowMs();
    const sinceLookMs = nowMs - this.#watchedAtMs;
    const isLookLate = sinceLookMs > lateLookMs;
    // After a sleep frames and devices take their time. One look after the other is late where a page is hidden and its
    // timers run once a minute: there frames come all the same.
    if (isLookLate && !this.#wasLookLate) this.#soundCame();
    this.#wasLookLate = isLookLate;
    const { sound } = this.#snapshot;
    if (sound.kind === "flowing") {
      const { isBlocked, isHalted, isBroken } = sound.condition;
      const isStalled = nowMs - this.#lastFrameMs > stalledAfterMs && !(isBlocked || isHalted || isBroken);
      if (isStalled && !sound.isStalled) void this.#capture?.rebuild();
      this.#updateSound({ isStalled });
    }
    // The timer was held up: the machine slept, or the page was frozen.
    if (sinceLookMs > sleptAfterMs) this.#socket.wake();
    this.#watchedAtMs = nowMs;
    this.#socket.beat();
    const givenUpMs = this.#audio?.givenUpMs ?? 0;
    if (givenUpMs !== this.#snapshot.givenUpMs) this.#update({ givenUpMs });
  }

  #soundCame(): void {
    this.#lastFrameMs = this.#nowMs();
  }

  #nowMs(): number {
    return this.#ports.timers.nowMs();
  }

  #reduce(input: LiveCallInput): void {
    this.#update({ view: liveCallReducer(this.#snapshot.view, input) });
  }

  #updateSound(change: Partial<Extract<SoundState, { kind: "flowing" }>>): void {
    const { sound } = this.#snapshot;
    if (sound.kind !== "flowing") return;
    const changed = { ...sound, ...change };
    const isSame = changed.condition === sound.condition && changed.isStalled === sound.isStalled;
    if (!isSame) this.#update({ sound: changed });
  }

  #update(change: Partial<LiveSessionSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    this.#ports.notifier.notify();
  }
}
