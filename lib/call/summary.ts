import type { Summary } from "../contract/summary.ts";
import { type Language, type ObjectionType, roleOfSpeaker } from "../contract/vocabulary.ts";
import { nextSteps } from "./next-steps.ts";
import type { SpeechReader } from "./ports.ts";
import type { StoredObjection, StoredSegment } from "./stored-call.ts";
import { isStopWord, namesIn } from "./summary-words.ts";

const maxTopics = 5;
const minTopicLetters = 4;
/** What stands in place of something that was taken out is no topic. */
const mark = /\[(?:card|account|email|phone|id|number)\]/gu;

interface Spoken {
  readonly segments: readonly StoredSegment[];
  readonly objections: readonly StoredObjection[];
}

/** At most so long at a time while other calls go on. */
const turnMs = 5;
/** One summary after the other: calls that end together would take their turns together. */
let lastSummary: Promise<unknown> = Promise.resolve();

/** The summary of a call, as `summariseInTurns` makes it, at once: for threads that hold up no call. */
export function summarise(spoken: Spoken, language: Language, reader: SpeechReader): Summary {
  const steps = summarySteps(spoken, language, reader);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * The summary of a call, from what was said alone. Confirmed objections count; `confidence_score` is
 * the mean of their confidences. Next steps are read from the words by `reader`, not from the insights that were told:
 * they are the same whether coaching was on or off.
 */
export function summariseInTurns(spoken: Spoken, language: Language, reader: SpeechReader): Promise<Summary> {
  const summary = lastSummary.then(() => inTurns(summarySteps(spoken, language, reader)));
  lastSummary = summary.catch(() => undefined);
  return summary;
}

async function inTurns(steps: Generator<undefined, Summary>): Promise<Summary> {
  let untilMs = performance.now() + turnMs;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < untilMs) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    untilMs = performance.now() + turnMs;
  }
}

function* summarySteps(
  spoken: Spoken,
  language: Language,
  reader: SpeechReader,
): Generator<undefined, Summary> {
  const confirmed = spoken.objections.filter((objection) => objection.status === "confirmed");
  const speakersTime = { rep: 0, prospect: 0, unknown: 0 };
  for (const segment of spoken.segments) {
    speakersTime[roleOfSpeaker(segment.speaker)] += Math.max(0, segment.endMs - segment.tsMs);
  }
  const topics = yield* topTopics(spoken.segments);
  return {
    total_segments: spoken.segments.length,
    total_objections: confirmed.length,
    objection_types: countTypes(confirmed),
    speakers_time: speakersTime,
    top_topics: topics,
    next_steps: yield* nextSteps(spoken.segments, language, reader),
    confidence_score:
      confirmed.length === 0
        ? null
        : round3(confirmed.reduce((sum, objection) => sum + objection.confidence, 0) / confirmed.length),
  };
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function countTypes(objections: readonly StoredObjection[]): Partial<Record<ObjectionType, number>> {
  const counts: Partial<Record<ObjectionType, number>> = {};
  for (const { type } of objections) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

/**
 * The words said in most segments that are not of the language's small change; at least twice. Singular and plural, with
 * and without their accents, are one topic, named as it was said most often.
 */
function* topTopics(segments: readonly StoredSegment[]): Generator<undefined, string[]> {
  const topics = new Map<string, { count: number; readonly forms: Map<string, number> }>();
  const names = new Set<string>();
  for (const { text } of segments) {
    for (const name of namesIn(text)) names.add(name);
    yield;
  }
  for (const { text } of segments) {
    yield;
    const words =
      text
        .replaceAll(mark, " ")
        .toLowerCase()
        .match(/\p{L}+/gu) ?? [];
    const counted = new Set<string>();
    for (const word of words) {
      if (word.length < minTopicLetters || isStopWord(word) || names.has(word)) continue;
      const key = topicKey(word);
      const topic = topics.get(key) ?? { count: 0, forms: new Map<string, number>() };
      topics.set(key, topic);
      topic.forms.set(word, (topic.forms.get(word) ?? 0) + 1);
      if (!counted.has(key)) topic.count += 1;
      counted.add(key);
    }
  }
  const first = <T extends readonly [string, number]>(a: T, b: T): number =>
    b[1] - a[1] || a[0].localeCompare(b[0]);
  return [...topics.values()]
    .filter(({ count }) => count > 1)
    .map(({ count, forms }) => [[...forms].sort(first)[0]?.[0] ?? "", count] as const)
    .sort(first)
    .slice(0, maxTopics)
    .map(([word]) => word);
}

/** The same for singular and plural, and however a recogniser has set the accents. */
function topicKey(word: string): string {
  const plain = word.normalize("NFD").replaceAll(/\p{M}/gu, "");
  return plain.length > minTopicLetters + 1 ? plain.replace(/(?<=[^aeiou])es$|s$/u, "") : plain;
}
