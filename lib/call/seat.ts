import type { FeedbackVerdict } from "../contract/client-messages.ts";
import type { ServerMessage } from "../contract/events.ts";
import type { CloseCode, ConnectionRole } from "../contract/vocabulary.ts";

/**
 * How the core reaches one connection. `send` must not throw and must keep order; a transport whose
 * peer does not read bounds its own buffer and closes the connection.
 */
export interface ConnectionOutlet {
  send(message: ServerMessage): void;
  close(code: CloseCode, reason: string): void;
  /** Resolves when the peer has read most of what it was sent, or is gone; null: there is nothing to wait for. */
  caughtUp(): Promise<void> | null;
}

export interface AudioLoss {
  readonly firstSample: number;
  readonly samples: number;
  readonly reason: string;
}

/**
 * A connection's place in a call. Methods reject with `CallError`; the transport turns that into an
 * `error` event or a refusing ack and lives on.
 */
export interface Seat {
  readonly callId: string;
  readonly role: ConnectionRole;
  /** `start_transcription`: opens or resumes the call (host) and replays every call event after `afterSeq`. */
  start(afterSeq: number | undefined): Promise<void>;
  /**
   * Takes a frame. `firstSample` null: it follows the last one of this connection (raw WebSocket).
   * Resolves with `nextSample` when the frame is durable. Refusals: `not_started`, `audio_gap`,
   * `audio_misaligned`, `backpressure`, `taken_over`, `not_allowed`, `call_completed`.
   */
  audio(firstSample: number | null, pcm: Uint8Array): Promise<number>;
  /**
   * Seconds of audio taken and not yet durable (very many short frames count as more), so that a transport without acks can stop reading
   * before `backpressure` would be the answer.
   */
  undurableSeconds(): number;
  /** Resolves when the call has less than half of the allowed undurable audio. */
  drained(): Promise<void>;
  /** Every sample before it is durable. */
  nextSample(): number;
  /** Resolves when `call_completed` has been sent. */
  stop(): Promise<void>;
  toggleCoach(enabled: boolean): Promise<void>;
  /** Mono with voices told apart: this one is the rep's. Refusals: `invalid`, `wrong_state`. */
  chooseVoice(voice: number): Promise<void>;
  audioLost(loss: AudioLoss): Promise<void>;
  feedback(suggestionId: string, verdict: FeedbackVerdict): Promise<void>;
  /** The connection is gone. Idempotent. */
  leave(): void;
}

/** What transports see of the calls. */
export interface CallDoor {
  /**
   * Seats a connection and sends it `session_started`; a new host takes over from the old one.
   * Rejects with `CallError`: `call_not_found`, `draining`.
   */
  join(options: {
    readonly callId: string;
    readonly role: ConnectionRole;
    readonly outlet: ConnectionOutlet;
    /** Whether it may judge suggestions; the host may anyway. */
    readonly givesFeedback?: boolean;
  }): Promise<Seat>;
}
