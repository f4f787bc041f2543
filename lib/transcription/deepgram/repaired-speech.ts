import {
  runOfOneVoice,
  utteranceOf,
  type HeardWord,
  type ShownUtterance,
  type Utterance,
} from "./result-assembler.ts";

export interface RepairedSpeech {
  readonly channel: number;
  /** In order, on the call's axis. */
  readonly words: readonly HeardWord[];
  /** An utterance whose beginning people have seen, and which the gap has cut. */
  readonly shown: ShownUtterance | null;
  readonly fromSample: number;
  readonly untilSample: number;
  /** Silence that ends an utterance. */
  readonly pauseSamples: number;
  readonly nextUtteranceId: (channel: number) => string;
}

/** The utterances of a stretch that was heard later. What was shown of one gets its final, with or without text. */
export function repairedUtterances(speech: RepairedSpeech): readonly Utterance[] {
  const { channel, shown, nextUtteranceId } = speech;
  const runs = runsOf(speech);
  const utterances = runs.map((words, index): Utterance => {
    const [first] = words;
    const voice = first?.voice;
    const begun: ShownUtterance =
      index === 0 && shown !== null
        ? { utteranceId: shown.utteranceId, startSample: shown.startSample, voice }
        : {
            utteranceId: nextUtteranceId(channel),
            startSample: first?.startSample ?? speech.fromSample,
            voice,
          };
    return { ...utteranceOf(channel, begun, words, true), reason: "repair" };
  });
  if (shown === null || utterances.length > 0) return utterances;
  return [utteranceOf(channel, shown, [], true)];
}

function runsOf({ fromSample, pauseSamples, untilSample, words }: RepairedSpeech): readonly HeardWord[][] {
  const runs: HeardWord[][] = [];
  let rest: readonly HeardWord[] = words.map((word) => ({
    ...word,
    startSample: Math.min(untilSample, Math.max(fromSample, word.startSample)),
    endSample: Math.min(untilSample, Math.max(fromSample, word.endSample)),
  }));
  while (rest.length > 0) {
    const voiced = runOfOneVoice(rest);
    rest = rest.slice(voiced.length);
    let run: HeardWord[] = [];
    for (const word of voiced) {
      const last = run.at(-1);
      if (last !== undefined && word.startSample - last.endSample >= pauseSamples) {
        runs.push(run);
        run = [];
      }
      run.push(word);
    }
    runs.push(run);
  }
  return runs;
}
