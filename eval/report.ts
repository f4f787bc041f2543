import type { CurvePoint, ObjectionReport } from "./objections.ts";
import { falseCardsInTenMinutes, type HeardReport } from "./heard.ts";
import type { RedactionReport } from "./redaction.ts";
import { outcomes, type Judged, type Score } from "./score.ts";

const share = (value: number | null): string => (value === null ? "  –  " : value.toFixed(3));

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  "),
    )
    .join("\n");
}

function scoreRow(name: string, score: Score): readonly string[] {
  return [
    name,
    String(score.sentences),
    String(score.objections),
    share(score.precision),
    share(score.recall),
    share(score.f1),
    share(score.typeAccuracy),
  ];
}

function sentences(title: string, judged: readonly Judged[], type: "label" | "found"): string {
  const lines = judged.map((one) => `  ${String(one[type])}: ${one.text}`);
  return [title, ...(lines.length === 0 ? ["  none"] : lines)].join("\n");
}

/** What `npm run eval` prints about the detector. */
export function renderObjections(reports: readonly ObjectionReport[], curve: readonly CurvePoint[]): string {
  const head = ["sentences", "objections", "precision", "recall", "f1", "type"];
  const overview = table([
    ["objections", ...head],
    ...reports.flatMap(({ language, apart }) => [
      scoreRow(`${language} ordinary, kept apart`, apart.detector),
      scoreRow(`${language} the same, keywords`, apart.baseline),
    ]),
    ...reports.flatMap(({ language, detector, baseline, byForm }) => [
      scoreRow(`${language} test split`, detector),
      scoreRow(`${language} the same, keywords`, baseline),
      ...byForm.flatMap((one) => [
        scoreRow(`${language} ${one.form}, detector`, one.detector),
        scoreRow(`${language} ${one.form}, keywords`, one.baseline),
      ]),
    ]),
  ]);
  const unmet = table([
    ["writers not met", "sentences", "precision", "recall"],
    ...reports.map(({ language, unmetWriters: { sentences: count, precision, recall } }) => [
      language,
      String(count),
      share(precision),
      share(recall),
    ]),
  ]);
  const reps = table([
    ["reps nobody told apart", "lines", "false cards"],
    ...reports.map(({ language, overheardReps: { lines, falseCards } }) => [
      language,
      String(lines),
      String(falseCards),
    ]),
  ]);
  const learning = table([
    ["learned from", "sentences", "best f1"],
    ...curve.map(({ language, sentences: count, f1 }) => [language, String(count), share(f1)]),
  ]);
  const details = reports.map((report) =>
    [
      `── ${report.language} (${report.medianMs.toFixed(2)} ms median, ${report.p99Ms.toFixed(2)} ms p99 per utterance)`,
      table([
        ["type", "objections", "precision", "recall"],
        ...report.byType.map(({ type, objections, precision, recall }) => [
          type,
          String(objections),
          share(precision),
          share(recall),
        ]),
      ]),
      table([
        ["said \\ found", ...outcomes],
        ...outcomes.map((label) => [
          label,
          ...outcomes.map((found) => String(report.confusion[label][found])),
        ]),
      ]),
      sentences("worst misses", report.worstMisses, "label"),
      sentences("worst false cards", report.worstFalseCards, "found"),
    ].join("\n\n"),
  );
  return `${[overview, unmet, reps, learning, ...details].join("\n\n")}\n`;
}

/** What `npm run eval` prints about whole calls. */
export function renderHeard(reports: readonly HeardReport[]): string {
  const overview = table([
    ["calls as they were heard", "calls", "minutes", "objections", "found", "false cards", "in ten minutes"],
    ...reports.map((report) => [
      report.language,
      String(report.calls),
      report.minutes.toFixed(0),
      String(report.objections),
      String(report.found),
      String(report.falseCards.length),
      falseCardsInTenMinutes(report).toFixed(1),
    ]),
  ]);
  const details = reports.map(({ language, falseCards }) =>
    [`false cards, ${language}`, ...falseCards.map((text) => `  ${text}`)].join("\n"),
  );
  return `${[overview, ...details].join("\n\n")}\n`;
}

/** What `npm run eval` prints about redaction. */
export function renderRedaction(reports: readonly RedactionReport[]): string {
  const kinds = reports[0]?.byKind.map(({ kind }) => kind) ?? [];
  const overview = table([
    ["redaction: recall", "numbers", "all", ...kinds],
    ...reports.map(({ language, split, byKind, recall }) => [
      `${language} ${split}`,
      String(byKind.reduce((sum, { numbers }) => sum + numbers, 0)),
      share(recall),
      ...byKind.map((one) => share(one.recall)),
    ]),
  ]);
  const harm = table([
    ["redaction: too much", "harmless", "touched", "words", "lost", "ms median", "p99"],
    ...reports.map((one) => [
      `${one.language} ${one.split}`,
      String(one.harmless),
      String(one.harmlessTouched),
      String(one.words),
      String(one.wordsLost),
      one.medianMs.toFixed(3),
      one.p99Ms.toFixed(3),
    ]),
  ]);
  const details = reports.flatMap((one) =>
    [
      [`${one.language} ${one.split}: numbers of which something is left`, one.misses] as const,
      [`${one.language} ${one.split}: words lost`, one.falseMarks] as const,
    ].flatMap(([title, lines]) => (lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)])),
  );
  return `${[overview, harm, details.join("\n")].join("\n\n")}\n`;
}

/** The committed report: what `npm run eval` printed when its quality was accepted. */
export function renderDocument(report: string): string {
  return [
    "# What the detector finds",
    "",
    "Written by `npm run eval -- --accept`. How the sentences were made, and what the numbers can and cannot tell:",
    "[the datasheet](../data/objections/README.md). Times are those of one machine on one day.",
    "",
    "```text",
    report.trimEnd(),
    "```",
    "",
  ].join("\n");
}
