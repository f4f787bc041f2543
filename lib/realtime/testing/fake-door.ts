import type { FeedbackVerdict } from "../../contract/client-messages.ts";
import type { CallEvent, ServerMessage } from "../../contract/events.ts";
import type { CallState, ConnectionRole } from "../../contract/vocabulary.ts";
import { closeCodes, maxUndurableSeconds } from "../../contract/vocabulary.ts";
import { CallError } from "../../call/errors.ts";
import { refuseTooMuchLoss } from "../../call/lost-audio.ts";
import type { AudioLoss, CallDoor, ConnectionOutlet, Seat } from "../../call/seat.ts";

const sampleRateHz = 16_000;
const sampleBytes = 4;

/** A call that keeps its audio in memory and does what `lib/call/seat.ts` documents. */
class FakeCall {
  readonly callId: string;
  state: CallState = "created";
  readonly seats = new Set<FakeSeat>();
  host: FakeSeat | null = null;
  readonly events: CallEvent[] = [];
  readonly audio: Uint8Array[] = [];
  readonly log: string[] = [];
  takenSamples = 0;
  durableSamples = 0;
  mostUndurableSeconds = 0;
  durabilityHeld = false;
  readonly #waiters: { readonly sample: number; readonly resolve: () => void }[] = [];

  constructor(callId: string) {
    this.callId = callId;
  }

  publish(make: (seq: number) => CallEvent): CallEvent {
    const event = make(this.events.length + 1);
    this.events.push(event);
    for (const seat of this.seats) if (seat.started) seat.outlet.send(event);
    return event;
  }

  say(text: string): CallEvent {
    return this.publish((seq) => ({
      type: "status",
      data: { call_id: this.callId, seq, state: "live", reason: "test", detail: text },
    }));
  }

  take(firstSample: number, pcm: Uint8Array): void {
    const samples = pcm.byteLength / sampleBytes;
    const nextSample = this.durableSamples;
    if (samples === 0 || !Number.isInteger(samples)) {
      throw new CallError("audio_misaligned", "not whole samples", { nextSample });
    }
    if (firstSample > this.takenSamples) throw new CallError("audio_gap", "a gap", { nextSample });
    const fresh = Math.max(0, firstSample + samples - this.takenSamples);
    const undurable = (this.takenSamples + fresh - this.durableSamples) / sampleRateHz;
    if (undurable > maxUndurableSeconds) throw new CallError("backpressure", "full", { nextSample });
    this.mostUndurableSeconds = Math.max(this.mostUndurableSeconds, undurable);
    this.audio.push(pcm.slice((samples - fresh) * sampleBytes));
    this.takenSamples += fresh;
    this.log.push(`audio ${firstSample}+${samples}`);
    if (!this.durabilityHeld)
      setTimeout(() => {
        this.settle();
      }, 2);
  }

  /** Everything taken so far becomes durable. */
  settle(): void {
    if (this.durabilityHeld) return;
    this.durableSamples = this.takenSamples;
    for (const waiter of this.#waiters.splice(0)) {
      if (waiter.sample <= this.durableSamples) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  async durable(sample: number): Promise<void> {
    if (sample <= this.durableSamples) return;
    await new Promise<void>((resolve) => this.#waiters.push({ sample, resolve }));
  }

  holdDurability(): void {
    this.durabilityHeld = true;
  }

  releaseDurability(): void {
    this.durabilityHeld = false;
    this.settle();
  }
}

class FakeSeat implements Seat {
  readonly call: FakeCall;
  readonly role: ConnectionRole;
  readonly outlet: ConnectionOutlet;
  started = false;
  gone = false;
  #cursor: number;

  constructor(call: FakeCall, role: ConnectionRole, outlet: ConnectionOutlet) {
    this.call = call;
    this.role = role;
    this.outlet = outlet;
    this.#cursor = call.durableSamples;
  }

  get callId(): string {
    return this.call.callId;
  }

  async start(afterSeq: number | undefined): Promise<void> {
    this.call.log.push("start");
    await Promise.resolve();
    if (this.role === "host" && this.call.state !== "completed") this.call.state = "live";
    if (afterSeq !== undefined) {
      for (const event of this.call.events) if (event.data.seq > afterSeq) this.outlet.send(event);
    }
    this.started = true;
    if (this.call.state === "completed") this.outlet.close(closeCodes.completed, "completed");
  }

  async audio(firstSample: number | null, pcm: Uint8Array): Promise<number> {
    if (this.call.host !== this) throw new CallError("taken_over", "taken over");
    if (!this.started) {
      throw new CallError("not_started", "not started", { nextSample: this.call.durableSamples });
    }
    if (this.call.state !== "live") throw new CallError("call_completed", "completed");
    this.call.take(firstSample ?? this.#cursor, pcm);
    this.#cursor = this.call.takenSamples;
    await this.call.durable(this.call.takenSamples);
    return this.call.durableSamples;
  }

  undurableSeconds(): number {
    return (this.call.takenSamples - this.call.durableSamples) / sampleRateHz;
  }

  async drained(): Promise<void> {
    await this.call.durable(this.call.takenSamples - (maxUndurableSeconds / 2) * sampleRateHz);
  }

  nextSample(): number {
    return this.call.durableSamples;
  }

  async stop(): Promise<void> {
    const { call } = this;
    call.log.push("stop");
    if (call.state === "completed") {
      const event = call.events.at(-1);
      if (event !== undefined) this.outlet.send(event);
      return;
    }
    call.state = "completing";
    await call.durable(call.takenSamples);
    call.state = "completed";
    call.publish((seq) => ({
      type: "call_completed",
      data: {
        call_id: call.callId,
        seq,
        reason: "stopped",
        duration_ms: (call.takenSamples * 1000) / sampleRateHz,
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
    }));
    setTimeout(() => {
      for (const seat of [...call.seats]) seat.outlet.close(closeCodes.completed, "completed");
    }, 100);
  }

  async toggleCoach(enabled: boolean): Promise<void> {
    this.call.log.push(`toggle ${enabled}`);
    await Promise.resolve();
    this.call.publish((seq) => ({
      type: "coach_changed",
      data: { call_id: this.callId, seq, coach_enabled: enabled },
    }));
  }

  async chooseVoice(voice: number): Promise<void> {
    await Promise.resolve();
    this.call.log.push(`voice ${voice}`);
  }

  async audioLost(loss: AudioLoss): Promise<void> {
    this.call.log.push(`lost ${loss.firstSample}+${loss.samples}`);
    refuseTooMuchLoss([], loss.samples, sampleRateHz);
    this.call.take(loss.firstSample, new Uint8Array(loss.samples * sampleBytes));
    this.#cursor = this.call.takenSamples;
    await this.call.durable(this.call.takenSamples);
  }

  async feedback(suggestionId: string, verdict: FeedbackVerdict): Promise<void> {
    this.call.log.push(`feedback ${suggestionId} ${verdict}`);
    await Promise.resolve();
    if (suggestionId === "unknown") throw new CallError("suggestion_not_found", "no such suggestion");
    if (suggestionId === "broken") throw new TypeError("a fault of ours");
  }

  leave(): void {
    if (this.gone) return;
    this.gone = true;
    this.call.seats.delete(this);
    if (this.call.host === this) this.call.host = null;
    this.call.log.push(`left ${this.role}`);
  }
}

/** Calls by id, with the semantics of the port. */
export class FakeDoor implements CallDoor {
  readonly calls = new Map<string, FakeCall>();
  readonly asked: string[] = [];
  /** While set, nobody gets a seat. */
  gate: Promise<void> | null = null;
  draining = false;

  add(callId: string): FakeCall {
    const call = new FakeCall(callId);
    this.calls.set(callId, call);
    return call;
  }

  async join(options: {
    readonly callId: string;
    readonly role: ConnectionRole;
    readonly outlet: ConnectionOutlet;
  }): Promise<Seat> {
    const { callId, role, outlet } = options;
    this.asked.push(callId);
    if (this.gate !== null) await this.gate;
    if (this.draining) throw new CallError("draining", "going down");
    const call = this.calls.get(callId);
    if (call === undefined) throw new CallError("call_not_found", "no such call");
    const old = call.host;
    if (role === "host" && old !== null) {
      call.host = null;
      await call.durable(call.takenSamples);
      old.outlet.send({ type: "error", data: takenOver(callId) });
      old.outlet.close(closeCodes.takenOver, "taken_over");
    }
    const seat = new FakeSeat(call, role, outlet);
    if (role === "host") call.host = seat;
    call.seats.add(seat);
    outlet.send(sessionStarted(call, role));
    return seat;
  }
}

function takenOver(callId: string): Extract<ServerMessage, { type: "error" }>["data"] {
  return { call_id: callId, code: "taken_over", message: "taken over", retryable: false };
}

function sessionStarted(call: FakeCall, role: ConnectionRole): ServerMessage {
  return {
    type: "session_started",
    data: {
      call_id: call.callId,
      state: call.state,
      role,
      next_sample: call.durableSamples,
      last_seq: call.events.length,
      sample_rate: sampleRateHz,
      channels: 2,
      stereo_layout: "LR",
      language: "es",
      transcriber: "scripted",
      coach_enabled: true,
      protocol: 1,
      message: "ready",
      timestamp: new Date().toISOString(),
    },
  };
}
