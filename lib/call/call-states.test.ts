import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallState } from "../contract/vocabulary.ts";
import { CallError } from "./errors.ts";
import type { Clock } from "./ports.ts";
import type { Seat } from "./seat.ts";
import { CallBench, frame, type Listener } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

/** Contract, section 5: where a call may go from each state; `gone` is a call without audio that was deleted. */
const ways: Readonly<Record<CallState, readonly (CallState | "gone")[]>> = {
  created: ["created", "live", "completing", "completed", "gone"],
  live: ["live", "waiting", "completing", "completed", "gone"],
  waiting: ["waiting", "live", "completing", "completed", "gone"],
  completing: ["completing", "completed", "gone"],
  completed: ["completed"],
};

const samples = fc.integer({ min: 1, max: 20_000 });
const command = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("join", "observe"), n: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("start"), n: fc.integer({ min: -1, max: 40 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("audio", "again", "gap"), n: samples }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lost"), n: samples }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("say"), n: fc.integer({ min: 0, max: 7 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("stop", "leave", "toggle", "hold", "release"), n: fc.nat(1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait"), n: fc.constantFrom(100, 900, 30_000, 130_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("restart", "drain"), n: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("database", "disk"), n: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("outage"), n: fc.nat(2) }) },
);
interface Command {
  readonly do: string;
  readonly n: number;
}

/** The timers of one process, which end with it. */
class MortalClock implements Clock {
  readonly #clock: () => Clock;
  #dead = false;

  constructor(clock: () => Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock().nowMs();
  }

  monotonicMs(): number {
    return this.#clock().monotonicMs();
  }

  after(delayMs: number, run: () => void): () => void {
    return this.#clock().after(delayMs, () => {
      if (!this.#dead) run();
    });
  }

  die(): void {
    this.#dead = true;
  }
}

class Run {
  #life: MortalClock = new MortalClock(() => this.bench.clock);
  readonly bench: CallBench = new CallBench({ clock: this.#life });
  readonly #heard: Listener[] = [];
  #callId = "";
  #host: Seat | null = null;
  #state: CallState | "gone" = "created";
  #durable = 0;
  #ending = false;
  /** It may not have been noticed yet that it works again. */
  #diskFailed = false;
  #outages = 0;

  async begin(): Promise<void> {
    this.#callId = (await this.bench.registry.start({})).callId;
  }

  async step({ do: what, n }: Command): Promise<void> {
    // What a connection may not do is refused with an error of ours, never with another one.
    await this.#act(what, n).catch((error: unknown) => {
      if (!(error instanceof CallError)) throw error;
    });
    await settle();
    await this.check();
  }

  async #act(what: string, n: number): Promise<void> {
    const { bench } = this;
    const next = this.#host?.nextSample() ?? 0;
    switch (what) {
      case "join":
      case "observe": {
        const joining = bench.join(this.#callId, what === "join" ? "host" : "observer");
        // A take-over waits for what the old host gave to be durable.
        bench.recorder.release();
        // While the disk fails it is refused after seconds.
        joining.catch(() => undefined);
        if (bench.recorder.failing || this.#diskFailed) await bench.clock.advance(12_000);
        this.#diskFailed = bench.recorder.failing;
        const { seat, heard } = await joining;
        this.#heard.push(heard);
        if (what === "join") this.#host = seat;
        else this.#later(seat.start(0));
        return;
      }
      case "start":
        this.#later(this.#host?.start(n < 0 ? undefined : n));
        return;
      case "audio":
        this.#later(this.#host?.audio(null, frame(n)));
        return;
      case "again":
        this.#later(this.#host?.audio(Math.max(0, next - n), frame(n + 10)));
        return;
      case "gap":
        this.#later(this.#host?.audio(next + 400_000 + n, frame(n)));
        return;
      case "lost":
        this.#later(this.#host?.audioLost({ firstSample: next, samples: n, reason: "test" }));
        return;
      case "say": {
        const stream = bench.engine.streams.at(-1);
        stream?.say(1, n % 2 === 0 ? "es caro" : "hablo con mi jefe", { id: `u${n >> 1}`, final: n > 3 });
        return;
      }
      case "stop":
        this.#later(this.#host?.stop());
        return;
      case "leave":
        this.#host?.leave();
        this.#host = null;
        return;
      case "toggle":
        this.#later(this.#host?.toggleCoach(n === 0));
        return;
      case "hold":
        // Holding twice would forget who waits already.
        bench.recorder.release();
        bench.recorder.hold();
        return;
      case "release":
        bench.recorder.release();
        return;
      case "wait":
        await bench.clock.advance(n);
        return;
      case "database":
        bench.repository.failing = n === 1;
        return;
      case "outage":
        // Something is said for good meanwhile, and told; then it goes on, is over, or the process dies of it.
        bench.repository.failing = true;
        bench.engine.streams.at(-1)?.say(1, "es caro", { id: `outage${String((this.#outages += 1))}` });
        await bench.clock.advance(1500);
        if (n === 1) bench.repository.failing = false;
        if (n === 2) await this.#restart();
        return;
      case "disk":
        bench.recorder.failing = n === 1;
        this.#diskFailed ||= n === 1;
        return;
      case "drain":
        if (n === 0) return;
        this.#ending = true;
        bench.recorder.release();
        this.#later(bench.registry.drain(5000));
        await bench.clock.advance(6000);
        return;
      default:
        await this.#restart();
    }
  }

  /** As it would be after `kill -9`: what is durable stays, everything else is gone. */
  async #restart(): Promise<void> {
    this.bench.recorder.release();
    await settle();
    this.#host = null;
    // No server starts on a database that does not answer.
    this.bench.repository.failing = false;
    this.#life.die();
    for (const stream of this.bench.engine.streams) stream.abort();
    this.#life = new MortalClock(() => this.bench.clock);
    this.bench.registry = this.bench.newRegistry({ clock: this.#life });
    await this.bench.registry.recover();
    this.#ending = false;
  }

  #later(done: Promise<unknown> | undefined): void {
    done?.catch((error: unknown) => {
      if (!(error instanceof CallError)) this.faults.push(error);
    });
  }

  readonly faults: unknown[] = [];

  async check(): Promise<void> {
    expect(this.faults).toEqual([]);
    const status = await this.bench.registry.status(this.#callId).catch((error: unknown) => {
      if (this.bench.repository.failing) return undefined;
      expect(error).toMatchObject({ code: "call_not_found" });
      return null;
    });
    // A completed call is the database's to tell.
    if (status === undefined) return;
    const state = status?.state ?? "gone";
    if (this.#state !== "gone") {
      // A restart is seen as the way from any state that was not over to waiting.
      const allowed = this.#state === "completed" ? ["completed"] : [...ways[this.#state], "waiting"];
      expect(allowed, `from ${this.#state}`).toContain(state);
    } else expect(state).toBe("gone");
    this.#state = state;
    if (status !== null) {
      expect(status.nextSample).toBeGreaterThanOrEqual(this.#durable);
      this.#durable = status.nextSample;
    }
    this.#checkEvents();
  }

  #checkEvents(): void {
    const bySeq = new Map<number, string>();
    const completions = new Set<number>();
    for (const listener of this.#heard) {
      let highest = 0;
      for (const event of listener.callEvents()) {
        const { seq } = event.data;
        // A replay that was asked for again starts again, and a second stop is answered with the same event.
        const text = JSON.stringify(event);
        expect(bySeq.get(seq) ?? text, `number ${seq}`).toBe(text);
        if (bySeq.get(seq) === undefined && event.type !== "call_completed") {
          expect(
            [...completions].every((end) => seq < end || seq === end),
            "nothing after the end",
          ).toBe(true);
        }
        bySeq.set(seq, text);
        if (event.type === "call_completed") completions.add(seq);
        highest = Math.max(highest, seq);
      }
    }
    expect(completions.size).toBeLessThanOrEqual(1);
  }

  /** Whatever happened, the call comes to its end when nobody returns. */
  async end(): Promise<void> {
    this.bench.recorder.release();
    this.bench.recorder.failing = false;
    this.bench.repository.failing = false;
    if (this.#ending) await this.#restart();
    this.#host?.leave();
    await this.bench.clock.advance(15_000_000);
    await this.check();
    expect(["completed", "gone"]).toContain(this.#state);
    if (this.#state === "gone") return;
    expect(this.#durable).toBeGreaterThan(0);
    const stored = this.bench.repository.calls.get(this.#callId)?.events ?? [];
    expect(stored.filter((event) => event.type === "call_completed")).toHaveLength(1);
    const lasting = this.#heard
      .flatMap((listener) => listener.callEvents())
      .filter((event) => event.type !== "transcript_update" || event.data.is_final);
    // What was sent is stored, also what was sent while the database was away.
    expect(stored).toEqual(expect.arrayContaining(lasting));
    const seqs = stored.map((event) => event.data.seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(stored.at(-1)?.type).toBe("call_completed");
  }
}

describe("the states of a call", () => {
  it("follow the contract and end once, whoever does what in whatever order (S1 to S9, E1, E3, A2)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
        const run = new Run();
        await run.begin();
        for (const one of commands) await run.step(one);
        await run.end();
      }),
    );
  });
});
