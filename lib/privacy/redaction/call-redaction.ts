import type {
  CallRedaction,
  HeardText,
  RedactedSpan,
  RedactionKind,
  RedactionStep,
} from "../../call/ports.ts";
import type { Language } from "../../contract/vocabulary.ts";
import { asksForCode, type Cue } from "./cues.ts";
import { find, type Findings } from "./find.ts";
import type { KnownNumber } from "./judgement.ts";
import { markOf } from "./marks.ts";
import { fold } from "./token.ts";

/** A number goes on in the speaker's next utterance when it comes within this time. */
const maxPauseMs = 20_000;
/** Utterances that one number may be broken over; the oldest is settled when there are more. */
const maxPieces = 16;
/** Turns with something to say, and time, for which a question is still being answered. */
const askedTurns = 4;
const askedMs = 60_000;
const maxKnown = 64;
/** A turn of so few words is listening, not speaking. */
const ackWords = 3;

const endsInMark = /\[(?:card|account|phone|id|number)\][\s\p{P}]*$/u;

interface Piece {
  readonly heard: HeardText;
  spans: readonly RedactedSpan[];
}

interface Asked {
  readonly kind: Cue["kind"];
  readonly untilMs: number;
  turns: number;
}

/** What was taken out stays out, whatever is known of its surroundings later; it may grow and change its kind. */
function keepingDecided(
  before: readonly RedactedSpan[],
  now: readonly RedactedSpan[],
): readonly RedactedSpan[] {
  const lost = before.filter(
    (span) => !span.isOpen && !now.some((one) => one.start <= span.start && one.end >= span.end),
  );
  const kept: RedactedSpan[] = [];
  for (const span of [...now, ...lost].sort((one, other) => one.start - other.start)) {
    const last = kept.at(-1);
    if (last === undefined || span.start >= last.end) kept.push(span);
    else
      kept[kept.length - 1] = {
        ...last,
        end: Math.max(last.end, span.end),
        isOpen: last.isOpen && span.isOpen,
      };
  }
  return kept;
}

const nothing: RedactionStep = { spans: [], revised: [], settled: [] };

/**
 * What has to go from one call, utterance by utterance. The end of a speaker's utterance that may be the
 * beginning of a number is masked at once and kept together with what the same channel says next: it becomes
 * part of a number, or is shown again.
 */
export function createCallRedaction(kinds: ReadonlySet<RedactionKind>, language: Language): CallRedaction {
  const windows = new Map<number, Piece[]>();
  const known: KnownNumber[] = [];
  let asked: Asked | null = null;

  function look(pieces: readonly HeardText[], interim: boolean, closed: boolean): Findings {
    const last = pieces.at(-1);
    const isAsked = asked !== null && asked.turns > 0 && (last?.startMs ?? 0) <= asked.untilMs;
    return find(pieces.map(({ text }) => text).join(" "), {
      language,
      kinds,
      asked: isAsked ? (asked?.kind ?? null) : null,
      known,
      interim,
      closed,
    });
  }

  /** The findings' spans by piece; one that goes over a border gives a mark on either side. */
  function shares(pieces: readonly HeardText[], findings: Findings): (readonly RedactedSpan[])[] {
    let offset = 0;
    return pieces.map(({ text }) => {
      const from = offset;
      const to = from + text.length;
      offset = to + 1;
      return findings.spans.flatMap((span): RedactedSpan[] => {
        const start = Math.max(span.start, from);
        const end = Math.min(span.end, to);
        if (start >= end) return [];
        const isOpen =
          span.kind === null ||
          (findings.openFrom !== null && span.start >= findings.openFrom && span.digits === "");
        return [{ start: start - from, end: end - from, mark: markOf(span.kind), isOpen }];
      });
    });
  }

  function learn(findings: Findings): void {
    for (const { digits, kind } of findings.spans) {
      if (kind === null || digits.length < 7 || known.some((one) => one.digits === digits)) continue;
      known.push({ digits, kind });
      if (known.length > maxKnown) known.shift();
    }
  }

  function turn(heard: HeardText, findings: Findings): void {
    const ofKnownCard = known.some(({ kind }) => kind === "card") && asksForCode(fold(heard.text));
    const announced = findings.announced ?? (ofKnownCard ? "card" : null);
    if (announced !== null) {
      asked = { kind: announced, turns: askedTurns, untilMs: heard.endMs + askedMs };
      return;
    }
    const isAck = heard.text.split(/\s+/u).length <= ackWords;
    if (asked === null || isAck) return;
    if (findings.spans.length > 0) asked = { ...asked, untilMs: heard.endMs + askedMs };
    else asked.turns -= 1;
  }

  /** Ends what is open on a channel; gives what has to be shown again. */
  function settle(channel: number): RedactionStep {
    const pieces = windows.get(channel) ?? [];
    windows.delete(channel);
    if (pieces.length === 0) return nothing;
    const heard = pieces.map((piece) => piece.heard);
    const findings = look(heard, false, true);
    learn(findings);
    return { spans: [], ...changes(pieces, shares(heard, findings)), settled: heard };
  }

  function changes(
    pieces: readonly Piece[],
    now: readonly (readonly RedactedSpan[])[],
  ): Pick<RedactionStep, "revised"> {
    const revised = pieces.flatMap((piece, i) => {
      const spans = keepingDecided(piece.spans, now[i] ?? []);
      const isSame = JSON.stringify(spans) === JSON.stringify(piece.spans);
      piece.spans = spans;
      return isSame ? [] : [{ heard: piece.heard, spans }];
    });
    return { revised };
  }

  function hearFinal(heard: HeardText): RedactionStep {
    const before = windows.get(heard.channel) ?? [];
    const endedMs = before.at(-1)?.heard.endMs ?? heard.startMs;
    const earlier = heard.startMs - endedMs > maxPauseMs ? settle(heard.channel) : nothing;
    const pieces = [...(windows.get(heard.channel) ?? []), { heard, spans: [] }];
    const texts = pieces.map((piece) => piece.heard);
    const findings = look(texts, false, false);
    learn(findings);
    const now = shares(texts, findings);
    const spans = now.at(-1) ?? [];
    const { revised } = changes(pieces.slice(0, -1), now);
    (pieces.at(-1) ?? { spans }).spans = spans;
    const kept = keptPieces(pieces, findings.openFrom);
    if (kept.length === 0) windows.delete(heard.channel);
    else windows.set(heard.channel, kept);
    turn(heard, findings);
    const settled = texts.slice(0, pieces.length - kept.length);
    return {
      spans,
      revised: [...earlier.revised, ...revised],
      settled: [...earlier.settled, ...settled],
    };
  }

  function keptPieces(pieces: Piece[], openFrom: number | null): Piece[] {
    if (openFrom === null) return [];
    let offset = 0;
    const first = pieces.findIndex(({ heard }) => {
      offset += heard.text.length + 1;
      return openFrom < offset;
    });
    return pieces.slice(Math.max(first, pieces.length - maxPieces));
  }

  function hearInterim(heard: HeardText): RedactionStep {
    const before = (windows.get(heard.channel) ?? []).map((piece) => piece.heard);
    const inTime = before.length > 0 && heard.startMs - (before.at(-1)?.endMs ?? 0) <= maxPauseMs;
    const texts = [...(inTime ? before : []), heard];
    return { ...nothing, spans: shares(texts, look(texts, true, false)).at(-1) ?? [] };
  }

  function together(steps: readonly RedactionStep[]): RedactionStep {
    return {
      spans: [],
      revised: steps.flatMap(({ revised }) => revised),
      settled: steps.flatMap(({ settled }) => settled),
    };
  }

  return {
    hear: (heard) => (heard.isFinal ? hearFinal(heard) : hearInterim(heard)),
    passed(nowMs) {
      const over = [...windows].filter(
        ([, pieces]) => nowMs - (pieces.at(-1)?.heard.endMs ?? 0) > maxPauseMs,
      );
      return together(over.map(([channel]) => settle(channel)));
    },
    end: () => together([...windows.keys()].map(settle)),
    recall(turns) {
      for (const [i, { channel, text, endMs }] of turns.entries()) {
        const heard = { utteranceId: "", channel, startMs: endMs, endMs, text, isFinal: true };
        if (i >= turns.length - 2 * askedTurns) turn(heard, look([heard], false, true));
        // A number that was being given when the process died goes on behind its mark.
        if (endsInMark.test(text)) windows.set(channel, [{ heard, spans: [] }]);
        else windows.delete(channel);
      }
    },
  };
}
