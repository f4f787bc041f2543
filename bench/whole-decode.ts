import { channelsOf, modelRateHz } from "../lib/transcription/resampler.ts";
import { createVoiceActivity, loadSpeechDecoder, windowSamples } from "../lib/transcription/sherpa.ts";
import { speechModel, voiceActivityModel, type SpokenLanguage } from "../lib/transcription/speech-models.ts";

const voiceThreshold = 0.5;
const endSilenceSamples = 0.4 * modelRateHz;
const paddingSamples = 0.25 * modelRateHz;
const longestSamples = 12 * modelRateHz;

/**
 * What the same models make of a recording that lies there whole: every channel is cut where its voice falls
 * silent, with room on both sides, and each piece decoded once. The measure for what streaming costs.
 */
export async function decodeWhole(
  pcm: Uint8Array,
  channels: 1 | 2,
  language: SpokenLanguage,
): Promise<string[]> {
  const decoder = await loadSpeechDecoder(speechModel(language));
  const texts: string[] = [];
  for (const samples of channelsOf(pcm, channels)) {
    const pieces: string[] = [];
    for (const [start, end] of voicedSpans(samples)) {
      const from = Math.max(0, start - paddingSamples);
      const { text } = await decoder.decode(
        samples.subarray(from, Math.min(samples.length, end + paddingSamples)),
      );
      pieces.push(text.replaceAll("▁", " ").trim());
    }
    texts.push(pieces.join(" "));
  }
  return texts;
}

function voicedSpans(samples: Float32Array): [start: number, end: number][] {
  const activity = createVoiceActivity(voiceActivityModel(), voiceThreshold);
  const spans: [number, number][] = [];
  let start: number | null = null;
  let lastVoice = 0;
  for (let at = 0; at + windowSamples <= samples.length; at += windowSamples) {
    if (activity.hearsVoice(samples.subarray(at, at + windowSamples))) {
      start ??= at;
      lastVoice = at + windowSamples;
    }
    if (start === null) continue;
    const isOver = at - lastVoice >= endSilenceSamples || at - start >= longestSamples;
    if (!isOver) continue;
    spans.push([start, lastVoice]);
    start = null;
  }
  if (start !== null) spans.push([start, samples.length]);
  return spans;
}
