import { expect, it } from "vitest";
import { createMentionFinder } from "./mentions.ts";

const find = createMentionFinder({
  competitors: ["Rivalia", "Nube Contable"],
  keywords: ["auditoría", "  "],
});

it("terms are found as whole words, once each, without regard to case and accents", () => {
  const text = "La AUDITORIA la hace rivalia, con Nube  contable y Rivalia.";
  expect(
    find(text).map(({ kind, term, evidence: { start, end } }) => [kind, term, text.slice(start, end)]),
  ).toEqual([
    ["keyword_mention", "auditoría", "AUDITORIA"],
    ["competitor_mention", "Rivalia", "rivalia"],
    ["competitor_mention", "Nube Contable", "Nube  contable"],
  ]);
  expect(find("rivaliana, nube, auditorías")).toEqual([]);
});
