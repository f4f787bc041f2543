import type { EngineEvent, UtteranceWord } from "../../call/transcription-ports.ts";

export type Utterance = Extract<EngineEvent, { type: "utterance" }>;

/** A word as the service heard it, on the call's axis. */
export interface HeardWord extends UtteranceWord {
  readonly voice?: number;
}

/** One `Results` message, on the call's axis. */
export interface HeardResult {
  readonly channel: number;
  readonly isFinal: boolean;
  /** The service heard the end of what was said. */
  readonly endsUtterance: boolean;
  readonly startSample: number;
  readonly endSample: number;
  readonly words: readonly HeardWord[];
}

/** An utterance that people have seen the beginning of. */
export interface ShownUtterance {
  readonly utteranceId: string;
  readonly startSample: number;
  readonly voice: number | undefined;
}

interface OpenUtterance extends ShownUtterance {
  voice: number | undefined;
  /** They stay: the service has made them final. */
  fixed: HeardWord[];
  /** They may change. */
  loose: readonly HeardWord[];
  /** The service said that it ended, before it made its words final. */
  ends: boolean;
  /** What people have seen reaches to here; after a new beginning nothing shorter is shown. */
  shownUntil: number;
  rewound: boolean;
}

export interface AssemblerOptions {
  readonly channels: number;
  readonly sampleRateHz: number;
  /** By channel: what lies before has had its finals. */
  readonly startSamples: readonly number[];
  /** Silence after which what was said is an utterance, whatever the service says of it. */
  readonly pauseMs: number;
  readonly nextUtteranceId: (channel: number) => string;
  readonly emit: (utterance: Utterance) => void;
}

/** A monologue is broken where the service makes words final, once it is this long. */
const maxUtteranceMs = 30_000;
/** Segments meet this closely: the service's times are 32-bit floats. */
const roundingMs = 20;

/**
 * Makes utterances of the results of one call: several final results and then the end of speech are one utterance,
 * interims replace each other, a final may say less than the interim before it.
 */
export class ResultAssembler {
  readonly #channels: readonly ChannelAssembler[];

  constructor(options: AssemblerOptions) {
    this.#channels = options.startSamples.map(
      (sample, channel) => new ChannelAssembler(channel, sample, options),
    );
  }

  channel(index: number): ChannelAssembler | undefined {
    return this.#channels[index];
  }

  /** Every utterance that begins before it has had its final, on all channels. */
  get closedSample(): number {
    return Math.min(...this.#channels.map(({ closedSample }) => closedSample));
  }

  /** The words of everything before it are known, on all channels. */
  get heardSample(): number {
    return Math.min(...this.#channels.map(({ heardSample }) => heardSample));
  }
}

export class ChannelAssembler {
  readonly #channel: number;
  readonly #options: AssemblerOptions;
  readonly #pauseSamples: number;
  readonly #maxSamples: number;
  readonly #lateSamples: number;
  /** End of what the service has made final. */
  #finalSample: number;
  /** End of what has had its finals as utterances, while another one is open. */
  #closedSample: number;
  #heardSample: number;
  /** Where the connection's current segment begins; results of earlier ones come late. */
  #segmentStart = -Infinity;
  #open: OpenUtterance | null = null;

  constructor(channel: number, startSample: number, options: AssemblerOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#pauseSamples = (options.pauseMs * options.sampleRateHz) / 1000;
    this.#maxSamples = (maxUtteranceMs * options.sampleRateHz) / 1000;
    this.#lateSamples = (roundingMs * options.sampleRateHz) / 1000;
    this.#finalSample = startSample;
    this.#closedSample = startSample;
    this.#heardSample = startSample;
  }

  /** Hearing may begin again here: nothing that was said from it on has had its final. */
  get closedSample(): number {
    return this.#open === null ? this.#finalSample : this.#closedSample;
  }

  get heardSample(): number {
    return Math.max(this.#heardSample, this.#finalSample);
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  hear(result: HeardResult): void {
    if (result.endSample <= this.#segmentStart) {
      // Nothing new was buffered; what is open has ended all the same.
      if (result.isFinal && result.endsUtterance && this.#open?.loose.length === 0) this.#close();
      return;
    }
    // A result that comes late, of what is final already.
    if (result.startSample < this.#segmentStart - this.#lateSamples) return;
    if (result.isFinal) this.#hearFinal(result);
    else this.#hearInterim(result);
    this.#heardSample = Math.max(this.#heardSample, result.endSample);
  }

  /** The service has heard no word for a while; null: it does not say since when. */
  utteranceEnd(lastWordEndSample: number): void {
    const open = this.#open;
    const last = open?.loose.at(-1) ?? open?.fixed.at(-1);
    if (open === null || last === undefined) return;
    // Older than what has been said since.
    if (lastWordEndSample < last.startSample) return;
    if (open.loose.length === 0) this.#close();
    else open.ends = true;
  }

  /** Nothing was said before it that is not known: silence that was not even sent. */
  quietUntil(sample: number): void {
    if (this.#open !== null && this.#open.fixed.length > 0 && this.#open.loose.length === 0) this.#close();
    if (this.#open !== null) return;
    this.#finalSample = Math.max(this.#finalSample, sample);
    this.#closedSample = this.#finalSample;
  }

  /** What has had no final as an utterance is going to be heard once more, under the same id. */
  rewind(): void {
    this.#finalSample = this.closedSample;
    this.#heardSample = this.#finalSample;
    this.#segmentStart = -Infinity;
    if (this.#open === null) return;
    this.#open.fixed = [];
    this.#open.loose = [];
    this.#open.ends = false;
    this.#open.rewound = true;
  }

  /** What lies between `closedSample` and `sample` is somebody else's to hear, the open utterance included. */
  skipTo(sample: number): ShownUtterance | null {
    const open = this.#open;
    this.#open = null;
    this.#finalSample = Math.max(this.#finalSample, sample);
    this.#closedSample = this.#finalSample;
    this.#heardSample = this.#finalSample;
    this.#segmentStart = -Infinity;
    return open;
  }

  /** Everything up to `sample` has been answered: what is open is final as it stands. */
  end(sample: number): void {
    const open = this.#open;
    if (open !== null) {
      open.fixed.push(...open.loose);
      open.loose = [];
      this.#close();
    }
    this.quietUntil(sample);
  }

  #hearInterim(result: HeardResult): void {
    if (result.words.length === 0) {
      if (this.#open === null || this.#open.loose.length === 0) return;
      this.#open.loose = [];
      if (this.#open.fixed.length > 0) this.#show(this.#open);
      return;
    }
    const open = this.#openAt(result.words, result.startSample);
    open.loose = result.words;
    this.#show(open);
  }

  #hearFinal(result: HeardResult): void {
    const { endSample } = result;
    let rest = result.words;
    while (rest.length > 0) {
      const open = this.#openAt(rest, result.startSample);
      const run = runOfOneVoice(rest);
      // What an interim said beyond the final's end is not final yet, and is not taken back either.
      open.loose = open.loose.filter(({ startSample }) => startSample >= endSample);
      if (open.fixed.length === 0) open.voice = run[0]?.voice;
      open.fixed.push(...run);
      rest = rest.slice(run.length);
      // Somebody else goes on.
      if (rest.length > 0) this.#close();
    }
    this.#finalSample = Math.max(this.#finalSample, endSample);
    this.#segmentStart = endSample;
    const open = this.#open;
    if (open === null) {
      this.#closedSample = this.#finalSample;
      return;
    }
    if (result.words.length === 0)
      open.loose = open.loose.filter(({ startSample }) => startSample >= endSample);
    const saidUntil = open.fixed.at(-1)?.endSample;
    const isOver =
      result.endsUtterance ||
      open.ends ||
      (saidUntil === undefined
        ? endSample > open.startSample && open.loose.length === 0
        : endSample - saidUntil >= this.#pauseSamples || saidUntil - open.startSample >= this.#maxSamples);
    if (isOver && open.loose.length === 0) this.#close();
    else if (isOver && saidUntil !== undefined) this.#closeAndGoOn(open);
    else if (open.fixed.length > 0) this.#show(open);
  }

  /** The utterance that these words belong to; it is ended first if somebody else said it. */
  #openAt(words: readonly HeardWord[], resultStart: number): OpenUtterance {
    const [first] = words;
    const firstStart = first?.startSample ?? resultStart;
    const open = this.#open;
    if (open !== null) {
      const last = open.fixed.at(-1);
      if (last === undefined) return open;
      const isOther = first?.voice !== undefined && open.voice !== undefined && first.voice !== open.voice;
      if (!isOther && firstStart - last.endSample < this.#pauseSamples) return open;
      this.#close();
    }
    this.#closedSample = Math.max(this.#closedSample, this.#finalSample);
    const opened: OpenUtterance = {
      utteranceId: this.#options.nextUtteranceId(this.#channel),
      startSample: Math.max(firstStart, this.#closedSample),
      voice: first?.voice,
      fixed: [],
      loose: [],
      ends: false,
      shownUntil: 0,
      rewound: false,
    };
    this.#open = opened;
    return opened;
  }

  #show(open: OpenUtterance): void {
    const utterance = utteranceOf(this.#channel, open, [...open.fixed, ...open.loose], false);
    if (open.rewound && utterance.endSample < open.shownUntil) return;
    open.rewound = false;
    open.shownUntil = utterance.endSample;
    this.#options.emit(utterance);
  }

  #close(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const utterance = utteranceOf(this.#channel, open, open.fixed, true);
    // Nothing of it was ever shown, and there is nothing to say.
    if (open.fixed.length === 0 && open.shownUntil === 0) return;
    this.#closedSample = Math.max(this.#closedSample, this.#finalSample, utterance.endSample);
    this.#options.emit(utterance);
  }

  /** It has ended, but an interim has gone further: what that said begins the next one. */
  #closeAndGoOn(open: OpenUtterance): void {
    const { loose } = open;
    open.loose = [];
    this.#close();
    const next = this.#openAt(loose, this.#finalSample);
    next.loose = loose;
    this.#show(next);
  }
}

/** The words in their places: in order, inside the utterance, whatever the service's rounding makes of them. */
export function utteranceOf(
  channel: number,
  shown: ShownUtterance,
  heard: readonly HeardWord[],
  isFinal: boolean,
): Utterance {
  let until = shown.startSample;
  const words = heard.map(({ text, confidence, estimated, language, ...word }): UtteranceWord => {
    const startSample = Math.max(word.startSample, until);
    until = Math.max(word.endSample, startSample);
    const known = { text, startSample, endSample: until, confidence, estimated };
    return language === undefined ? known : { ...known, language };
  });
  const sure = heard.flatMap(({ confidence }) => confidence ?? []);
  const voice = shown.voice ?? heard[0]?.voice;
  return {
    type: "utterance",
    channel,
    utteranceId: shown.utteranceId,
    isFinal,
    startSample: shown.startSample,
    endSample: until,
    text: words.map(({ text }) => text).join(" "),
    confidence: sure.length === 0 ? null : sure.reduce((sum, value) => sum + value, 0) / sure.length,
    words,
    ...(voice === undefined ? {} : { voice }),
  };
}

/** The first words, as far as one voice said them. A single short word in between is the same voice. */
export function runOfOneVoice(words: readonly HeardWord[]): readonly HeardWord[] {
  const voice = words[0]?.voice;
  const end = words.findIndex(
    (word, i) => word.voice !== voice && (words[i + 1] === undefined || words[i + 1]?.voice !== voice),
  );
  return end < 0 ? words : words.slice(0, Math.max(1, end));
}
