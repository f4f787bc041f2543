import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { ObjectionReport } from "./objections.ts";

const measures = z.strictObject({
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  typeAccuracy: z.number(),
});
const acceptedSchema = z.strictObject({ es: measures, en: measures });
export type AcceptedQuality = z.infer<typeof acceptedSchema>;

const file = new URL("accepted.json", import.meta.url);

/** What the detector was accepted with, on the test split. */
export function readAccepted(): AcceptedQuality {
  return acceptedSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

export function acceptQuality(reports: readonly ObjectionReport[]): void {
  const rounded = (value: number | null): number => Number((value ?? 0).toFixed(4));
  const accepted = Object.fromEntries(
    reports.map(({ language, detector: { precision, recall, f1, typeAccuracy } }) => [
      language,
      {
        precision: rounded(precision),
        recall: rounded(recall),
        f1: rounded(f1),
        typeAccuracy: rounded(typeAccuracy),
      },
    ]),
  );
  writeFileSync(file, `${JSON.stringify(accepted, null, 2)}\n`);
}
