import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { SpeechFixture } from "./conformance.ts";
import { channelsOf } from "./resampler.ts";
import type { SpokenLanguage } from "./speech-models.ts";

const alignmentSchema = z.object({
  sample_rate_hz: z.literal(16_000),
  lines: z.array(z.object({ channel: z.int(), start_ms: z.number(), end_ms: z.number(), text: z.string() })),
});

/** The first lines of a recorded call of ours, for tests. */
export async function recordedSpeech(language: SpokenLanguage, lines: number): Promise<SpeechFixture> {
  const folder = new URL(`../../data/calls/${language}-short/`, import.meta.url);
  const [wav, alignment] = await Promise.all([
    readFile(new URL("call.wav", folder)),
    readFile(new URL("alignment.json", folder), "utf8"),
  ]);
  const said = alignmentSchema.parse(JSON.parse(alignment)).lines.slice(0, lines);
  const endMs = Math.max(...said.map(({ end_ms }) => end_ms)) + 300;
  const [left, right] = channelsOf(wav.subarray(44, 44 + Math.round(endMs * 16) * 4), 2);
  if (left === undefined || right === undefined) throw new Error("the recorded call has not two channels");
  return {
    language,
    channels: [left, right],
    lines: said.map(({ channel, start_ms, end_ms, text }) => ({
      channel,
      startMs: start_ms,
      endMs: end_ms,
      text,
    })),
  };
}
