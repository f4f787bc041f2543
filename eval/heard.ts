import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { contextTurns } from "../lib/call/spoken-turns.ts";
import { objectionTypeSchema, speakerRoleSchema } from "../lib/contract/vocabulary.ts";
import {
  createObjectionDetector,
  leastConfidenceOfTalk,
  type ObjectionModels,
} from "../lib/objections/detector.ts";
import { languages, type EvalLanguage } from "./labelled.ts";

const segmentSchema = z.strictObject({
  at_ms: z.number(),
  end_ms: z.number(),
  role: speakerRoleSchema,
  text: z.string(),
  /** Of the prospect's: the objection it is part of. */
  label: z.union([objectionTypeSchema, z.literal("none")]).optional(),
});
type Segment = z.infer<typeof segmentSchema>;

/** Whole calls as the embedded engine has heard them. */
export interface HeardReport {
  readonly language: EvalLanguage;
  readonly calls: number;
  readonly minutes: number;
  readonly objections: number;
  /** Objections with a card at any of their segments. */
  readonly found: number;
  /** Texts of harmless segments with a card. */
  readonly falseCards: readonly string[];
}

export function falseCardsInTenMinutes({ falseCards, minutes }: HeardReport): number {
  return (falseCards.length * 10) / minutes;
}

const folder = fileURLToPath(new URL("../data/objections/heard/", import.meta.url));

function readCalls(language: EvalLanguage): readonly (readonly Segment[])[] {
  const names = readdirSync(folder).filter((name) => name.startsWith(`${language}-`));
  return names.toSorted().map((name) =>
    readFileSync(`${folder}/${name}`, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => segmentSchema.parse(JSON.parse(line))),
  );
}

/** Finals alone, in the order of the call, with the threshold of a call; neither cool-down nor a maximum a minute. */
export function evaluateHeard(models: ObjectionModels): readonly HeardReport[] {
  const detector = createObjectionDetector(models, { leastConfidence: leastConfidenceOfTalk });
  return languages.map((language) => {
    const calls = readCalls(language);
    const falseCards: string[] = [];
    let objections = 0;
    let found = 0;
    for (const call of calls) {
      let isFound = false;
      for (const [at, { label = "none", role, text }] of call.entries()) {
        const isNew = label !== "none" && call[at - 1]?.label !== label;
        if (isNew) {
          objections += 1;
          isFound = false;
        }
        const context = call.slice(Math.max(0, at - contextTurns), at);
        const card = detector.detect({ text, language, role, isFinal: true, context });
        if (card === null) continue;
        if (label === "none") falseCards.push(text);
        else if (!isFound) {
          isFound = true;
          found += 1;
        }
      }
    }
    const milliseconds = calls.reduce((sum, call) => sum + (call.at(-1)?.end_ms ?? 0), 0);
    return { language, calls: calls.length, minutes: milliseconds / 60_000, objections, found, falseCards };
  });
}
