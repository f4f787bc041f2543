import type { ServerMessage } from "../../contract/events.ts";
import { closeCodes } from "../../contract/vocabulary.ts";
import type { OpenSocket, SocketListeners } from "../socket-port.ts";
import type { ManualTimers } from "./manual-timers.ts";

const wayMs = 3;

type Answer = (answer: unknown) => void;

/** One connection of it: what the browser's side of a socket and the wire in between do. */
interface Connection {
  readonly listeners: SocketListeners;
  /** `dead` says nothing and hears nothing, `deaf` hears nothing, `mute` hears and cannot be heard. */
  wire: "whole" | "dead" | "mute";
  isStarted: boolean;
  isOver: boolean;
}

/**
 * One mono call on a server that keeps its side of the contract, behind a network that can be broken:
 * what it has is durable at once.
 */
export class FakeCallServer {
  readonly callId: string;
  readonly durable: number[] = [];
  readonly lost: { readonly firstSample: number; readonly samples: number }[] = [];
  readonly events: ServerMessage[] = [];
  readonly asked: string[] = [];
  network: "whole" | "refusing" | "dead" = "whole";
  /** Codes with which the next frames of audio are refused. */
  refusals: string[] = [];
  refusesLoss = false;
  opened = 0;
  isCompleted = false;
  readonly #timers: ManualTimers;
  #host: Connection | null = null;
  constructor(callId: string, timers: ManualTimers) {
    this.callId = callId;
    this.#timers = timers;
  }

  get nextSample(): number {
    return this.durable.length;
  }

  get isConnected(): boolean {
    return this.#host !== null && !this.#host.isOver && this.#host.wire === "whole";
  }

  readonly openSocket: OpenSocket = (_address, listeners) => {
    this.opened += 1;
    const connection: Connection = { listeners, wire: "whole", isStarted: false, isOver: false };
    if (this.network === "refusing") {
      this.#later(connection, () => {
        listeners.onRefused(new Error("websocket error"));
      });
    } else if (this.network === "dead") {
      connection.wire = "dead";
    } else {
      this.#later(connection, () => {
        this.#seat(connection);
      });
    }
    return {
      get isConnected() {
        return !connection.isOver;
      },
      emit: (event, ...args) => {
        if (connection.wire === "dead") return;
        this.#later(connection, () => {
          this.#received(connection, event, args);
        });
      },
      close: () => {
        connection.isOver = true;
      },
    };
  };

  /** RST on the connection there is. */
  reset(): void {
    const host = this.#host;
    if (host === null || host.isOver) return;
    host.listeners.onGone(false);
    host.isOver = true;
  }

  /** The host's process is gone: its connection ends, and nobody is there to hear of it. */
  forgetHost(): void {
    if (this.#host !== null) this.#host.isOver = true;
  }

  /** The connection there is gives no sign of life any more; what is sent may still arrive. */
  silence(wire: "dead" | "mute"): void {
    if (this.#host !== null) this.#host.wire = wire;
  }

  /** Somebody else becomes host, for example on another device. */
  takeOver(): void {
    const host = this.#host;
    if (host === null) return;
    this.#refuse(host, "taken_over");
  }

  say(text: string): void {
    const segment = this.events.length + 1;
    const message: ServerMessage = {
      type: "transcript_update",
      data: {
        call_id: this.callId,
        seq: segment,
        segment_id: `segment-${segment}`,
        revision: 1,
        speaker: null,
        role: "unknown",
        ts_ms: segment * 100,
        end_ms: segment * 100 + 50,
        text,
        is_final: true,
        confidence: null,
        words: [],
      },
    };
    this.events.push(message);
    if (this.#host?.isStarted === true) this.#tell(this.#host, message.type, message.data);
  }

  #later(connection: Connection, run: () => void): void {
    this.#timers.after(wayMs, () => {
      if (!connection.isOver) run();
    });
  }

  #tell(connection: Connection, type: string, data: unknown): void {
    if (connection.wire !== "whole") return;
    this.#later(connection, () => {
      if (connection.wire === "whole") connection.listeners.onMessage(type, data);
    });
  }

  #refuse(connection: Connection, code: string): void {
    this.#tell(connection, "error", { call_id: this.callId, code, message: code, retryable: false });
    this.#later(connection, () => {
      if (connection.wire !== "whole") return;
      connection.listeners.onGone(true);
      connection.isOver = true;
    });
  }

  #seat(connection: Connection): void {
    if (this.#host !== null && !this.#host.isOver) this.#refuse(this.#host, "taken_over");
    this.#host = connection;
    this.#tell(connection, "session_started", {
      call_id: this.callId,
      state: this.isCompleted ? "completed" : "live",
      role: "host",
      next_sample: this.nextSample,
      last_seq: this.events.length,
      sample_rate: 16_000,
      channels: 1,
      stereo_layout: "LR",
      language: "es",
      transcriber: "scripted",
      coach_enabled: true,
      protocol: 1,
      message: "",
      timestamp: new Date(0).toISOString(),
    });
  }

  #received(connection: Connection, event: string, args: readonly unknown[]): void {
    if (connection !== this.#host) return;
    const last = args.at(-1);
    const answer: Answer = (message) => {
      if (typeof last !== "function" || connection.wire !== "whole") return;
      this.#later(connection, () => {
        if (connection.wire === "whole") Reflect.apply(last, null, [message]);
      });
    };
    this.asked.push(event);
    switch (event) {
      case "start_transcription": {
        connection.isStarted = true;
        const afterSeq = Number(Reflect.get(Object(args[0]), "after_seq"));
        for (const { type, data } of this.events) {
          if ("seq" in data && data.seq > afterSeq) this.#tell(connection, type, data);
        }
        return;
      }
      case "ping":
        this.#tell(connection, "pong", { call_id: this.callId, timestamp: new Date(0).toISOString() });
        return;
      case "stop_transcription":
        this.#answerStop(connection);
        return;
      case "audio":
        this.#takeAudio(connection, Number(args[0]), args[1], answer);
        return;
      case "audio_lost":
        this.#takeLoss(args[0], answer);
        return;
    }
  }

  #no(code: string): unknown {
    const retryable = code !== "call_completed";
    return { ok: false, error: { code, message: code, retryable, next_sample: this.nextSample } };
  }

  #takeAudio(connection: Connection, firstSample: number, pcm: unknown, answer: Answer): void {
    const refusal = this.refusals.shift();
    if (!connection.isStarted) answer(this.#no("not_started"));
    else if (this.isCompleted) answer(this.#no("call_completed"));
    else if (refusal !== undefined) answer(this.#no(refusal));
    else if (firstSample > this.nextSample) answer(this.#no("audio_gap"));
    else if (pcm instanceof ArrayBuffer) {
      const samples = new Uint16Array(pcm);
      for (const sample of samples.subarray(this.nextSample - firstSample)) this.durable.push(sample);
      answer({ ok: true, next_sample: this.nextSample });
    }
  }

  #takeLoss(loss: unknown, answer: Answer): void {
    const firstSample = Number(Reflect.get(Object(loss), "first_sample"));
    const end = firstSample + Number(Reflect.get(Object(loss), "samples"));
    if (this.refusesLoss) answer(this.#no("audio_lost_refused"));
    else if (firstSample > this.nextSample) answer(this.#no("audio_gap"));
    else {
      const samples = Math.max(0, end - this.nextSample);
      if (samples > 0) this.lost.push({ firstSample: this.nextSample, samples });
      for (let sample = 0; sample < samples; sample += 1) this.durable.push(0);
      answer({ ok: true });
    }
  }

  /** The call ends, for whatever reason. */
  complete(): void {
    if (this.isCompleted) return;
    this.isCompleted = true;
    this.events.push({
      type: "call_completed",
      data: {
        call_id: this.callId,
        seq: this.events.length + 1,
        reason: "stopped",
        duration_ms: Math.round(this.nextSample / 16),
        summary: {
          total_segments: 0,
          total_objections: 0,
          objection_types: {},
          speakers_time: { rep: 0, prospect: 0, unknown: 0 },
          top_topics: [],
          next_steps: [],
          confidence_score: null,
        },
        downloads: {},
      },
    });
  }

  #answerStop(connection: Connection): void {
    this.complete();
    const completed = this.events.at(-1);
    if (completed !== undefined) this.#tell(connection, completed.type, completed.data);
  }
}

/** What `connect_error` brings when the server says no. */
export function connectError(code: number, error: string): Error {
  return Object.assign(new Error(error), { data: { code, error, retryable: code === closeCodes.draining } });
}
