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
  last: SegmentUpdate;
}

export interface TranscriptOptions {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly stereoLayout: StereoLayout;
  /** In mono: the voice of the rep, where it was chosen. */
  readonly repVoice: number | null;
  readonly ids: Ids;
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

/** The other way round: what was published of a stored segment. */
export function segmentUpdateOf(segment: StoredSegment): SegmentUpdate {
  return {
    segment_id: segment.segmentId,
    revision: segment.revision,
    speaker: segment.speaker,
    ...(segment.voice === null ? {} : { voice: segment.voice }),
    role: roleOfSpeaker(segment.speaker),
    ts_ms: segment.tsMs,
    end_ms: segment.endMs,
    text: segment.text,
    is_final: true,
    confidence: segment.confidence,
    words: segment.words.map(({ text, tsMs, endMs, confidence, estimated, language }) => ({
      text,
      ts_ms: tsMs,
      end_ms: endMs,
      confidence,
      ...(estimated ? { estimated } : {}),
      ...(language === undefined ? {} : { language }),
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
  /** In mono with voices: every final of a voice, for whoever says later which one is the rep's. */
  readonly #voiced = new Map<string, SegmentUpdate>();
  #repVoice: number | null;
  /** What an earlier process has stored, in samples: it is not said again. */
  #alreadySaid: SaidSpans | null = null;

  constructor(options: TranscriptOptions) {
    this.#options = options;
    this.#repVoice = options.repVoice;
  }

  /** After a restart the engine hears the last audio again; what is stored of it is not repeated. */
  resumeAfter(said: SaidSpans, segments: readonly StoredSegment[]): void {
    this.#alreadySaid = said;
    for (const segment of segments) this.#keepVoice(segmentUpdateOf(segment));
  }

  /** A voice that has said something to the end. */
  knowsVoice(voice: number): boolean {
    return [...this.#voiced.values()].some((segment) => segment.voice === voice);
  }

  /** This voice is the rep's, every other one the prospect's: the segments whose speaker is another one now. */
  chooseVoice(voice: number): readonly SegmentUpdate[] {
    this.#repVoice = voice;
    const changed: SegmentUpdate[] = [];
    for (const segment of this.#voiced.values()) {
      const update = this.#spokenBy(segment);
      if (update !== null) changed.push({ ...update, reason: "speaker" });
    }
    for (const update of changed) this.#voiced.set(update.segment_id, update);
    for (const final of this.#revisable.values()) {
      final.last = changed.find((update) => update.segment_id === final.segmentId) ?? final.last;
    }
    for (const open of this.#open.values()) {
      const update = this.#spokenBy(open.last);
      if (update === null) continue;
      open.last = update;
      changed.push(update);
    }
    return changed;
  }

  #spokenBy(segment: SegmentUpdate): SegmentUpdate | null {
    const speaker = this.#speakerOfVoice(segment.voice);
    if (speaker === segment.speaker) return null;
    return { ...segment, speaker, role: roleOfSpeaker(speaker), revision: segment.revision + 1 };
  }

  #keepVoice(update: SegmentUpdate): void {
    if (update.voice === undefined || this.#options.channels !== 1) return;
    this.#voiced.set(update.segment_id, update);
  }

  #speakerOfVoice(voice: number | undefined): Speaker {
    if (voice === undefined || this.#repVoice === null) return null;
    return voice === this.#repVoice ? 0 : 1;
  }

  /** 0 is the rep, 1 the prospect; in mono they are known by their voices, once one was chosen. */
  #speakerOf({ channel, voice }: Utterance): Speaker {
    const { channels, stereoLayout } = this.#options;
    if (channels === 1) return this.#speakerOfVoice(voice);
    return (channel === 0) === (stereoLayout === "LR") ? 0 : 1;
  }

  /** The update to publish, or null when nothing has changed. */
  apply(utterance: Utterance): SegmentUpdate | null {
    const speaker = this.#speakerOf(utterance);
    const open = this.#open.get(utterance.utteranceId);
    const text = utterance.text.trim();
    if (open === undefined && (text === "" || this.#isAlreadySaid(utterance))) return null;
    if (open !== undefined && !utterance.isFinal && (text === open.last.text || text === "")) return null;
    const update = this.#updateOf(utterance, text, speaker, open);
    if (utterance.isFinal) {
      this.#open.delete(utterance.utteranceId);
      if (text !== "") {
        this.#revisable.set(utterance.utteranceId, { segmentId: update.segment_id, last: update });
        this.#keepVoice(update);
      }
    } else if (open === undefined) {
      this.#open.set(utterance.utteranceId, { segmentId: update.segment_id, last: update });
    } else open.last = update;
    return update;
  }

  /** A final once more, with other words: what it was, and the update to publish. Null: it never became one. */
  revise(utterance: Utterance): { readonly before: SegmentUpdate; readonly update: SegmentUpdate } | null {
    const final = this.#revisable.get(utterance.utteranceId);
    if (final === undefined) return null;
    const before = final.last;
    const update = this.#updateOf(utterance, utterance.text.trim(), before.speaker, final);
    final.last = { ...update, reason: "redaction" };
    this.#keepVoice(final.last);
    return { before, update: final.last };
  }

  /** These finals stay as they are. */
  keep(utteranceIds: readonly string[]): void {
    for (const utteranceId of utteranceIds) this.#revisable.delete(utteranceId);
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
