import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { ObjectionReport } from "./objections.ts";
import type { Score } from "./score.ts";

const measures = z.strictObject({
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  typeAccuracy: z.number(),
});
const bothSchema = z.strictObject({ test: measures, apart: measures });
const acceptedSchema = z.strictObject({ es: bothSchema, en: bothSchema });
export type AcceptedQuality = z.infer<typeof acceptedSchema>;

const file = new URL("accepted.json", import.meta.url);

/** What the detector was accepted with, on the test split and on the sentences that are kept apart. */
export function readAccepted(): AcceptedQuality {
  return acceptedSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

export function acceptQuality(reports: readonly ObjectionReport[]): void {
  const rounded = (value: number | null): number => Number((value ?? 0).toFixed(4));
  const measured = ({ precision, recall, f1, typeAccuracy }: Score): z.infer<typeof measures> => ({
    precision: rounded(precision),
    recall: rounded(recall),
    f1: rounded(f1),
    typeAccuracy: rounded(typeAccuracy),
  });
  const accepted = Object.fromEntries(
    reports.map(({ language, detector, apart }) => [
      language,
      { test: measured(detector), apart: measured(apart.detector) },
    ]),
  );
  writeFileSync(file, `${JSON.stringify(accepted, null, 2)}\n`);
}
