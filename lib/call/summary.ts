import type { Summary } from "../contract/summary.ts";
import { type Language, type ObjectionType, roleOfSpeaker } from "../contract/vocabulary.ts";
import type { StoredObjection, StoredSegment } from "./stored-call.ts";
import { isStopWord, nextStepPatterns } from "./summary-words.ts";

const maxTopics = 5;
const maxNextSteps = 5;
const minTopicLetters = 4;
/** What stands in place of something that was taken out is no topic. */
const mark = /\[(?:card|account|email|phone|id|number)\]/gu;

/**
 * The summary of a call, from what was said alone. Confirmed objections count; `confidence_score` is
 * the mean of their confidences.
 */
export function summarise(
  spoken: { readonly segments: readonly StoredSegment[]; readonly objections: readonly StoredObjection[] },
  language: Language,
): Summary {
  const confirmed = spoken.objections.filter((objection) => objection.status === "confirmed");
  const speakersTime = { rep: 0, prospect: 0, unknown: 0 };
  for (const segment of spoken.segments) {
    speakersTime[roleOfSpeaker(segment.speaker)] += Math.max(0, segment.endMs - segment.tsMs);
  }
  return {
    total_segments: spoken.segments.length,
    total_objections: confirmed.length,
    objection_types: countTypes(confirmed),
    speakers_time: speakersTime,
    top_topics: topTopics(spoken.segments),
    next_steps: nextSteps(spoken.segments, language),
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

/** The words said in most segments that are not of the language's small change; at least twice. */
function topTopics(segments: readonly StoredSegment[]): string[] {
  const counts = new Map<string, number>();
  for (const { text } of segments) {
    const words =
      text
        .replaceAll(mark, " ")
        .toLowerCase()
        .match(/\p{L}+/gu) ?? [];
    for (const word of new Set(words)) {
      if (word.length < minTopicLetters || isStopWord(word)) continue;
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .sort(([a, countA], [b, countB]) => countB - countA || a.localeCompare(b))
    .slice(0, maxTopics)
    .map(([word]) => word);
}

/** Sentences in which somebody commits to something after the call, the latest ones, in order. */
function nextSteps(segments: readonly StoredSegment[], language: Language): string[] {
  const patterns = nextStepPatterns(language);
  const sentences = segments
    .flatMap(({ text }) => text.match(/[^.!?…]+[.!?…]*/gu) ?? [])
    .map((sentence) => sentence.trim())
    .filter((sentence) => !sentence.includes("?") && patterns.some((pattern) => pattern.test(sentence)));
  return [...new Set(sentences)].slice(-maxNextSteps);
}
