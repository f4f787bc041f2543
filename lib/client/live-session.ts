import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type { ServerMessage, SessionStarted } from "../contract/events.ts";
import type { ConnectionRole } from "../contract/vocabulary.ts";
import type { AudioCapture, CaptureEvent } from "./audio-capture.ts";
import { AudioUplink } from "./audio-uplink.ts";
import type { CaptureCondition } from "./capture-condition.ts";
import { CallSocket, type ConnectionState } from "./call-socket.ts";
import { captureRateHz } from "./capture-protocol.ts";
import { FrameNotifier } from "./frame-notifier.ts";
import { emptyLiveCall, liveCallReducer, type LiveCallInput, type LiveCallView } from "./live-call.ts";
import { PaintMeter } from "./paint-meter.ts";
import { isCallEvent } from "./server-message.ts";
import { UnsentAudio, unsentAudioBoundSec } from "./unsent-audio.ts";

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
}

export interface LiveSessionOptions {
  readonly origin: string;
  readonly socketPath: string;
  readonly callId: string;
  readonly token: string;
  readonly role: ConnectionRole;
  readonly channels: 1 | 2;
  /** True for a call that this tab has just started: its audio begins at sample 0. */
  readonly isNew: boolean;
}

const watchEveryMs = 1000;
const stalledAfterMs = 4000;
const unansweredAfterMs = 15_000;

/**
 * One call in this tab: the connection, the sound going up, and the view coming down. It outlives pages,
 * so that looking something up in the history does not end a call.
 */
export class LiveSession {
  readonly callId: string;
  readonly role: ConnectionRole;
  readonly paint = new PaintMeter();
  readonly #socket: CallSocket;
  readonly #unsent: UnsentAudio;
  readonly #uplink: AudioUplink;
  readonly #notifier = new FrameNotifier();
  readonly #disposers: (() => void)[] = [];
  #snapshot: LiveSessionSnapshot;
  #capture: AudioCapture | null = null;
  /** Events up to this number are a replay: their way to the screen measures nothing. */
  #replayedSeq = 0;
  #seated: Promise<void>;
  #markSeated: () => void = () => undefined;
  #isSeated: boolean;
  #lastFrameMs = 0;
  #lastAnswerMs = 0;
  #seatedAtMs = 0;
  #isStopSent = false;

  constructor(options: LiveSessionOptions) {
    this.callId = options.callId;
    this.role = options.role;
    this.#snapshot = {
      view: emptyLiveCall,
      connection: { kind: "connecting" },
      sound: { kind: "none" },
      isStopping: false,
      refusal: null,
    };
    this.#isSeated = options.isNew;
    this.#seated = options.isNew
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#markSeated = resolve;
        });
    const bytesPerSample = options.channels * 2;
    this.#unsent = new UnsentAudio({ bytesPerSample, maxSamples: unsentAudioBoundSec * captureRateHz });
    this.#socket = new CallSocket({
      origin: options.origin,
      path: options.socketPath,
      callId: options.callId,
      token: options.token,
      onMessage: (message) => {
        this.#received(message);
      },
      onConnection: (connection) => {
        this.#connectionChanged(connection);
      },
      nowMs: () => performance.now(),
    });
    this.#uplink = new AudioUplink({
      unsent: this.#unsent,
      bytesPerSample,
      sampleRateHz: captureRateHz,
      sendAudio: async (firstSample, pcm) => {
        const ack = await this.#socket.sendAudio(firstSample, pcm);
        this.#lastAnswerMs = performance.now();
        return ack;
      },
      declareLost: ({ firstSample, samples }) => {
        this.#socket.send({
          type: "audio_lost",
          data: { first_sample: firstSample, samples, reason: "client_buffer_full" },
        });
      },
      onNotStarted: () => {
        this.#sendStart();
      },
      onRefused: (code, message) => {
        this.#update({ refusal: { code, message } });
      },
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => {
          clearTimeout(timer);
        };
      },
    });
    const watch = setInterval(() => {
      this.#watch();
    }, watchEveryMs);
    const onOnline = (): void => {
      this.#socket.retryNow();
    };
    window.addEventListener("online", onOnline);
    this.#disposers.push(
      () => {
        clearInterval(watch);
      },
      () => {
        window.removeEventListener("online", onOnline);
      },
    );
    this.#socket.connect();
  }

  readonly subscribe = (run: () => void): (() => void) => this.#notifier.subscribe(run);

  readonly snapshot = (): LiveSessionSnapshot => this.#snapshot;

  get capture(): AudioCapture | null {
    return this.#capture;
  }

  /** Audio captured and not yet durable. */
  get unsentMs(): number {
    return (this.#unsent.heldSamples / captureRateHz) * 1000;
  }

  /** Length of the call's audio so far; for an observer as far as it can know. */
  elapsedMs(): number {
    const { view } = this.#snapshot;
    if (view.completed !== null) return view.completed.duration_ms;
    if (this.role === "host") return (this.#unsent.endSample / captureRateHz) * 1000;
    if (view.session === null) return 0;
    const atJoinMs = (view.session.next_sample / view.session.sample_rate) * 1000;
    return view.session.state === "live" ? atJoinMs + (performance.now() - this.#seatedAtMs) : atJoinMs;
  }

  /** Sends what this capture hears from now on; files begin to play where the call stands. */
  async attach(capture: AudioCapture): Promise<void> {
    await this.#seated;
    await this.#capture?.close();
    this.#capture = capture;
    this.#lastFrameMs = performance.now();
    capture.subscribe((event) => {
      this.#captured(event);
    });
    this.#update({ sound: { kind: "flowing", condition: capture.condition, isStalled: false } });
    await capture.play((this.#unsent.endSample / captureRateHz) * 1000);
  }

  /** Ends the call once everything captured has been delivered, also after a reconnect. */
  async stop(): Promise<void> {
    if (this.#snapshot.isStopping || this.role !== "host") return;
    this.#update({ isStopping: true });
    await this.#capture?.flush();
    await this.#capture?.close();
    this.#capture = null;
    this.#update({ sound: { kind: "ended" } });
    await this.#uplink.drained();
    this.#sendStop();
  }

  toggleCoach(enabled: boolean): void {
    this.#socket.send({ type: "toggle_coach", data: { enabled } });
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
    for (const dispose of this.#disposers.splice(0)) dispose();
    this.#uplink.suspend();
    this.#socket.close();
    await this.#capture?.close();
    this.#capture = null;
  }

  #received(message: ServerMessage): void {
    this.#lastAnswerMs = performance.now();
    if (isCallEvent(message)) {
      const isNew = message.data.seq > Math.max(this.#replayedSeq, this.#snapshot.view.lastSeq);
      if (isNew) this.paint.arrived(message, this.#lastAnswerMs);
      this.#reduce(message);
      if (message.type === "call_completed") this.#completed();
      return;
    }
    switch (message.type) {
      case "session_started":
        this.#started(message.data);
        return;
      case "audio_ack":
        this.#uplink.acknowledge(message.data.next_sample);
        return;
      case "error":
        if (message.data.code === "audio_lost_refused") this.#uplink.lossRefused(message.data.next_sample);
        return;
      case "ping":
      case "pong":
        return;
    }
  }

  #started(session: SessionStarted): void {
    this.#seatedAtMs = performance.now();
    this.#replayedSeq = session.last_seq;
    this.#reduce({ type: "session_started", data: session });
    this.#sendStart();
    if (!this.#isSeated) {
      this.#unsent.rebase(session.next_sample);
      this.#isSeated = true;
    }
    this.#markSeated();
    const takesAudio = session.state !== "completing" && session.state !== "completed";
    if (session.role === "host" && takesAudio) this.#uplink.open(session.next_sample);
    if (this.#isStopSent || this.#snapshot.isStopping) {
      this.#isStopSent = false;
      void this.#uplink.drained().then(() => {
        this.#sendStop();
      });
    }
  }

  #sendStart(): void {
    const data = { after_seq: this.#snapshot.view.lastSeq };
    this.#socket.send({ type: "start_transcription", data });
  }

  #sendStop(): void {
    if (this.#isStopSent || this.#snapshot.sound.kind === "flowing") return;
    if (this.#socket.state.kind !== "open") return;
    this.#isStopSent = true;
    this.#socket.send({ type: "stop_transcription", data: {} });
  }

  #completed(): void {
    this.#uplink.suspend();
    void this.#capture?.close();
    this.#capture = null;
    this.#update({ sound: { kind: "ended" } });
    for (const dispose of this.#disposers.splice(0)) dispose();
  }

  #connectionChanged(connection: ConnectionState): void {
    if (connection.kind !== "open") this.#uplink.suspend();
    if (connection.kind === "taken_over" || connection.kind === "refused") {
      void this.#capture?.close();
      this.#capture = null;
      this.#update({ connection, sound: { kind: "ended" } });
      return;
    }
    this.#update({ connection });
  }

  #captured(event: CaptureEvent): void {
    switch (event.type) {
      case "frame":
        this.#lastFrameMs = performance.now();
        this.#uplink.push(new Uint8Array(event.pcm.buffer));
        return;
      case "condition":
        // Where nothing is captured, no frame is missed.
        this.#lastFrameMs = performance.now();
        this.#updateSound({ condition: event.condition });
        return;
      case "finished":
        void this.stop();
        return;
    }
  }

  #watch(): void {
    const nowMs = performance.now();
    const { sound } = this.#snapshot;
    if (sound.kind === "flowing") {
      const { isBlocked, isHalted, isBroken } = sound.condition;
      const isStalled = !(isBlocked || isHalted || isBroken) && nowMs - this.#lastFrameMs > stalledAfterMs;
      if (isStalled && !sound.isStalled) void this.#capture?.rebuild();
      this.#updateSound({ isStalled });
    }
    // A connection that swallows audio without a word is made anew.
    if (this.#uplink.inFlightSamples > 0 && nowMs - this.#lastAnswerMs > unansweredAfterMs) {
      this.#lastAnswerMs = nowMs;
      this.#socket.renew();
    }
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
    this.#notifier.notify();
  }
}
