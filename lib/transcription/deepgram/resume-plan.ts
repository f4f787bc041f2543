import type { AudioRing } from "./audio-ring.ts";
import type { Gap } from "./gap-repair.ts";
import type { ResultAssembler } from "./result-assembler.ts";
import { quietCut, type VoiceGate } from "./voice-gate.ts";

/** A longer gap would leave the transcript behind for too long: it is repaired beside the live audio. */
const maxReplaySeconds = 6;
/** A cut is looked for in so much of the newest audio. */
const cutSeconds = 3;

export interface ResumePlan {
  /** Where the new connection's audio begins. */
  readonly from: number;
  /** What is to be repaired; null: everything that had no final is sent again. */
  readonly gap: Gap | null;
}

/**
 * Where to go on after a connection was lost: with everything that has had no final, or with what is said now, the
 * rest being repaired. The utterances that were open go on over the seam, or belong to the repair.
 */
export function planResume(parts: {
  readonly assembler: ResultAssembler;
  readonly ring: AudioRing;
  readonly gate: VoiceGate;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly sparesSilence: boolean;
}): ResumePlan {
  const { assembler, channels, gate, ring, sampleRateHz, sparesSilence } = parts;
  const written = ring.endSample;
  const unsettled = assembler.closedSample;
  const audible = sparesSilence ? (gate.spanFrom(unsettled)?.from ?? written) : unsettled;
  // A connection needs some audio to live, also where nobody speaks.
  const from = Math.max(unsettled, Math.min(audible, written - Math.round(sampleRateHz / 2)));
  const indexes = Array.from({ length: channels }, (_, channel) => channel);
  if (from >= ring.firstSample && written - from <= maxReplaySeconds * sampleRateHz) {
    for (const channel of indexes) assembler.channel(channel)?.rewind();
    return { from, gap: null };
  }
  const searchedFrom = Math.max(ring.firstSample, unsettled, written - cutSeconds * sampleRateHz);
  const pcm = ring.read(searchedFrom, written);
  const gap = indexes.map((channel) => {
    const heard = assembler.channel(channel);
    const start = heard?.closedSample ?? unsettled;
    const cut = quietCut(pcm, { fromSample: searchedFrom, channels, channel, sampleRateHz });
    const until = Math.max(start, cut);
    return { from: start, until, shown: heard?.skipTo(until) ?? null };
  });
  return { from: Math.min(...gap.map(({ until }) => until)), gap };
}
