import { expect, test } from "vitest";
import type { ExportedObjection, TranscriptDocument } from "../contract/rest.ts";
import { toMarkdown } from "./md.ts";
import { toTxt } from "./txt.ts";

function segment(id: string, tsMs: number): TranscriptDocument["segments"][number] {
  return {
    segment_id: id,
    revision: 1,
    speaker: 1,
    speaker_name: "Ana",
    ts_ms: tsMs,
    end_ms: tsMs + 1000,
    text: "Es caro",
    confidence: null,
    is_final: true,
    timestamp: "00:00",
    words: [],
    objection_type: "price",
    suggestion_text: null,
  };
}

function objection(id: string, changes: Partial<ExportedObjection>): ExportedObjection {
  return {
    objection_id: id,
    segment_id: "s1",
    speaker: 1,
    ts_ms: 0,
    type: "price",
    text: "caro",
    evidence: [{ start: 3, end: 7 }],
    confidence: 0.9,
    source: "rule",
    status: "confirmed",
    repeat_of: null,
    latency_ms: 1,
    ...changes,
  };
}

const document: TranscriptDocument = {
  call_metadata: {
    call_id: "call_12345678",
    start_time: "2026-03-09T10:00:00.000Z",
    end_time: null,
    duration_ms: 0,
    exported_at: "2026-03-09T11:00:00.000Z",
    title: "",
    customer: {},
    language: "es",
    transcriber: "scripted",
    audio_mode: "stereo",
    stereo_layout: "LR",
    sample_rate: 16_000,
    completion_reason: null,
    consent: null,
    lost_audio: [],
    audio_marks: [],
    playbook: null,
  },
  segments: [segment("s1", 0), segment("s2", 60_000)],
  objections: [
    objection("o1", {}),
    objection("o0", { segment_id: "s1", status: "retracted", repeat_of: "o9" }),
    objection("o2", { segment_id: "s2", ts_ms: 60_000, repeat_of: "o1" }),
  ],
  suggestions: [],
  insights: [],
  conduct: null,
  summary: {
    total_segments: 2,
    total_objections: 2,
    objection_types: { price: 2 },
    speakers_time: { rep: 0, prospect: 2000, unknown: 0 },
    top_topics: [],
    next_steps: [],
    confidence_score: 0.9,
  },
};

test("prose that a language model wrote is marked as such", () => {
  const prose = { text: "El cliente objetó\nel precio *dos veces*.", source: "llm" } as const;
  const told = { ...document, summary: { ...document.summary, prose } };
  const label = "En pocas palabras (escrito por un modelo de lenguaje)";
  expect(toTxt(told)).toContain(`\n${label}: El cliente objetó el precio *dos veces*.\n`);
  expect(toMarkdown(told)).toContain(`- **${label}:** El cliente objetó el precio \\*dos veces\\*.\n`);
  expect(toTxt(document)).not.toContain(label);
});

test("an objection that was raised before is told as such, its marker is the same", () => {
  const lines = toTxt(document).split("\n");
  expect(lines.filter((line) => line.includes("[OBJECTION"))).toEqual([
    "    [OBJECTION: price] precio",
    "    [OBJECTION: price] precio, otra vez",
  ]);
  expect(toMarkdown(document)).toContain("> **\\[OBJECTION: price\\]** precio, otra vez\n");
});
