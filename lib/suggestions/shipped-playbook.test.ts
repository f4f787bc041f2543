import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { callStages } from "../contract/playbook.ts";
import { objectionTypes } from "../contract/vocabulary.ts";
import { parsePlaybook } from "./parse-playbook.ts";
import { rankingOf } from "./rank-replies.ts";

const playbook = parsePlaybook(
  readFileSync(new URL("../../data/playbooks/default.json", import.meta.url), "utf8"),
);
const rank = rankingOf(playbook);
const languages = ["es", "en"] as const;
const isGeneral = ({ when, industries, stages }: (typeof playbook.entries)[number]): boolean =>
  when === undefined && industries === undefined && stages === undefined;
const input = (changes: object) => ({
  language: "es" as const,
  type: "price" as const,
  text: "?",
  customer: {},
  context: [],
  atMs: 600_000,
  shownEntries: [],
  ...changes,
});

describe("the shipped playbook", () => {
  it("has at least five general replies for every type and language, each under 20 words", () => {
    for (const language of languages) {
      for (const type of objectionTypes) {
        const general = playbook.entries.filter(
          (entry) => entry.language === language && entry.type === type && isGeneral(entry),
        );
        expect(general.flatMap(({ replies }) => replies).length, `${language} ${type}`).toBeGreaterThan(4);
      }
    }
    const replies = playbook.entries.flatMap((entry) => entry.replies);
    expect(new Set(replies).size).toBe(replies.length);
    for (const reply of replies) expect(reply.split(/\s+/u).length, reply).toBeLessThan(20);
  });

  it("has replies for particular words of every type, for every stage and for lines of business", () => {
    for (const language of languages) {
      const own = playbook.entries.filter((entry) => entry.language === language);
      for (const type of objectionTypes) {
        expect(own.filter((entry) => entry.type === type && entry.when !== undefined).length).toBeGreaterThan(
          1,
        );
      }
      const stages = new Set(own.flatMap((entry) => entry.stages ?? []));
      expect([...stages].every((stage) => callStages.includes(stage))).toBe(true);
      expect(stages.size).toBeGreaterThan(1);
      expect(new Set(own.flatMap((entry) => entry.industries ?? [])).size).toBeGreaterThan(3);
    }
  });

  it("addresses nobody as tú, vos or usted in Spanish, so that it can be said in every country", () => {
    const forms =
      /(?<!\p{L})(tú|te|ti|tu|tus|contigo|usted|ustedes|vos|vosotr[oa]s|vuestr\p{L}+|os|su|sus|le|les)(?!\p{L})/iu;
    for (const { language, replies } of playbook.entries) {
      if (language === "es") for (const reply of replies) expect(reply).not.toMatch(forms);
    }
  });

  it("never runs dry, and repeats nothing before everything fitting was shown", () => {
    for (const language of languages) {
      for (const type of objectionTypes) {
        const shown: string[] = [];
        for (let turn = 0; turn < 5; turn += 1) {
          const [best] = rank({}, input({ type, language, shownEntries: shown })).replies;
          expect(best?.wasShown).toBe(false);
          shown.push(best?.reply ?? "none");
        }
        expect(rank({}, input({ type, language, shownEntries: shown })).replies[0]?.text).toBeTruthy();
      }
    }
  });

  it.each([
    [{ text: "este año no tenemos presupuesto" }, "es-price-budget"],
    [{ text: "la competencia me lo deja más barato" }, "es-price-cheaper"],
    [{ type: "timing", text: "déjeme pensarlo unos días" }, "es-timing-think"],
    [{ type: "authority", text: "lo tengo que hablar con mi marido" }, "es-authority-family"],
    [{ type: "other", text: "mándeme la información por correo" }, "es-other-send"],
    [{ customer: { company: "Restaurante La Esquina" } }, "es-price-hospitality"],
    [{ atMs: 20_000 }, "es-price-opening"],
    [
      { type: "trust", language: "en", text: "we had a bad experience with the last one" },
      "en-trust-experience",
    ],
    [{ type: "need", language: "en", text: "our spreadsheet works fine" }, "en-need-content"],
    [
      { type: "timing", language: "en", context: [{ role: "rep", text: "I'll send the contract to sign" }] },
      "en-timing-closing",
    ],
  ])("has the fitting entry for %j", (changes, entry) => {
    expect(rank({}, input(changes)).replies[0]?.entry).toBe(entry);
  });
});
