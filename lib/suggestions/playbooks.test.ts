import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { objectionTypes } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";
import type { SuggestionInput } from "../call/ports.ts";
import { parsePlaybook } from "./parse-playbook.ts";
import type { Playbook } from "../contract/playbook.ts";
import { createPlaybooks } from "./playbooks.ts";

const shipped = readFileSync(new URL("../../data/playbooks/default.json", import.meta.url), "utf8");

async function suggesterOf(playbook: Playbook) {
  const playbooks = createPlaybooks({ playbooks: new Map([["one", playbook]]), defaultName: "one" });
  return playbooks.open(null, null).then(({ suggester }) => suggester);
}

const small = (entries: unknown, more: object = {}) =>
  JSON.stringify({
    name: "small",
    title: "Small",
    product: "Ruta Clara",
    competitors: ["Acme Cloud", "Órbita"],
    keyterms: { es: ["albarán"], en: ["waybill"] },
    entries,
    ...more,
  });

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

function faultsOf(json: string): string {
  try {
    parsePlaybook(json);
  } catch (error) {
    expect(error).toBeInstanceOf(CallError);
    return error instanceof CallError ? `${error.code} ${error.message}` : "";
  }
  return "no fault";
}

describe("the shipped playbook", () => {
  const playbook = parsePlaybook(shipped);

  it("has at least five general replies for every type and language, each under 20 words", () => {
    for (const language of ["es", "en"] as const) {
      for (const type of objectionTypes) {
        const general = playbook.entries.filter(
          (entry) => entry.language === language && entry.type === type && entry.when === undefined,
        );
        expect(general.flatMap(({ replies }) => replies).length, `${language} ${type}`).toBeGreaterThan(4);
      }
    }
    const replies = playbook.entries.flatMap((entry) => entry.replies);
    expect(new Set(replies).size).toBe(replies.length);
    for (const reply of replies) expect(reply.split(/\s+/u).length, reply).toBeLessThan(20);
  });

  it("never runs dry, and repeats nothing before everything fitting was shown", async () => {
    const suggester = await suggesterOf(playbook);
    for (const language of ["es", "en"] as const) {
      for (const type of objectionTypes) {
        const shown: string[] = [];
        for (let turn = 0; turn < 5; turn += 1) {
          const choice = suggester.suggest(input({ type, language, text: "?", shownEntries: shown }));
          expect(shown).not.toContain(choice?.playbookEntry);
          shown.push(choice?.playbookEntry ?? "none");
        }
        expect(suggester.suggest(input({ type, language, text: "?", shownEntries: shown }))).not.toBeNull();
      }
    }
  });
});

describe("choosing a reply", () => {
  it("prefers the entry whose words were said, whatever their accents and case", async () => {
    const suggester = await suggesterOf(
      parsePlaybook(
        small([
          { id: "general", language: "es", type: "price", replies: ["General."] },
          { id: "year", language: "es", type: "price", when: ["próximo año"], replies: ["Año."] },
        ]),
      ),
    );
    expect(suggester.suggest(input())?.text).toBe("General.");
    expect(suggester.suggest(input({ text: "quizá el PROXIMO AÑO" }))).toEqual({
      text: "Año.",
      source: "playbook",
      playbookEntry: "year/1",
      fits: true,
    });
    expect(suggester.suggest(input({ text: "el próximo año", shownEntries: ["year/1"] }))?.text).toBe(
      "General.",
    );
  });

  it("fills variables, and passes over a reply whose value is missing", async () => {
    const suggester = await suggesterOf(
      parsePlaybook(
        small([
          {
            id: "all",
            language: "es",
            type: "price",
            replies: [
              "{customer}, en {company} {product} gana a {competitor}.",
              "Hola, {customer}.",
              "Hola.",
            ],
          },
        ]),
      ),
    );
    expect(suggester.suggest(input({ text: "ya uso ORBITA" }))?.text).toBe(
      "Ana, en Molinos Ruta Clara gana a Órbita.",
    );
    expect(suggester.suggest(input())?.text).toBe("Hola, Ana.");
    expect(suggester.suggest(input({ customer: { name: "  ", company: "" } }))?.text).toBe("Hola.");
    expect(suggester.suggest(input({ customer: { name: "$& {x}", company: "" } }))?.text).toBe(
      "Hola, $& {x}.",
    );
  });

  it("gives the least recently shown when all were shown, and null when there is none", async () => {
    const suggester = await suggesterOf(
      parsePlaybook(small([{ id: "a", language: "es", type: "price", replies: ["Uno.", "Dos."] }])),
    );
    const repeated = suggester.suggest(input({ shownEntries: ["a/2", "a/1"] }));
    expect(repeated).toMatchObject({ text: "Dos.", fits: false });
    expect(suggester.suggest(input({ shownEntries: ["a/1", "a/2", "a/1"] }))?.text).toBe("Dos.");
    expect(suggester.suggest(input({ type: "trust" }))).toBeNull();
    expect(suggester.suggest(input({ language: "en" }))).toBeNull();
  });

  it("answers a mixed call in the language of the sentence", async () => {
    const suggester = await suggesterOf(parsePlaybook(shipped));
    const spanish = suggester.suggest(input({ language: "multi", text: "no me lo puedo permitir" }));
    const english = suggester.suggest(input({ language: "multi", text: "we can not pay for that" }));
    expect(spanish?.playbookEntry).toMatch(/^es-/u);
    expect(english?.playbookEntry).toMatch(/^en-/u);
  });

  it("says how often cards may come, as the playbook or else as the product has it", async () => {
    const entries = [{ id: "a", language: "es", type: "price", replies: ["Uno."] }];
    const coachingOf = async (more: object) =>
      (await suggesterOf(parsePlaybook(small(entries, more)))).coaching;
    expect(await coachingOf({})).toEqual({ cooldownMs: 45_000, maxCardsPerMinute: 3, provisional: true });
    expect(await coachingOf({ coaching: { cooldown_sec: 0, provisional: false } })).toEqual({
      cooldownMs: 0,
      maxCardsPerMinute: 3,
      provisional: false,
    });
    expect(faultsOf(small(entries, { coaching: { max_cards_per_minute: 0, often: true } }))).toMatch(
      /coaching\.max_cards_per_minute:.*coaching:/u,
    );
  });

  it("names product, competitors and key terms for the engine", async () => {
    const suggester = await suggesterOf(
      parsePlaybook(small([{ id: "a", language: "es", type: "price", replies: ["Uno."] }])),
    );
    expect(suggester.keyterms("es")).toEqual(["Ruta Clara", "Acme Cloud", "Órbita", "albarán"]);
    expect(suggester.keyterms("multi")).toContain("waybill");
  });

  it("refuses a playbook that does not exist", async () => {
    const playbooks = createPlaybooks({
      playbooks: new Map([["default", parsePlaybook(shipped)]]),
      defaultName: "default",
    });
    await expect(playbooks.open("nothing", null)).rejects.toMatchObject({ code: "invalid" });
    expect(() => createPlaybooks({ playbooks: new Map(), defaultName: "default" })).toThrow(/"default"/u);
  });
});

describe("reading a playbook", () => {
  it("names every fault with its place", () => {
    const faults = faultsOf(
      small([
        { id: "a", language: "es", type: "price", replies: ["Hola {name}"] },
        { id: "a", language: "fr", type: "cost", replies: [] },
        { id: "b", language: "es", type: "price", replies: ["Sin cerrar {customer"], extra: 1 },
      ]),
    );
    expect(faults).toMatch(/^invalid /u);
    expect(faults).toContain("entries[0].replies[0]: unknown variable {name}");
    expect(faults).toContain("entries[1].language:");
    expect(faults).toContain("entries[1].type:");
    expect(faults).toContain("entries[1].replies:");
    expect(faults).toContain("entries[2].replies[0]: a brace without its partner");
    expect(faults).toContain("entries[2]:");
  });

  it("refuses an id used twice and what is not JSON", () => {
    const entry = { id: "a", language: "es", type: "price", replies: ["Uno."] };
    expect(faultsOf(small([entry, entry]))).toContain("entries[1].id: used twice: a");
    expect(faultsOf("{ not json")).toContain("not JSON");
    expect(faultsOf("[]")).toContain("playbook:");
    expect(faultsOf(`\u{feff}${small([entry])}`)).toBe("no fault");
  });
});
