import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { playbookSchema } from "../contract/playbook.ts";
import { isFitReply, tidied, type ReplyFacts } from "./reply-check.ts";

const shipped = playbookSchema.parse(
  JSON.parse(readFileSync(new URL("../../data/playbooks/default.json", import.meta.url), "utf8")),
);

const facts: ReplyFacts = { language: "es", said: "es caro", context: [], instructions: "Sé breve." };

describe("what a rep may be given to say", () => {
  it("is everything that the shipped playbook has salespeople say", () => {
    const refused = shipped.entries.flatMap(({ language, replies }) =>
      replies
        .map((reply) => reply.replaceAll(/\{(\w+)\}/gu, "Lumen"))
        .filter((reply) => !isFitReply(reply, { ...facts, language })),
    );
    expect(refused).toEqual([]);
  });

  it("is none of it in the other language", () => {
    const taken = shipped.entries.flatMap(({ language, replies }) =>
      replies.filter((reply) => isFitReply(reply, { ...facts, language: language === "es" ? "en" : "es" })),
    );
    expect(taken).toEqual([]);
  });

  it("may say a number again that was said in the call", () => {
    const reply = "Son 80 euros al mes, ¿con qué los compara?";
    expect(isFitReply(reply, facts)).toBe(false);
    const context = [{ role: "rep", text: "Serían 80 euros." }] as const;
    expect(isFitReply(reply, { ...facts, context })).toBe(true);
  });

  it("stands in one line, without the quotation marks that models like to put around it", () => {
    expect(tidied('  "Le entiendo.\n¿Lo vemos   juntos?" ')).toBe("Le entiendo. ¿Lo vemos juntos?");
    expect(tidied("«Le entiendo»")).toBe("Le entiendo");
    expect(tidied("¿Le va “bien” así?")).toBe("¿Le va “bien” así?");
  });
});
