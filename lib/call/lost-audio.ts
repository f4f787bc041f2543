import type { LostAudio } from "../contract/rest.ts";
import { maxLostSeconds } from "../contract/vocabulary.ts";
import { samplesToMs } from "./audio-axis.ts";
import { CallError } from "./errors.ts";

const maxSpans = 1000;

/** Throws `audio_lost_refused` when a call would have more than 3600 s or 1000 spans of lost audio. */
export function refuseTooMuchLoss(spans: readonly LostAudio[], samples: number, sampleRateHz: number): void {
  const lost = spans.reduce((sum, span) => sum + span.samples, 0);
  if ((lost + samples) / sampleRateHz > maxLostSeconds || spans.length >= maxSpans) {
    throw new CallError(
      "audio_lost_refused",
      `At most ${maxLostSeconds} s of a call can be declared lost, in at most ${maxSpans} pieces; stop this call and start another.`,
    );
  }
}

/** What of the spans lies before `samples`: a loss is noted before its silence is durable. */
export function lossBefore(
  spans: readonly LostAudio[],
  samples: number,
  sampleRateHz: number,
): readonly LostAudio[] {
  return spans.flatMap((span) => {
    const kept = Math.min(span.samples, samples - span.first_sample);
    if (kept <= 0) return [];
    return [{ ...span, samples: kept, end_ms: samplesToMs(span.first_sample + kept, sampleRateHz) }];
  });
}

/** The spans with a new one at their end; one that follows on with the same reason makes it longer. */
export function withLoss(
  spans: readonly LostAudio[],
  span: { readonly firstSample: number; readonly samples: number; readonly reason: string },
  sampleRateHz: number,
): LostAudio[] {
  const last = spans.at(-1);
  const before =
    last?.reason === span.reason && last.first_sample + last.samples === span.firstSample ? last : null;
  const firstSample = before?.first_sample ?? span.firstSample;
  const samples = (before?.samples ?? 0) + span.samples;
  const joined: LostAudio = {
    first_sample: firstSample,
    samples,
    ts_ms: samplesToMs(firstSample, sampleRateHz),
    end_ms: samplesToMs(firstSample + samples, sampleRateHz),
    reason: span.reason,
  };
  return [...(before === null ? spans : spans.slice(0, -1)), joined];
}
