import { describe, expect, it } from "vitest";
import { ResultAssembler, type HeardResult, type HeardWord, type Utterance } from "./result-assembler.ts";

const rate = 16_000;
const at = (seconds: number): number => Math.round(seconds * rate);

/** "hola 1.0-1.4 mundo 1.5-1.9": words with their times in seconds. */
function words(text: string, voice?: number): HeardWord[] {
  return text
    .trim()
    .split(/\s+/u)
    .reduce<HeardWord[]>((read, token) => {
      const times = /^([\d.]+)-([\d.]+)$/u.exec(token);
      if (times === null) {
        const word = { text: token, startSample: 0, endSample: 0, confidence: 0.9, estimated: false };
        return [...read, voice === undefined ? word : { ...word, voice }];
      }
      const last = read.at(-1);
      if (last === undefined) return read;
      const placed = { ...last, startSample: at(Number(times[1])), endSample: at(Number(times[2])) };
      return [...read.slice(0, -1), placed];
    }, []);
}

function assemble(channels = 1, startSeconds = 0) {
  const said: Utterance[] = [];
  let ids = 0;
  const assembler = new ResultAssembler({
    channels,
    sampleRateHz: rate,
    startSamples: Array.from({ length: channels }, () => at(startSeconds)),
    pauseMs: 1000,
    nextUtteranceId: (channel) => `u${channel}-${(ids += 1)}`,
    emit: (utterance) => said.push(utterance),
  });
  const hear = (
    from: number,
    to: number,
    text: HeardWord[],
    how: Partial<Pick<HeardResult, "isFinal" | "endsUtterance" | "channel">> = {},
  ): void => {
    const { channel = 0, isFinal = false, endsUtterance = false } = how;
    assembler.channel(channel)?.hear({
      channel,
      isFinal,
      endsUtterance,
      startSample: at(from),
      endSample: at(to),
      words: text,
    });
  };
  return { assembler, hear, said, finals: () => said.filter(({ isFinal }) => isFinal) };
}
const final = { isFinal: true };
const spoken = { isFinal: true, endsUtterance: true };

describe("the results of a live connection", () => {
  it("are two utterances where a pause lies between, whether the service says so or not", () => {
    const { hear, finals } = assemble();
    hear(0, 1, words("el 0.4-0.6 precio 0.6-1.0"));
    hear(0, 3, words("el 0.4-0.6 precio 0.6-1.1 me 1.2-1.3"), final);
    hear(3, 4, words("parece 3.0-3.5"));
    hear(3, 5, words("parece 3.0-3.5 alto. 3.6-4.2"), spoken);
    expect(finals().map(({ text }) => text)).toEqual(["el precio me", "parece alto."]);
  });

  it("become one utterance under one id when several finals come before the end of speech", () => {
    const { hear, said, finals } = assemble();
    hear(0, 1, words("el 0.4-0.6 precio 0.6-1.0"));
    hear(0, 2, words("el 0.4-0.6 precio 0.6-1.1 me 1.2-1.9"), final);
    hear(2, 3, words("parece 2.0-2.5"));
    hear(2, 4, words("parece 2.0-2.5 alto. 2.6-3.2"), spoken);
    expect(new Set(said.map(({ utteranceId }) => utteranceId)).size).toBe(1);
    expect(finals()).toHaveLength(1);
    expect(finals()[0]).toMatchObject({
      text: "el precio me parece alto.",
      startSample: at(0.4),
      endSample: at(3.2),
    });
  });

  it("let an interim shrink", () => {
    const { hear, said } = assemble();
    hear(0, 1, words("no 0.2-0.4 sé 0.4-0.7"));
    hear(0, 2, words("noche 0.2-0.7"));
    expect(said.map(({ text }) => text)).toEqual(["no sé", "noche"]);
  });

  it("keep what an interim said beyond a final that ends early", () => {
    const { hear, said, finals } = assemble();
    hear(0, 4, words("uno 0.2-0.8 dos 1.0-1.8 tres 2.2-2.8"));
    hear(0, 2, words("uno 0.2-0.8 dos 1.0-1.8"), final);
    expect(said.at(-1)).toMatchObject({ isFinal: false, text: "uno dos tres" });
    hear(2, 5, words("tres 2.2-2.8 cuatro 3.0-3.8"), spoken);
    expect(finals().map(({ text }) => text)).toEqual(["uno dos tres cuatro"]);
  });

  it("are taken by channel, in whatever order they come", () => {
    const { hear, finals } = assemble(2);
    hear(0, 2, words("buenas 0.2-0.6"), { ...spoken, channel: 1 });
    hear(0, 1, words("hola 0.1-0.4"), { ...spoken, channel: 0 });
    hear(2, 4, words("dígame 2.2-2.6"), { ...spoken, channel: 1 });
    hear(1, 4, words("llamo 3.1-3.4"), { ...spoken, channel: 0 });
    expect(finals().map(({ channel, text }) => `${channel} ${text}`)).toEqual([
      "1 buenas",
      "0 hola",
      "1 dígame",
      "0 llamo",
    ]);
  });

  it("that come late, of a segment that is final already, change nothing", () => {
    const { hear, said } = assemble();
    hear(0, 2, words("listo 0.2-0.8"), spoken);
    const before = said.length;
    hear(0, 1, words("list 0.2-0.6"));
    hear(0, 2.5, words("listo 0.2-0.8 ya 2.1-2.4"));
    expect(said).toHaveLength(before);
  });

  it("end an utterance with no text when nothing came of its interims", () => {
    const { hear, finals } = assemble();
    hear(0, 1, words("eh 0.4-0.6"));
    hear(0, 3, [], final);
    expect(finals()).toHaveLength(1);
    expect(finals()[0]).toMatchObject({ text: "", words: [] });
  });

  it("say nothing of silence, but settle it", () => {
    const { assembler, hear, said } = assemble();
    hear(0, 5, [], final);
    expect(said).toHaveLength(0);
    expect(assembler.closedSample).toBe(at(5));
  });

  it("end an utterance where the service heard its end, and not at an end that is older than the words", () => {
    const { assembler, hear, finals } = assemble();
    hear(0, 2, words("vale 0.2-0.6"), final);
    hear(2, 3, words("pues 2.0-2.4"));
    assembler.channel(0)?.utteranceEnd(at(0.1));
    expect(finals()).toHaveLength(1);
    assembler.channel(0)?.utteranceEnd(at(2.4));
    expect(finals()).toHaveLength(1);
    hear(2, 4, words("pues 2.0-2.4"), final);
    expect(finals().map(({ text }) => text)).toEqual(["vale", "pues"]);
  });

  it("end what is open when nothing was left to flush", () => {
    const { hear, finals } = assemble();
    hear(0, 2, words("bien 0.2-1.9"), final);
    expect(finals()).toHaveLength(0);
    hear(2, 2, [], spoken);
    expect(finals().map(({ text }) => text)).toEqual(["bien"]);
  });

  it("do not settle what an open utterance began", () => {
    const { assembler, hear } = assemble();
    hear(0, 2, words("uno 0.2-0.6"), spoken);
    hear(2, 4, words("dos 2.5-3.9"), final);
    expect(assembler.closedSample).toBe(at(2));
    expect(assembler.heardSample).toBe(at(4));
    hear(4, 6, [], final);
    expect(assembler.closedSample).toBe(at(6));
  });

  it("are heard once more under the same id after a connection is lost, without flicker", () => {
    const { assembler, hear, said, finals } = assemble();
    hear(0, 2, words("antes 0.2-0.6"), spoken);
    hear(2, 4, words("es 2.2-2.5 muy 2.6-2.9 caro 3.0-3.5"), final);
    const shown = said.length;
    assembler.channel(0)?.rewind();
    hear(2, 3, words("es 2.2-2.5"));
    expect(said).toHaveLength(shown);
    hear(2, 4.5, words("es 2.2-2.5 muy 2.6-2.9 caro 3.0-3.5 hoy 3.6-4.0"));
    expect(said.at(-1)?.text).toBe("es muy caro hoy");
    hear(2, 5, words("es 2.2-2.5 muy 2.6-2.9 caro 3.0-3.5 hoy 3.6-4.0"), spoken);
    expect(new Set(said.map(({ utteranceId }) => utteranceId)).size).toBe(2);
    expect(finals().map(({ text }) => text)).toEqual(["antes", "es muy caro hoy"]);
  });

  it("leave a gap to its repair, with the utterance that was open", () => {
    const { assembler, hear, finals } = assemble();
    hear(0, 2, words("es 0.5-1.9"), final);
    const shown = assembler.channel(0)?.skipTo(at(30));
    expect(shown).toMatchObject({ utteranceId: "u0-1", startSample: at(0.5) });
    hear(30, 32, words("ya 30.2-30.5"), spoken);
    expect(finals().map(({ utteranceId, text }) => [utteranceId, text])).toEqual([["u0-2", "ya"]]);
  });

  it("are told apart by voice: who goes on is another utterance", () => {
    const { hear, said, finals } = assemble();
    hear(0, 2, words("hola 0.2-0.6 sí 0.9-1.2", 0));
    hear(0, 3, [...words("hola 0.2-0.6", 0), ...words("sí 0.9-1.2 dígame 1.3-1.8", 1)], spoken);
    expect(finals().map(({ text, voice }) => [text, voice])).toEqual([
      ["hola", 0],
      ["sí dígame", 1],
    ]);
    expect(said[0]?.utteranceId).toBe(finals()[0]?.utteranceId);
  });

  it("carry the confidence of their words, and the language where the service tells it", () => {
    const { hear, finals } = assemble();
    const [first, second] = words("hola 0.1-0.4 friend 0.5-0.9");
    if (first === undefined || second === undefined) throw new Error("two words");
    hear(
      0,
      2,
      [
        { ...first, confidence: 0.8, language: "es" },
        { ...second, confidence: 1, language: "en" },
      ],
      spoken,
    );
    expect(finals()[0]?.confidence).toBeCloseTo(0.9);
    expect(finals()[0]?.words.map(({ language }) => language)).toEqual(["es", "en"]);
  });

  it("keep words in order and inside the utterance, whatever their rounding", () => {
    const { hear, finals } = assemble();
    hear(0, 1, words("a 0.30-0.50"));
    hear(0, 2, words("a 0.28-0.51 b 0.50-0.80"), spoken);
    const [utterance] = finals();
    expect(utterance?.startSample).toBe(at(0.3));
    expect(utterance?.words.map(({ startSample }) => startSample)).toEqual([at(0.3), at(0.51)]);
  });
});
