import { describe, expect, it } from "vitest";
import type { ReplyOutcomes } from "../call/playbook-ports.ts";
import type { SuggestionInput } from "../call/ports.ts";
import type { Playbook } from "../contract/playbook.ts";
import type { ReplyOutcome } from "../contract/playbook-rest.ts";
import { replyId } from "../contract/reply-id.ts";
import { rankingOf } from "./rank-replies.ts";
import { noOutcome } from "./reply-outcome.ts";

const playbook = (entries: Playbook["entries"], more: Partial<Playbook> = {}): Playbook => ({
  name: "small",
  title: "Small",
  product: "Ruta Clara",
  competitors: ["Acme Cloud", "Órbita"],
  keyterms: { es: [], en: [] },
  entries,
  ...more,
});

const entry = (
  id: string,
  replies: string[],
  more: Partial<Playbook["entries"][number]> = {},
): Playbook["entries"][number] => ({ id, language: "es", type: "price", replies, ...more });

const input = (changes: Partial<SuggestionInput> = {}): SuggestionInput => ({
  type: "price",
  language: "es",
  text: "es caro",
  customer: { name: "Ana", company: "Molinos" },
  shownEntries: [],
  context: [],
  atMs: 600_000,
  ...changes,
});

function texts(book: Playbook, changes: Partial<SuggestionInput> = {}, outcomes: ReplyOutcomes = {}) {
  return rankingOf(book)(outcomes, input(changes)).replies.map(({ text }) => text);
}

const outcome = (changes: Partial<ReplyOutcome>): ReplyOutcome => ({ ...noOutcome, ...changes });

describe("ranking replies by what was said", () => {
  const general = entry("general", ["General."]);

  it("puts the entry first whose words were said, whatever their accents and case, and says which", () => {
    const book = playbook([general, entry("year", ["Año."], { when: ["próximo año", "presupuest*"] })]);
    expect(texts(book)).toEqual(["General."]);
    const { replies } = rankingOf(book)({}, input({ text: "quizá el PROXIMO AÑO, no lo presupuestamos" }));
    expect(replies.map(({ text }) => text)).toEqual(["Año.", "General."]);
    expect(replies[0]?.reasons).toEqual([
      { kind: "cues", points: 1.25, words: ["próximo año", "presupuest*"] },
    ]);
    expect(replies[1]?.reasons).toEqual([{ kind: "general", points: 0, words: [] }]);
  });

  it("fills variables, and passes over a reply whose value is missing", () => {
    const book = playbook([
      entry("all", ["{customer}, en {company} {product} gana a {competitor}.", "Hola, {customer}.", "Hola."]),
    ]);
    expect(texts(book, { text: "ya uso ORBITA" })[0]).toBe("Ana, en Molinos Ruta Clara gana a Órbita.");
    expect(texts(book)).toEqual(["Hola, Ana.", "Hola.", null]);
    const { replies } = rankingOf(book)({}, input());
    expect(replies.at(-1)).toMatchObject({ text: null, missing: ["competitor"] });
    expect(texts(book, { customer: { name: "  ", company: "" } })[0]).toBe("Hola.");
    expect(texts(book, { customer: { name: "$& {x}", company: "" } })[0]).toBe("Hola, $& {x}.");
  });

  it("answers a mixed call in the language of the sentence", () => {
    const book = playbook([general, entry("english", ["General, in English."], { language: "en" })]);
    expect(texts(book, { language: "multi", text: "no me lo puedo permitir" })).toEqual(["General."]);
    expect(texts(book, { language: "multi", text: "we can not pay for that" })).toEqual([
      "General, in English.",
    ]);
  });

  it("recognises a line of business by the company's name before what is said in passing", () => {
    const book = playbook([general, entry("bar", ["Para bares."], { industries: ["bars"] })], {
      industries: [
        { name: "bars", terms: { es: ["bar", "restaurant*"], en: ["bar"] } },
        { name: "shops", terms: { es: ["tienda"], en: ["shop"] } },
      ],
    });
    expect(texts(book)).toEqual(["General."]);
    const ranking = rankingOf(book)(
      {},
      input({
        customer: { company: "Restaurantes Sol" },
        context: [{ role: "prospect", text: "tenemos una tienda" }],
      }),
    );
    expect(ranking.industry).toBe("bars");
    expect(ranking.replies[0]).toMatchObject({ text: "Para bares.", score: 0.6 });
    expect(texts(book, { text: "en la tienda es caro" })).toEqual(["General."]);
  });

  it("tells the stage of the call by what the rep has said, and by the clock before that", () => {
    const book = playbook([general, entry("start", ["Al empezar."], { stages: ["opening"] })]);
    expect(texts(book, { atMs: 30_000 })).toEqual(["Al empezar.", "General."]);
    expect(texts(book, { atMs: 300_000 })).toEqual(["General."]);
    const stageOf = (role: "rep" | "prospect", text: string, atMs = 30_000) =>
      rankingOf(book)({}, input({ atMs, context: [{ role, text }] })).stage;
    expect(stageOf("rep", "la propuesta sale en 200 euros")).toBe("proposal");
    expect(stageOf("prospect", "¿y cuántos euros son?")).toBe("opening");
    expect(stageOf("rep", "le mando el contrato y lo firmamos")).toBe("closing");
    expect(stageOf("prospect", "aquí el contrato lo firma otro", 300_000)).toBe("discovery");
  });
});

describe("ranking replies by what became of them", () => {
  const book = playbook([entry("a", ["Uno.", "Dos.", "Tres."]), entry("cue", ["Otra."], { when: ["caro"] })]);
  const [one, two, three] = ["Uno.", "Dos.", "Tres."].map((reply) => replyId("a", reply)) as [
    string,
    string,
    string,
  ];

  it("prefers those that were used, and those never shown to those passed over", () => {
    const outcomes = {
      [one]: outcome({ shown: 20 }),
      [three]: outcome({ shown: 10, used: 6 }),
    };
    expect(texts(book, { text: "no" }, outcomes)).toEqual(["Tres.", "Dos.", "Uno."]);
  });

  it("counts wrong worse than dismissed, and never outweighs a word the prospect said", () => {
    const outcomes = {
      [one]: outcome({ shown: 4, wrong: 4 }),
      [two]: outcome({ shown: 4, dismissed: 4 }),
      [three]: outcome({ shown: 100_000, used: 100_000 }),
      [replyId("cue", "Otra.")]: outcome({ shown: 10, dismissed: 5 }),
    };
    expect(texts(book, {}, outcomes)).toEqual(["Otra.", "Tres.", "Dos.", "Uno."]);
    const best = rankingOf(book)(outcomes, input({ text: "no" })).replies[0];
    expect(best?.reasons).toMatchObject([{ kind: "general" }, { kind: "outcomes" }]);
    expect(best?.score).toBeCloseTo(0.45, 3);
  });

  it("repeats nothing in a call while there is another, then what was shown the longest ago", () => {
    const shown = [two, one];
    const replies = rankingOf(book)({}, input({ text: "no", shownEntries: shown })).replies;
    expect(replies.map(({ text, wasShown }) => [text, wasShown])).toEqual([
      ["Tres.", false],
      ["Dos.", true],
      ["Uno.", true],
    ]);
    expect(texts(book, { text: "no", shownEntries: [two, three, one, two] })[0]).toBe("Tres.");
  });

  it("gives the same order for the same question", () => {
    const outcomes = { [two]: outcome({ shown: 3, used: 1, dismissed: 1 }) };
    const first = rankingOf(book)(outcomes, input());
    expect(rankingOf(book)(outcomes, input())).toEqual(first);
  });
});

describe("the id of a reply", () => {
  it("follows its words, not its place", () => {
    expect(replyId("es-price", "¿Comparado con qué?")).toMatch(/^es-price\/[0-9a-z]{7}$/u);
    expect(replyId("es-price", "¿Comparado con qué?")).toBe(replyId("es-price", "¿Comparado con qué?"));
    expect(replyId("es-price", "¿Comparado con qué?")).not.toBe(replyId("es-price", "¿Con qué?"));
  });
});

describe("ranking as much as a trial may bring", () => {
  it("takes less than reading the playbook did, on whatever machine", () => {
    const cues = (of: string) =>
      Array.from({ length: 60 }, (_, at) => `${of}${at.toString()}${at % 2 === 0 ? "*" : " así"}`);
    const book = playbook(
      Array.from({ length: 1000 }, (_, at) =>
        entry(`e${at.toString()}`, ["Uno."], { when: cues(`k${at.toString()}x`) }),
      ),
      {
        industries: Array.from({ length: 60 }, (_, at) => ({
          name: `i${at.toString()}`,
          terms: { es: cues(`t${at.toString()}x`), en: [] },
        })),
      },
    );
    const preparedFrom = performance.now();
    const rank = rankingOf(book);
    const preparedMs = performance.now() - preparedFrom;
    const words = Array.from({ length: 400 }, (_, at) => `k${at.toString()}`).join(" ");
    const context = Array.from({ length: 12 }, () => ({ role: "prospect" as const, text: words }));
    const given = input({ text: words, context });
    const startedAt = performance.now();
    expect(rank({}, given).replies).toEqual([]);
    // About half of it; word by word it was more than twice as long, seconds of everybody's time.
    expect(performance.now() - startedAt).toBeLessThan(preparedMs);
  });
});
