import type { BrowserContext } from "@playwright/test";
import { captureWorkletName } from "../lib/client/capture-protocol.ts";

/** Samples that one sound path of one life of a page handed out, in order; both channels interleaved. */
export interface CapturedRun {
  readonly life: number;
  readonly frames: Buffer[];
}

/** What a page captured, seen between its worklet and everything that could lose it. */
export class CapturedAudio {
  readonly runs: CapturedRun[] = [];
  readonly #keys: string[] = [];

  /** Listens in on every page of the context, also after it was loaded again. */
  static async in(context: BrowserContext): Promise<CapturedAudio> {
    const captured = new CapturedAudio();
    await context.exposeBinding("tapCapturedFrame", (_source, life: number, path: number, frame: string) => {
      captured.#push(life, path, Buffer.from(frame, "base64"));
    });
    await context.addInitScript(listenIn, captureWorkletName);
    return captured;
  }

  get samples(): number {
    return this.runs.reduce((sum, run) => sum + Buffer.concat(run.frames).length / sampleBytes, 0);
  }

  #push(life: number, path: number, frame: Buffer): void {
    const key = `${life} ${path}`;
    let index = this.#keys.indexOf(key);
    if (index === -1) index = this.#keys.push(key) - 1;
    (this.runs[index] ??= { life, frames: [] }).frames.push(frame);
  }
}

/** Runs in the page. */
function listenIn(worklet: string): void {
  const send: unknown = Reflect.get(globalThis, "tapCapturedFrame");
  let paths = 0;
  globalThis.AudioWorkletNode = class extends AudioWorkletNode {
    constructor(context: BaseAudioContext, name: string, options?: AudioWorkletNodeOptions) {
      super(context, name, options);
      if (name !== worklet) return;
      paths += 1;
      const path = paths;
      this.port.addEventListener("message", (event: MessageEvent<{ type: string; pcm: ArrayBuffer }>) => {
        if (event.data.type !== "frame" || typeof send !== "function") return;
        // Its buffer belongs to the page: copied before anything else sees it.
        let text = "";
        for (const byte of new Uint8Array(event.data.pcm)) text += String.fromCharCode(byte);
        Reflect.apply(send, globalThis, [performance.timeOrigin, path, btoa(text)]);
      });
    }
  };
}

const sampleBytes = 4;
const frameBytes = 1600 * sampleBytes;

/** How a recording and what was captured fit together. */
export interface Comparison {
  /** Samples of the recording that are exactly those captured, in their order, without gap or double. */
  readonly equalSamples: number;
  readonly recordedSamples: number;
  /** By sound path: samples before the call took them, and those at its end that never arrived. */
  readonly paths: readonly { readonly notYetSamples: number; readonly lostSamples: number }[];
}

/** How many bytes of two buffers agree, from their given places on. */
function agreement(a: Buffer, from: number, b: Buffer, at: number): number {
  const length = Math.min(a.length - from, b.length - at);
  if (a.compare(b, at, at + length, from, from + length) === 0) return length;
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (a.compare(b, at, at + middle, from, from + middle) === 0) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Lays the captured paths one after the other over the recording. A path begins to count with a whole
 * frame (the ones before it were heard by the meters only) and may have lost its end when its page was
 * killed; inside it nothing may be missing.
 */
export function compare(captured: CapturedAudio, recording: Buffer): Comparison {
  let at = 0;
  const paths = captured.runs.map((run, index) => {
    const path = Buffer.concat(run.frames);
    const isLast = index === captured.runs.length - 1;
    let best = { from: path.length, length: 0 };
    for (let from = 0; from < path.length; from += frameBytes) {
      let length = agreement(recording, at, path, from);
      // A path that was cut off ends with a whole frame.
      if (!isLast && from + length < path.length) length -= length % frameBytes;
      if (length > best.length) best = { from, length };
    }
    at += best.length;
    return {
      notYetSamples: best.from / sampleBytes,
      lostSamples: (path.length - best.from - best.length) / sampleBytes,
    };
  });
  return { equalSamples: at / sampleBytes, recordedSamples: recording.length / sampleBytes, paths };
}
