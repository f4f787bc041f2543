import type { AudioSpan, CallRedaction, HeardText, RedactedSpan, RedactionStep } from "./ports.ts";
import { samplesToMs } from "./audio-axis.ts";
import type { Utterance } from "./transcript.ts";

/** Silenced on each side of a word that is taken out. */
const marginMs = 300;
/** Between two utterances of one number. */
const longestGapSeconds = 20;

export interface RedactedFinal {
  /** An earlier final as it is to be shown from now on. */
  readonly utterance: Utterance;
  /** Something is taken out that was shown before. */
  readonly takesOut: boolean;
  /** Where an offset of the text as it was shown lies in it now. */
  readonly moved: (offset: number) => number;
}

export interface RedactedSpeech {
  readonly utterance: Utterance;
  readonly revised: readonly RedactedFinal[];
  /** Finals that stay as they are from now on. */
  readonly settled: readonly string[];
  /** Audio in which what was taken out is heard. */
  readonly silences: readonly AudioSpan[];
}

interface LastFinal {
  readonly utteranceId: string;
  readonly endSample: number;
  readonly isMarked: boolean;
}

interface Kept {
  readonly utterance: Utterance;
  spans: readonly RedactedSpan[];
}

/**
 * The engine's utterances with marks in place of what has to go, before anything else sees them. The words
 * themselves are kept in memory only, and only as long as they may be part of a number that goes on.
 */
export class SpokenRedaction {
  readonly #redaction: CallRedaction;
  readonly #sampleRateHz: number;
  readonly #kept = new Map<string, Kept>();
  /** The last final of each channel. */
  readonly #last = new Map<number, LastFinal>();

  constructor(redaction: CallRedaction, sampleRateHz: number) {
    this.#redaction = redaction;
    this.#sampleRateHz = sampleRateHz;
  }

  /** Transcription must restart here to come upon all that is not settled; null: everything is. */
  get unsettledSample(): number | null {
    if (this.#kept.size === 0) return null;
    return Math.min(...[...this.#kept.values()].map(({ utterance }) => utterance.startSample));
  }

  /** What was said before a restart, redacted as it is stored, oldest first. */
  recall(turns: Parameters<CallRedaction["recall"]>[0]): void {
    this.#redaction.recall(turns);
    for (const { channel, endMs, text } of turns) {
      const endSample = Math.round((endMs * this.#sampleRateHz) / 1000);
      this.#last.set(channel, { utteranceId: "", endSample, isMarked: text.includes("[") });
    }
  }

  hear(utterance: Utterance): RedactedSpeech {
    const text = utterance.text.trim();
    const whole = { ...utterance, text };
    if (text === "") return { utterance: whole, revised: [], settled: [], silences: [] };
    const step = this.#redaction.hear(this.#heard(whole));
    if (whole.isFinal) this.#kept.set(whole.utteranceId, { utterance: whole, spans: step.spans });
    const between = whole.isFinal ? this.#between(whole, step) : [];
    const after = this.#after(step);
    const silences = whole.isFinal ? [...between, ...this.#silencesOf(whole, step.spans)] : [];
    return {
      ...after,
      utterance: redactedUtterance(whole, step.spans),
      silences: [...after.silences, ...silences],
    };
  }

  /** Every utterance that begins before this sample has been heard. */
  passed(sample: number): Omit<RedactedSpeech, "utterance"> {
    return this.#after(this.#redaction.passed(samplesToMs(Math.max(0, sample), this.#sampleRateHz)));
  }

  end(): Omit<RedactedSpeech, "utterance"> {
    return this.#after(this.#redaction.end());
  }

  #heard(utterance: Utterance): HeardText {
    return {
      utteranceId: utterance.utteranceId,
      channel: utterance.channel,
      startMs: samplesToMs(Math.max(0, utterance.startSample), this.#sampleRateHz),
      endMs: samplesToMs(Math.max(0, utterance.endSample), this.#sampleRateHz),
      text: utterance.text,
      isFinal: utterance.isFinal,
    };
  }

  #after({ revised, settled }: RedactionStep): Omit<RedactedSpeech, "utterance"> {
    const silences: AudioSpan[] = [];
    const finals = revised.flatMap(({ heard, spans }): RedactedFinal[] => {
      const kept = this.#kept.get(heard.utteranceId);
      if (kept === undefined) return [];
      const before = kept.spans;
      kept.spans = spans;
      silences.push(...this.#silencesOf(kept.utterance, spans));
      return [
        {
          utterance: redactedUtterance(kept.utterance, spans),
          takesOut: spans.some(
            (span) => !before.some((one) => one.start <= span.start && one.end >= span.end),
          ),
          moved: (offset) => shownOffset(originalOffset(offset, before), spans),
        },
      ];
    });
    for (const { utteranceId } of settled) this.#kept.delete(utteranceId);
    return { revised: finals, settled: settled.map(({ utteranceId }) => utteranceId), silences };
  }

  /** Digits that the recogniser did not make out may lie between the pieces of one number. */
  #between({ channel, endSample, startSample, utteranceId }: Utterance, step: RedactionStep): AudioSpan[] {
    const before = this.#last.get(channel);
    this.#last.set(channel, { utteranceId, endSample, isMarked: step.spans.length > 0 });
    if (before === undefined || !step.spans.some((span) => !span.isOpen)) return [];
    const revised = step.revised.find(({ heard }) => heard.utteranceId === before.utteranceId);
    const isMarked = revised === undefined ? before.isMarked : revised.spans.length > 0;
    const samples = startSample - before.endSample;
    const isNear = samples > 0 && samples <= longestGapSeconds * this.#sampleRateHz;
    return isMarked && isNear ? [{ channel, firstSample: before.endSample, samples }] : [];
  }

  /** The words' time with a margin; all of the utterance where its times are estimates. */
  #silencesOf(utterance: Utterance, spans: readonly RedactedSpan[]): AudioSpan[] {
    const margin = Math.round((marginMs * this.#sampleRateHz) / 1000);
    const over = (start: number, end: number): AudioSpan => {
      const firstSample = Math.max(0, start - margin);
      return { channel: utterance.channel, firstSample, samples: end + margin - firstSample };
    };
    const places = placesOf(utterance);
    return spans
      .filter((span) => !span.isOpen)
      .map((span) => {
        const words = utterance.words.filter((_word, i) => isWithin(places[i] ?? null, span));
        const isCertain = words.length > 0 && !words.some((word) => word.estimated) && !places.includes(null);
        return isCertain
          ? over(
              Math.min(...words.map((word) => word.startSample)),
              Math.max(...words.map((word) => word.endSample)),
            )
          : over(utterance.startSample, utterance.endSample);
      });
  }
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Where each word stands in the text; null for one that is not in it as it is written. */
function placesOf(utterance: Utterance): readonly (Place | null)[] {
  let from = 0;
  return utterance.words.map(({ text }) => {
    const start = text === "" ? -1 : utterance.text.indexOf(text, from);
    if (start < 0) return null;
    from = start + text.length;
    return { start, end: from };
  });
}

const isWithin = (place: Place | null, span: RedactedSpan): boolean =>
  place !== null && place.start < span.end && place.end > span.start;

/** The words that are taken out become one, the mark, with their time. */
function redactedUtterance(utterance: Utterance, spans: readonly RedactedSpan[]): Utterance {
  if (spans.length === 0) return utterance;
  const places = placesOf(utterance);
  const words: Utterance["words"][number][] = [];
  let lastSpan: RedactedSpan | null = null;
  utterance.words.forEach((word, i) => {
    const place = places[i] ?? null;
    // A word that cannot be found in the text may be part of what was taken out.
    if (place === null) return;
    const span = spans.find((one) => isWithin(place, one)) ?? null;
    const last = words.at(-1);
    if (span === null) words.push(word);
    else if (span !== lastSpan || last === undefined)
      words.push({ ...word, text: span.mark, confidence: null });
    else {
      const estimated = last.estimated || word.estimated;
      words[words.length - 1] = { ...last, endSample: Math.max(last.endSample, word.endSample), estimated };
    }
    lastSpan = span;
  });
  return { ...utterance, text: withMarks(utterance.text, spans), words };
}

function withMarks(text: string, spans: readonly RedactedSpan[]): string {
  let shown = "";
  let from = 0;
  for (const span of spans) {
    shown += text.slice(from, span.start) + span.mark;
    from = span.end;
  }
  return shown + text.slice(from);
}

/** From an offset in the text with marks to one in the text itself; within a mark, its beginning. */
function originalOffset(offset: number, spans: readonly RedactedSpan[]): number {
  let gained = 0;
  for (const span of spans) {
    const start = span.start + gained;
    if (offset <= start) break;
    if (offset < start + span.mark.length) return span.start;
    gained += span.mark.length - (span.end - span.start);
  }
  return offset - gained;
}

function shownOffset(offset: number, spans: readonly RedactedSpan[]): number {
  let gained = 0;
  for (const span of spans) {
    if (offset <= span.start) break;
    // Within a mark: behind it.
    if (offset < span.end) return span.start + gained + span.mark.length;
    gained += span.mark.length - (span.end - span.start);
  }
  return offset + gained;
}
