import { expect, test } from "vitest";
import type { RecordedConsent, TranscriptDocument } from "../contract/rest.ts";
import type { Language } from "../contract/vocabulary.ts";
import { toMarkdown } from "./md.ts";
import { toTxt } from "./txt.ts";

const consent: RecordedConsent = {
  obtained: true,
  method: "verbal",
  note: "al empezar *sí*\nclaro",
  at: "2026-03-09T09:59:30.000Z",
  by: "Ana Rep",
};

function documentWith(given: RecordedConsent | null, language: Language = "es"): TranscriptDocument {
  return {
    call_metadata: {
      call_id: "call_12345678",
      start_time: "2026-03-09T10:00:00.000Z",
      end_time: null,
      duration_ms: 0,
      exported_at: "2026-03-09T11:00:00.000Z",
      title: "",
      customer: {},
      language,
      transcriber: "scripted",
      audio_mode: "stereo",
      stereo_layout: "LR",
      sample_rate: 16_000,
      completion_reason: null,
      consent: given,
      lost_audio: [],
      audio_marks: [],
      playbook: null,
    },
    segments: [],
    objections: [],
    suggestions: [],
    insights: [],
    conduct: null,
    summary: {
      total_segments: 0,
      total_objections: 0,
      objection_types: {},
      speakers_time: { rep: 0, prospect: 0, unknown: 0 },
      top_topics: [],
      next_steps: [],
      confidence_score: null,
    },
  };
}

test("consent stands in the header with how, when, by whom and the note", () => {
  const document = documentWith(consent);
  const line = "Consentimiento: sí · de palabra · 2026-03-09 09:59 UTC · Ana Rep · al empezar *sí* claro";
  expect(toTxt(document)).toContain(`\n${line}\n`);
  const markdown = toMarkdown(document);
  expect(markdown).toContain("- **Consentimiento:** sí · de palabra");
  expect(markdown).toContain("al empezar \\*sí\\* claro");
});

test("consent refused, or obtained in a way that has no name, is told in the language of the call", () => {
  const text = toTxt(documentWith({ ...consent, obtained: false, method: "by fax" }, "en"));
  expect(text).toContain("Consent: no · by fax · 2026-03-09 09:59 UTC · Ana Rep");
});

test("a call that nobody was asked about says nothing of consent", () => {
  expect(toTxt(documentWith(null))).not.toContain("Consentimiento");
});
