import { AudioCapture } from "../audio-capture.ts";
import type { CaptureEnvironment, SoundGraphEvents } from "../capture-environment.ts";
import type { HostClaims } from "../host-claim.ts";
import { LiveSession } from "../live-session.ts";
import { processingOn } from "../media-inputs.ts";
import type { PageLifeListeners } from "../page-life.ts";
import type { UnsentStore } from "../unsent-store.ts";
import type { FakeCallServer } from "./fake-call-server.ts";
import { FakeStream } from "./fake-stream.ts";
import type { ManualTimers } from "./manual-timers.ts";
import { numbered } from "./numbered-audio.ts";

/** Of all pages of a browser one is host: the newest. */
export class FakeClaims implements HostClaims {
  #yieldHolder: (() => Promise<void>) | null = null;

  readonly isHeldElsewhere = (): Promise<boolean> => Promise.resolve(this.#yieldHolder !== null);

  /** The page that held it is dead. */
  readonly forget = (): void => {
    this.#yieldHolder = null;
  };

  readonly claim: HostClaims["claim"] = async (_callId, onYield) => {
    const before = this.#yieldHolder;
    this.#yieldHolder = onYield;
    await before?.();
    return {
      release: () => {
        if (this.#yieldHolder === onYield) this.#yieldHolder = null;
      },
    };
  };
}

export interface PageBenchOptions {
  readonly server: FakeCallServer;
  readonly timers: ManualTimers;
  readonly store: UnsentStore;
  readonly claims: FakeClaims;
  readonly unsentBoundSec?: number;
}

/** One life of the live page: a session on a sound path whose samples are numbered in order of capture. */
export class PageBench {
  readonly session: LiveSession;
  /** Sound paths made so far. */
  paths = 0;
  readonly #options: PageBenchOptions;
  #life: PageLifeListeners | null = null;
  #graph: SoundGraphEvents | null = null;
  /** Dead pages hear and do nothing. */
  #isDead = false;

  constructor(options: PageBenchOptions, newSeat: { readonly callId: string } | null) {
    this.#options = options;
    const { server, timers, store, claims } = options;
    const alive = <Args extends readonly unknown[]>(run: (...args: Args) => void) => {
      return (...args: Args): void => {
        if (!this.#isDead) run(...args);
      };
    };
    this.session = new LiveSession(
      {
        origin: "http://localhost",
        socketPath: "/socket.io/",
        callId: server.callId,
        token: "token",
        role: "host",
        channels: 1,
        newSeat,
      },
      {
        openSocket: (address, { onMessage, onGone, onRefused }) =>
          server.openSocket(address, {
            onMessage: alive(onMessage),
            onGone: alive(onGone),
            onRefused: alive(onRefused),
          }),
        store: this.#whileAlive(store),
        claims,
        timers: { nowMs: timers.nowMs, after: (delayMs, run) => timers.after(delayMs, alive(run)) },
        watchPageLife: (listeners) => {
          this.#life = listeners;
          return () => {
            this.#life = null;
          };
        },
        notifier: { subscribe: () => () => undefined, notify: () => undefined },
        wallClockMs: timers.nowMs,
        random: () => 0.5,
        unsentBoundSec: options.unsentBoundSec ?? 600,
      },
    );
  }

  /** Opens the microphone, as the page does by itself. */
  async openMicrophone(): Promise<void> {
    const request = { kind: "microphone", deviceId: null, processing: processingOn } as const;
    await this.session.attach(await AudioCapture.open(request, this.#environment()));
  }

  /** Hands out a frame of samples that carry their numbers; false where nothing is captured any more. */
  capture(firstNumber: number, samples: number): boolean {
    if (this.session.capture === null || this.#graph === null) return false;
    this.#graph.onFrame(new Int16Array(numbered(firstNumber, samples).buffer));
    return true;
  }

  /** As a browser wakes a page. */
  wake(): void {
    this.#life?.onWake();
  }

  /** True when the person would be asked whether they really want to leave. */
  warns(): boolean {
    return this.#life?.shouldWarn() ?? false;
  }

  /** The page is loaded anew: it can write what it has, and no more. */
  unload(): void {
    this.#life?.onHide();
    this.kill();
  }

  /** The process of the page is gone. */
  kill(): void {
    this.#isDead = true;
    this.#options.claims.forget();
    this.#options.server.forgetHost();
  }

  /** What a dead page had not sent off to storage never gets there. */
  #whileAlive(store: UnsentStore): UnsentStore {
    const orNever = <Result>(run: () => Promise<Result>): Promise<Result> =>
      this.#isDead ? new Promise(() => undefined) : run();
    return {
      load: (callId) => orNever(() => store.load(callId)),
      write: (write) => orNever(() => store.write(write)),
      move: (call, from, shift) => orNever(() => store.move(call, from, shift)),
      forget: (callId) => orNever(() => store.forget(callId)),
      list: () => orNever(() => store.list()),
    };
  }

  #environment(): CaptureEnvironment {
    return {
      openGraph: (_channels, _rateHz, events) => {
        this.#graph = events;
        this.paths += 1;
        return Promise.resolve({
          isRunning: true,
          connect: () => () => undefined,
          play: () => undefined,
          resume: () => Promise.resolve(),
          post: (message) => {
            if (message.type === "flush") events.onFlushed();
          },
          close: () => Promise.resolve(),
        });
      },
      openMicrophone: () => Promise.resolve(new FakeStream("microphone")),
      openTwoChannelInput: () => Promise.reject(new Error("no such input")),
      openSharedSound: () => Promise.reject(new Error("nothing is shared")),
      listInputDevices: () => Promise.resolve([]),
      onInputDevicesChange: () => () => undefined,
      microphonePermission: () => Promise.resolve("granted"),
      onMicrophonePermissionChange: () => () => undefined,
      onAttention: () => () => undefined,
      after: (delayMs, run) => this.#options.timers.after(delayMs, run),
    };
  }
}
