import { frameBytes } from "./audio-axis.ts";
import { channelOf } from "./records.ts";
import type { AudioFormat, AudioSpan } from "./ports.ts";
import type { CallRecord, StoredSegment } from "./stored-call.ts";

const marginMs = 300;
const mark = /\[(?:card|account|email|phone|id|number)\]/gu;

const marksIn = (text: string): number => text.match(mark)?.length ?? 0;

/** Audio that is read while what was said in it is not known yet: silence from `audibleSample` on. */
export function withoutUnheard(
  pcm: Uint8Array,
  firstSample: number,
  audibleSample: number,
  format: AudioFormat,
): Uint8Array {
  const from = Math.max(0, audibleSample - firstSample) * frameBytes(format);
  if (from >= pcm.byteLength) return pcm;
  const audible = new Uint8Array(pcm.byteLength);
  audible.set(pcm.subarray(0, from));
  return audible;
}

/** Where a stored transcript has marks: an earlier process may have died before the audio was silent there. */
export function markedSpans(
  call: Pick<CallRecord, "audioMode" | "stereoLayout" | "sampleRateHz">,
  segments: readonly StoredSegment[],
): readonly AudioSpan[] {
  const sampleOf = (ms: number): number => Math.round((Math.max(0, ms) * call.sampleRateHz) / 1000);
  return segments.flatMap((segment) => {
    const channel = channelOf(segment.speaker, call);
    const over = (fromMs: number, toMs: number): AudioSpan => {
      const firstSample = sampleOf(fromMs - marginMs);
      return { channel, firstSample, samples: sampleOf(toMs + marginMs) - firstSample };
    };
    const marked = segment.words.filter((word) => marksIn(word.text) > 0);
    // A mark without a word of its own stands for words whose times are not known.
    const isUncertain = marksIn(segment.text) > marked.length || marked.some((word) => word.estimated);
    if (isUncertain) return [over(segment.tsMs, segment.endMs)];
    return marked.map((word) => over(word.tsMs, word.endMs));
  });
}
