import type { CallReply } from "../../lib/contract/rest.ts";

/** Words in a row that a restart in mid-utterance may leave out, say twice or hear otherwise. */
const tolerance = 2;

export interface TranscriptDiff {
  /** Runs of words of the undisturbed transcript that are missing, and of words that are said again. */
  readonly holes: readonly string[];
  readonly doubles: readonly string[];
  /** Words that differ, as a share of the undisturbed transcript. */
  readonly changed: number;
}

type Segments = readonly Pick<CallReply["segments"][number], "speaker" | "text">[];

function wordsOf(segments: Segments, speaker: number | null): string[] {
  return segments
    .filter((segment) => segment.speaker === speaker)
    .flatMap((segment) => segment.text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

/** For each word what became of it, by the cheapest way from one text to the other. */
function edits(before: readonly string[], after: readonly string[]): ("same" | "gone" | "new" | "other")[] {
  const columns = after.length + 1;
  const cost = new Uint32Array((before.length + 1) * columns);
  const at = (i: number, j: number): number => cost[i * columns + j] ?? 0;
  for (let i = 0; i <= before.length; i += 1) {
    for (let j = 0; j <= after.length; j += 1) {
      cost[i * columns + j] =
        i === 0 || j === 0
          ? i + j
          : Math.min(
              at(i - 1, j) + 1,
              at(i, j - 1) + 1,
              at(i - 1, j - 1) + (before[i - 1] === after[j - 1] ? 0 : 1),
            );
    }
  }
  const steps: ("same" | "gone" | "new" | "other")[] = [];
  for (let i = before.length, j = after.length; i > 0 || j > 0;) {
    const same = i > 0 && j > 0 && before[i - 1] === after[j - 1];
    if (i > 0 && j > 0 && at(i, j) === at(i - 1, j - 1) + (same ? 0 : 1)) {
      steps.push(same ? "same" : "other");
      i -= 1;
      j -= 1;
    } else if (i > 0 && at(i, j) === at(i - 1, j) + 1) {
      steps.push("gone");
      i -= 1;
    } else {
      steps.push("new");
      j -= 1;
    }
  }
  return steps.reverse();
}

/** What a disturbed run of a call lacks or repeats, compared with an undisturbed one, speaker by speaker. */
export function compareTranscripts(undisturbed: Segments, disturbed: Segments): TranscriptDiff {
  const holes: string[] = [];
  const doubles: string[] = [];
  let changed = 0;
  let total = 0;
  for (const speaker of new Set(undisturbed.map((segment) => segment.speaker))) {
    const before = wordsOf(undisturbed, speaker);
    const after = wordsOf(disturbed, speaker);
    total += before.length;
    let [i, j] = [0, 0];
    const runs: { readonly step: string; readonly words: string[] }[] = [];
    for (const step of edits(before, after)) {
      if (step !== "same") changed += 1;
      if (runs.at(-1)?.step !== step) runs.push({ step, words: [] });
      runs.at(-1)?.words.push((step === "new" ? after[j] : before[i]) ?? "");
      if (step !== "new") i += 1;
      if (step !== "gone") j += 1;
    }
    for (const { step, words } of runs) {
      if (words.length <= tolerance) continue;
      if (step === "gone") holes.push(words.join(" "));
      if (step === "new") doubles.push(words.join(" "));
    }
  }
  return { holes, doubles, changed: total === 0 ? 0 : changed / total };
}
