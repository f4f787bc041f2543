import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { falseCardsInTenMinutes, type HeardReport } from "./heard.ts";
import type { ObjectionReport } from "./objections.ts";
import type { Score } from "./score.ts";

const measures = z.strictObject({
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  typeAccuracy: z.number(),
});
const languageSchema = z.strictObject({
  test: measures,
  apart: measures,
  heard: z.strictObject({ falseCardsInTenMinutes: z.number(), found: z.number() }),
});
const acceptedSchema = z.strictObject({ es: languageSchema, en: languageSchema });
export type AcceptedQuality = z.infer<typeof acceptedSchema>;

const file = new URL("accepted.json", import.meta.url);

/** What the detector was accepted with, on the test split, on what is kept apart and on whole calls. */
export function readAccepted(): AcceptedQuality {
  return acceptedSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

export function acceptQuality(reports: readonly ObjectionReport[], heard: readonly HeardReport[]): void {
  const rounded = (value: number | null): number => Number((value ?? 0).toFixed(4));
  const measured = ({ precision, recall, f1, typeAccuracy }: Score): z.infer<typeof measures> => ({
    precision: rounded(precision),
    recall: rounded(recall),
    f1: rounded(f1),
    typeAccuracy: rounded(typeAccuracy),
  });
  const accepted = Object.fromEntries(
    reports.map(({ language, detector, apart }) => {
      const calls = heard.find((one) => one.language === language);
      const inTenMinutes = calls === undefined ? 0 : falseCardsInTenMinutes(calls);
      return [
        language,
        {
          test: measured(detector),
          apart: measured(apart.detector),
          heard: { falseCardsInTenMinutes: rounded(inTenMinutes), found: calls?.found ?? 0 },
        },
      ];
    }),
  );
  writeFileSync(file, `${JSON.stringify(accepted, null, 2)}\n`);
}
