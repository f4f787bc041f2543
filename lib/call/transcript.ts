import type { Word } from "../contract/events.ts";
import type { Speaker, StereoLayout } from "../contract/vocabulary.ts";
import { roleOfSpeaker } from "../contract/vocabulary.ts";
import type { CallEventPayloads } from "../contract/events.ts";
import type { Ids } from "./ports.ts";
import type { EngineEvent } from "./transcription-ports.ts";
import type { StoredSegment } from "./stored-call.ts";
import type { SaidSpans } from "./said-spans.ts";
import { samplesToMs } from "./audio-axis.ts";

export type Utterance = Extract<EngineEvent, { type: "utterance" }>;
export type SegmentUpdate = Omit<CallEventPayloads["transcript_update"], "call_id" | "seq">;

interface OpenSegment {
  readonly segmentId: string;
  readonly speaker: Speaker;
  last: SegmentUpdate;
}

export interface TranscriptOptions {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly stereoLayout: StereoLayout;
  readonly ids: Ids;
}

/** 0 is the rep, 1 the prospect; nobody is known in mono. */
function speakerOfChannel(channel: number, channels: 1 | 2, layout: StereoLayout): Speaker {
  if (channels === 1) return null;
  return (channel === 0) === (layout === "LR") ? 0 : 1;
}

export function storedSegmentOf(update: SegmentUpdate): StoredSegment {
  return {
    segmentId: update.segment_id,
    revision: update.revision,
    speaker: update.speaker,
    voice: update.voice ?? null,
    tsMs: update.ts_ms,
    endMs: update.end_ms,
    text: update.text,
    confidence: update.confidence,
    words: update.words.map((word) => ({
      text: word.text,
      tsMs: word.ts_ms,
      endMs: word.end_ms,
      confidence: word.confidence,
      estimated: word.estimated ?? false,
      ...(word.language === undefined ? {} : { language: word.language }),
    })),
  };
}

/**
 * Turns an engine's utterances into the call's segments: one id from the first interim to the final,
 * revisions that grow, speakers instead of channels (SPEC T1 to T6).
 */
export class Transcript {
  readonly #options: TranscriptOptions;
  readonly #open = new Map<string, OpenSegment>();
  /** Finals that may still be revised, by utterance. */
  readonly #revisable = new Map<string, OpenSegment>();
  /** What an earlier process has stored, in samples: it is not said again. */
  #alreadySaid: SaidSpans | null = null;

  constructor(options: TranscriptOptions) {
    this.#options = options;
  }

  /** After a restart the engine hears the last audio again; what is stored of it is not repeated. */
  resumeAfter(said: SaidSpans): void {
    this.#alreadySaid = said;
  }

  /** The update to publish, or null when nothing has changed. */
  apply(utterance: Utterance): SegmentUpdate | null {
    const speaker = speakerOfChannel(utterance.channel, this.#options.channels, this.#options.stereoLayout);
    const open = this.#open.get(utterance.utteranceId);
    const text = utterance.text.trim();
    if (open === undefined && (text === "" || this.#isAlreadySaid(utterance))) return null;
    if (open !== undefined && !utterance.isFinal && (text === open.last.text || text === "")) return null;
    const update = this.#updateOf(utterance, text, speaker, open);
    if (utterance.isFinal) {
      this.#open.delete(utterance.utteranceId);
      if (text !== "") {
        this.#revisable.set(utterance.utteranceId, { segmentId: update.segment_id, speaker, last: update });
      }
    } else if (open === undefined) {
      this.#open.set(utterance.utteranceId, { segmentId: update.segment_id, speaker, last: update });
    } else open.last = update;
    return update;
  }

  /** A final once more, with other words: what it was, and the update to publish. Null: it never became one. */
  revise(utterance: Utterance): { readonly before: SegmentUpdate; readonly update: SegmentUpdate } | null {
    const final = this.#revisable.get(utterance.utteranceId);
    if (final === undefined) return null;
    const before = final.last;
    const update = this.#updateOf(utterance, utterance.text.trim(), final.speaker, final);
    final.last = { ...update, reason: "redaction" };
    return { before, update: final.last };
  }

  /** These finals stay as they are; gives their segments. */
  keep(utteranceIds: readonly string[]): readonly string[] {
    return utteranceIds.flatMap((utteranceId) => {
      const final = this.#revisable.get(utteranceId);
      this.#revisable.delete(utteranceId);
      return final?.segmentId ?? [];
    });
  }

  /** The current interim of each segment that has no final yet. */
  openInterims(): readonly SegmentUpdate[] {
    return [...this.#open.values()].map((open) => open.last);
  }

  /** Ends what never had a final: an engine that died closes with this. */
  abandonOpen(): readonly SegmentUpdate[] {
    const ended = [...this.#open.values()].map(({ last }) => ({
      ...last,
      revision: last.revision + 1,
      text: "",
      words: [],
      is_final: true,
    }));
    this.#open.clear();
    return ended;
  }

  #isAlreadySaid({ channel, startSample, endSample }: Utterance): boolean {
    return (this.#alreadySaid?.share(channel, startSample, endSample) ?? 0) > 0.5;
  }

  #updateOf(
    utterance: Utterance,
    text: string,
    speaker: Speaker,
    open: OpenSegment | undefined,
  ): SegmentUpdate {
    const ms = (sample: number): number => samplesToMs(Math.max(0, sample), this.#options.sampleRateHz);
    return {
      segment_id: open?.segmentId ?? this.#options.ids.next("seg_"),
      revision: (open?.last.revision ?? 0) + 1,
      speaker,
      ...(utterance.voice === undefined ? {} : { voice: utterance.voice }),
      role: roleOfSpeaker(speaker),
      ts_ms: ms(utterance.startSample),
      end_ms: ms(utterance.endSample),
      text,
      is_final: utterance.isFinal,
      confidence: utterance.confidence,
      words:
        text === ""
          ? []
          : utterance.words.map((word): Word => ({
              text: word.text,
              ts_ms: ms(word.startSample),
              end_ms: ms(word.endSample),
              confidence: word.confidence,
              ...(word.estimated ? { estimated: true } : {}),
              ...(word.language === undefined ? {} : { language: word.language }),
            })),
      ...(utterance.reason === undefined ? {} : { reason: utterance.reason }),
    };
  }
}
