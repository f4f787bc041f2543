import type { RecordedConsent, TranscriptDocument } from "../contract/rest.ts";
import { isConsentMethod, objectionTypes } from "../contract/vocabulary.ts";
import { clockTime } from "./clock-time.ts";
import { oneLine } from "./transcript-lines.ts";
import { wordingOf, type Wording } from "./wording.ts";

export interface LabelledLine {
  readonly label: string;
  readonly values: readonly string[];
}

/** What is told of a call above its transcript; plain text, one line each. */
export function headerLines(document: TranscriptDocument): readonly LabelledLine[] {
  const { call_metadata: call } = document;
  const wording = wordingOf(call.language);
  const customer = [call.customer.name, call.customer.company]
    .map((part) => oneLine(part ?? ""))
    .filter(Boolean);
  return [
    ...(customer.length === 0 ? [] : [{ label: wording.customer, values: [customer.join(", ")] }]),
    { label: wording.start, values: [`${call.start_time.slice(0, 16).replace("T", " ")} UTC`] },
    { label: wording.duration, values: [clockTime(call.duration_ms)] },
    { label: wording.call, values: [call.call_id] },
    ...(call.consent === null
      ? []
      : [{ label: wording.consent, values: [consentLine(call.consent, wording)] }]),
  ];
}

/** How it was obtained, when, by whom, and the note. */
function consentLine(consent: RecordedConsent, wording: Wording): string {
  const { obtained, method = "", at, by, note = "" } = consent;
  return [
    obtained ? wording.consentGiven : wording.consentNotGiven,
    isConsentMethod(method) ? wording.consentMethods[method] : oneLine(method),
    `${at.slice(0, 16).replace("T", " ")} UTC`,
    oneLine(by),
    oneLine(note),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The summary under a transcript; plain text, one line each. */
export function summaryLines(document: TranscriptDocument): readonly LabelledLine[] {
  const { summary } = document;
  const wording = wordingOf(document.call_metadata.language);
  const types = objectionTypes.flatMap((type) => {
    const count = summary.objection_types[type];
    return count === undefined ? [] : [`${wording.objectionTypes[type]} ${String(count)}`];
  });
  const times = (
    [
      [wording.rep, summary.speakers_time.rep],
      [wording.prospect, summary.speakers_time.prospect],
      [wording.unknown, summary.speakers_time.unknown],
    ] as const
  )
    .filter(([, ms]) => ms > 0)
    .map(([name, ms]) => `${name} ${clockTime(ms)}`);
  const total = String(summary.total_objections);
  return [
    { label: wording.prose, values: [oneLine(summary.prose?.text ?? "")] },
    { label: wording.segments, values: [String(summary.total_segments)] },
    { label: wording.objections, values: [types.length === 0 ? total : `${total} (${types.join(", ")})`] },
    { label: wording.speaking, values: [times.join(", ")] },
    { label: wording.topics, values: [summary.top_topics.map(oneLine).join(", ")] },
    { label: wording.nextSteps, values: summary.next_steps.map(oneLine) },
  ].filter((line) => line.values.some((value) => value !== ""));
}

export function titleLine(document: TranscriptDocument): string {
  return oneLine(document.call_metadata.title) || wordingOf(document.call_metadata.language).untitled;
}
