import type { BrowserContext, Page } from "@playwright/test";
import { captureWorkletName } from "../lib/client/capture-protocol.ts";

const binding = "tapCapturedFrame";

/** What a page captured, seen between its worklet and everything that could lose it. */
export class CapturedAudio {
  /** What each sound path of each life of a page handed out, in order; both channels interleaved. */
  readonly runs: Buffer[][] = [];
  readonly #keys: string[] = [];

  /**
   * Listens in on every page of the context, also after it was loaded again. Straight from the browser's
   * debugger: what a page says while it dies comes through, too.
   */
  static async in(context: BrowserContext): Promise<CapturedAudio> {
    const captured = new CapturedAudio();
    await context.addInitScript(listenIn, { worklet: captureWorkletName, binding });
    for (const page of context.pages()) await captured.listenTo(page);
    return captured;
  }

  /** For a page that was opened later: before it goes anywhere. */
  async listenTo(page: Page): Promise<void> {
    const devtools = await page.context().newCDPSession(page);
    devtools.on("Runtime.bindingCalled", ({ name, payload }) => {
      if (name !== binding) return;
      const [life, path, frame] = payload.split(" ");
      this.#push(`${life ?? ""} ${path ?? ""}`, Buffer.from(frame ?? "", "base64"));
    });
    await devtools.send("Runtime.enable");
    await devtools.send("Runtime.addBinding", { name: binding });
  }

  #push(key: string, frame: Buffer): void {
    let index = this.#keys.indexOf(key);
    if (index === -1) index = this.#keys.push(key) - 1;
    (this.runs[index] ??= []).push(frame);
  }
}

/** Runs in the page. */
function listenIn({ worklet, binding: name }: { worklet: string; binding: string }): void {
  let paths = 0;
  globalThis.AudioWorkletNode = class extends AudioWorkletNode {
    constructor(context: BaseAudioContext, processor: string, options?: AudioWorkletNodeOptions) {
      super(context, processor, options);
      if (processor !== worklet) return;
      paths += 1;
      const path = paths;
      this.port.addEventListener("message", (event: MessageEvent<{ type: string; pcm: ArrayBuffer }>) => {
        const send: unknown = Reflect.get(globalThis, name);
        if (event.data.type !== "frame" || typeof send !== "function") return;
        // Its buffer belongs to the page: copied before anything else sees it.
        let text = "";
        for (const byte of new Uint8Array(event.data.pcm)) text += String.fromCharCode(byte);
        Reflect.apply(send, globalThis, [`${performance.timeOrigin} ${path} ${btoa(text)}`]);
      });
    }
  };
}

const sampleBytes = 4;
const frameBytes = 1600 * sampleBytes;
/** What a page captures while the next one is being loaded: its debugger may be gone before it is. */
const mostUntoldFrames = 3;

/** How a recording and what was captured fit together. */
export interface Comparison {
  /** Samples of the recording that are those captured, in their order, without gap or double. */
  readonly equalSamples: number;
  readonly recordedSamples: number;
  /**
   * By sound path: samples before the call took them, those at its end that never arrived, and those recorded
   * before it that the page before it captured in its last moments, when its debugger no longer told of them.
   */
  readonly paths: readonly {
    readonly notYetSamples: number;
    readonly lostSamples: number;
    readonly untoldSamples: number;
  }[];
}

interface Fit {
  /** Place in the path, bytes. */
  readonly from: number;
  readonly length: number;
  readonly untold: number;
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

/** The longest piece of a path, from a whole frame on, that lies in the recording at one place. */
function fitAt(recording: Buffer, at: number, path: Buffer, isLast: boolean): Omit<Fit, "untold"> {
  let best = { from: path.length, length: 0 };
  for (let from = 0; from < path.length; from += frameBytes) {
    let length = agreement(recording, at, path, from);
    // A path that was cut off ends with a whole frame.
    if (!isLast && from + length < path.length) length -= length % frameBytes;
    if (length > best.length) best = { from, length };
  }
  return best;
}

/** As many whole frames, of those that nobody told of, as let the path fit best; none of them told before. */
function fit(recording: Buffer, at: number, path: Buffer, before: Buffer | undefined, isLast: boolean): Fit {
  let best: Fit = { ...fitAt(recording, at, path, isLast), untold: 0 };
  for (let frames = 1; before !== undefined && frames <= mostUntoldFrames; frames += 1) {
    const untold = frames * frameBytes;
    const last = recording.subarray(at + untold - frameBytes, at + untold);
    const wasTold = before.subarray(-2 * mostUntoldFrames * frameBytes).includes(last);
    if (wasTold) break;
    const shifted = fitAt(recording, at + untold, path, isLast);
    if (shifted.length > best.length) best = { ...shifted, untold };
  }
  return best;
}

/**
 * Lays the captured paths one after the other over the recording. A path begins to count with a whole
 * frame (the ones before it were heard by the meters only) and may have lost its end when its page was
 * killed; inside it nothing may be missing.
 */
export function compare(captured: CapturedAudio, recording: Buffer): Comparison {
  const runs = captured.runs.map((run) => Buffer.concat(run));
  let at = 0;
  const paths = runs.map((path, index) => {
    const { from, length, untold } = fit(recording, at, path, runs[index - 1], index === runs.length - 1);
    at += untold + length;
    return {
      notYetSamples: from / sampleBytes,
      lostSamples: (path.length - from - length) / sampleBytes,
      untoldSamples: untold / sampleBytes,
    };
  });
  return { equalSamples: at / sampleBytes, recordedSamples: recording.length / sampleBytes, paths };
}
