import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CallRecord, StoredCall, StoredObjection, StoredSegment } from "../call/stored-call.ts";
import { transcriptDocumentSchema } from "../contract/rest.ts";
import { transcriptFormats } from "../contract/vocabulary.ts";
import { summarised } from "./testing/summarised.ts";
import { createTranscriptLibrary } from "./transcript-library.ts";

const call: CallRecord = {
  callId: "call_exported",
  ownerId: null,
  status: "completed",
  startedAtMs: Date.UTC(2026, 2, 9, 10, 0, 0),
  endedAtMs: Date.UTC(2026, 2, 9, 11, 30, 0),
  completionReason: "stopped",
  language: "es",
  transcriber: "scripted",
  audioMode: "stereo",
  stereoLayout: "LR",
  sampleRateHz: 16_000,
  coachEnabled: true,
  title: "Demo con Acme",
  customer: { name: "Ana", company: "Acme" },
  notes: "",
  playbook: null,
  playbookVersion: null,
  consent: null,
  expiresAtMs: 0,
  durableSamples: 5400 * 16_000,
  settledSample: 0,
  reservedSeq: 0,
  lostAudio: [],
  audioMarks: [],
  billedSeconds: 0,
  modelUsage: { requests: 0, promptTokens: 0, completionTokens: 0, unmetered: 0 },
  repVoice: null,
  summary: null,
};

function segment(segmentId: string, text: string, changes: Partial<StoredSegment> = {}): StoredSegment {
  return {
    segmentId,
    revision: 1,
    speaker: 0,
    voice: null,
    tsMs: 5000,
    endMs: 7000,
    text,
    confidence: 0.9,
    words: [],
    ...changes,
  };
}

function objection(objectionId: string, changes: Partial<StoredObjection> = {}): StoredObjection {
  return {
    objectionId,
    segmentId: "s2",
    speaker: 1,
    tsMs: 9000,
    type: "price",
    text: "muy caro",
    evidence: [{ start: 3, end: 11 }],
    confidence: 0.8,
    source: "rule",
    status: "confirmed",
    repeatOf: null,
    latencyMs: 90,
    ...changes,
  };
}

const suggestion = {
  suggestionId: "g1",
  objectionId: "o1",
  tsMs: 9000,
  type: "price",
  text: "¿Con qué lo compara?",
  source: "playbook",
  playbookEntry: "price-1",
  status: "final",
  latencyMs: 100,
  feedback: "used",
  said: null,
} as const;

const stored: StoredCall = {
  call: {
    ...call,
    lostAudio: [{ first_sample: 0, samples: 67_200, ts_ms: 12_000, end_ms: 16_200, reason: "tab\nreloaded" }],
  },
  segments: [
    segment("s1", "Buenos días"),
    segment("s2", "Es muy caro", { speaker: 1, tsMs: 9000, endMs: 11_000 }),
    segment("s3", "Una hora después", { tsMs: 3_725_250, endMs: 3_727_000 }),
  ],
  objections: [objection("o1"), objection("o2", { segmentId: "s1", type: "trust", status: "retracted" })],
  suggestions: [suggestion],
  insights: [],
};

async function rendered(of: StoredCall, format: (typeof transcriptFormats)[number]) {
  const library = createTranscriptLibrary({
    load: () => Promise.resolve(of),
    summarise: summarised,
    nowMs: () => Date.UTC(2026, 2, 10),
  });
  const file = await library.render("call_exported", format);
  if (file === null) throw new Error("nothing was rendered");
  return { ...file, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.body) };
}

const saying = (text: string, more: Partial<CallRecord> = {}): StoredCall => ({
  call: { ...call, ...more },
  segments: [segment("s1", text)],
  ...{ objections: [], suggestions: [], insights: [] },
});

/** RFC 4180, read strictly. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length;) {
    let value = "";
    if (text[at] === '"') {
      for (at++; !(text[at] === '"' && text[at + 1] !== '"'); at++) {
        if (at >= text.length) throw new Error("a quote is not closed");
        if (text[at] === '"') at++;
        value += text[at] ?? "";
      }
      at++;
    } else {
      for (; at < text.length && !/[,\r]/.test(text[at] ?? ""); at++) {
        if (/["\n]/.test(text[at] ?? "")) throw new Error("a quote or line end stands outside quotes");
        value += text[at] ?? "";
      }
    }
    row.push(value);
    if (text[at] === ",") at++;
    else if (text.startsWith("\r\n", at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else throw new Error("a cell is not followed by a comma or CRLF");
  }
  return rows;
}

describe("plain text", () => {
  test("has a header, lines with times and names, objections with their suggestion, lost audio and a summary", async () => {
    const { text } = await rendered(stored, "txt");
    expect(text).toContain("Demo con Acme\n=============\nCliente: Ana, Acme\n");
    expect(text).toContain(
      [
        "[00:05] Vendedor: Buenos días",
        "[00:09] Ana: Es muy caro",
        "    [OBJECTION: price] precio",
        "    Sugerencia: ¿Con qué lo compara?",
        "[00:12] [audio perdido: 4,2 s, tab reloaded]",
        "[1:02:05] Vendedor: Una hora después",
      ].join("\n"),
    );
    expect(text).toContain("Objeciones: 1 (precio 1)");
    expect(text).not.toContain("trust");
    expect(text).toContain("Duración: 1:30:00");
  });

  test("is in the language of the call", async () => {
    const { text } = await rendered({ ...stored, call: { ...call, language: "en", customer: {} } }, "txt");
    expect(text).toContain("[00:05] Rep: Buenos días\n[00:09] Prospect: Es muy caro");
    expect(text).toContain("Suggestion:");
  });

  test("of voices that nobody has named tells them apart", async () => {
    const segments = [
      segment("s1", "hola", { speaker: null, voice: 0 }),
      segment("s2", "adiós", { speaker: null, voice: null }),
    ];
    const { text } = await rendered({ ...stored, segments }, "txt");
    expect(text).toContain("Voz 1: hola");
    expect(text).toContain("Hablante: adiós");
  });
});

describe("transcript.json", () => {
  test("is what the contract says", async () => {
    const document = transcriptDocumentSchema
      .strict()
      .parse(JSON.parse((await rendered(stored, "json")).text));
    expect(document.call_metadata).toMatchObject({
      duration_ms: 5_400_000,
      end_time: "2026-03-09T11:30:00.000Z",
    });
    expect(document.segments.map((one) => one.timestamp)).toEqual(["00:05", "00:09", "1:02:05"]);
    expect(document.segments[1]).toMatchObject({
      speaker_name: "Ana",
      objection_type: "price",
      suggestion_text: suggestion.text,
    });
    expect(document.segments[0]?.objection_type).toBeNull();
    expect(document.objections.map((one) => one.status)).toEqual(["confirmed", "retracted"]);
    expect(document.suggestions[0]?.feedback).toBe("used");
    expect(document.summary.total_objections).toBe(1);
  });

  test("keeps the summary that the call was completed with", async () => {
    const summary = { ...summarised(stored), top_topics: ["guardado"] };
    const { text } = await rendered({ ...stored, call: { ...call, summary } }, "json");
    expect(transcriptDocumentSchema.parse(JSON.parse(text)).summary.top_topics).toEqual(["guardado"]);
  });
});

describe("subtitles", () => {
  test("in SubRip are numbered, with commas before the milliseconds", async () => {
    const { text } = await rendered(stored, "srt");
    expect(text.split("\n\n")).toEqual([
      "1\n00:00:05,000 --> 00:00:07,000\nVendedor: Buenos días",
      "2\n00:00:09,000 --> 00:00:11,000\nAna: Es muy caro",
      "3\n00:00:12,000 --> 00:00:16,200\n[audio perdido: 4,2 s, tab reloaded]",
      "4\n01:02:05,250 --> 01:02:07,000\nVendedor: Una hora después\n",
    ]);
  });

  test("in WebVTT name the voice", async () => {
    const { text } = await rendered(stored, "vtt");
    expect(
      text.startsWith("WEBVTT\n\n1\n00:00:05.000 --> 00:00:07.000\n<v Vendedor>Buenos días</v>\n\n"),
    ).toBe(true);
    expect(text).toContain("<v Ana>Es muy caro</v>");
  });

  test("are well formed whatever was said, whoever said it and however short it was", async () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        "a",
        "é",
        "<",
        ">",
        "&",
        "-",
        "\n",
        "\r",
        "\u2028",
        "{",
        "\\",
        ":",
        " ",
        "\u0000",
      ),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: nasty, tsMs: fc.nat(10_000_000), lengthMs: fc.nat(3000) }), {
          maxLength: 8,
        }),
        nasty,
        async (lines, name) => {
          const segments = lines.map(({ text, tsMs, lengthMs }, i) =>
            segment(`s${String(i)}`, text, { tsMs, endMs: tsMs + lengthMs, speaker: 1 }),
          );
          const of = { ...stored, call: { ...call, customer: { name } }, segments, objections: [] };
          for (const [format, mark] of [
            ["srt", ","],
            ["vtt", "."],
          ] as const) {
            const { text } = await rendered(of, format);
            const body = format === "vtt" ? text.replace(/^WEBVTT\n\n?/, "") : text;
            const blocks = body.split("\n\n").filter((block) => block.trim() !== "");
            let lastStart = "";
            for (const [i, block] of blocks.entries()) {
              const [number, time, ...said] = block.replace(/\n$/, "").split("\n");
              expect(number).toBe(String(i + 1));
              const [, start = "", end = ""] =
                /^(\d\d:\d\d:\d\d[,.]\d{3}) --> (\d\d:\d\d:\d\d[,.]\d{3})$/.exec(time ?? "") ?? [];
              expect(start).toContain(mark);
              expect(start < end && lastStart <= start).toBe(true);
              lastStart = start;
              expect(said).toHaveLength(1);
              expect(said[0]).not.toContain("-->");
              if (format === "vtt") {
                expect(said[0]).toMatch(/^<v [^<>&]*(&(amp|lt|gt);[^<>&]*)*>[^<>]*<\/v>$/);
                expect(said[0]?.replace(/&(amp|lt|gt);/g, "")).not.toContain("&");
              }
            }
          }
        },
      ),
      { numRuns: 200, examples: [[[{ text: "a", tsMs: 0, lengthMs: 0 }], "--"]] },
    );
  });
});

describe("CSV", () => {
  test("has a row per line said and per lost span", async () => {
    const rows = parseCsv((await rendered(stored, "csv")).text);
    expect(rows.map((row) => row.length)).toEqual([10, 10, 10, 10, 10]);
    expect(rows[2]).toEqual([
      "s2",
      "00:09",
      "9000",
      "11000",
      "1",
      "Ana",
      "Es muy caro",
      "0.9",
      "price",
      "¿Con qué lo compara?",
    ]);
    expect(rows[3]?.[6]).toBe("[audio perdido: 4,2 s, tab reloaded]");
  });

  test("gives back any text, and starts no formula", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({
          unit: fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", '"', ",", "a", " ", "＝", "'"),
        }),
        async (text) => {
          const rows = parseCsv((await rendered(saying(text), "csv")).text);
          const cell = rows[1]?.[6] ?? "";
          expect([text, `'${text}`]).toContain(cell);
          expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u);
        },
      ),
    );
  });
});

describe("what a spreadsheet with semicolons between its cells makes of it", () => {
  test.each([
    ["hola;=1+1", "hola;'=1+1"],
    ["a; -2;@x;b", "a;' -2;'@x;b"],
    [";＝1", ";'＝1"],
    ["a; b; c", "a; b; c"],
  ])("%j begins no formula", async (text, safe) => {
    expect(parseCsv((await rendered(saying(text), "csv")).text)[1]?.[6]).toBe(safe);
  });
});

describe("marks that turn the direction of writing", () => {
  const turned = "pagado \u202e000.1\u202c \u2066x\u2069\u200f";
  test.each(["txt", "md", "srt", "vtt", "csv"] as const)(
    "are in no title, name or line of %s",
    async (format) => {
      const of = { ...saying(turned, { title: turned, customer: { name: turned, company: turned } }) };
      const { text } = await rendered({ ...of, segments: [segment("s1", turned, { speaker: 1 })] }, format);
      expect(text).not.toMatch(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u);
      expect(text).toContain("pagado 000");
    },
  );

  test("stay in transcript.json, which is for programs", async () => {
    expect((await rendered(saying("hola", { title: turned }), "json")).text).toContain("\u202e");
  });
});

describe("Markdown", () => {
  test("quotes objections and suggestions under the line", async () => {
    const { text } = await rendered(stored, "md");
    expect(text).toContain("# Demo con Acme\n");
    expect(text).toContain(
      "**00:09 Ana:** Es muy caro\n\n> **\\[OBJECTION: price\\]** precio\n>\n> Sugerencia: ¿Con qué lo compara?\n",
    );
  });

  test.each([
    ["<script>alert(1)</script>", /<\w/],
    ["[pincha](javascript:alert(1))", /(?<!\\)\[[^\]]*\]\(/],
    ["![x](http://host/x.png)", /(?<!\\)!|(?<!\\)\[/],
    ["**negrita** _cursiva_ `código` ~tachado~", /(?<!\\)[`~_](?!\s)/],
    ["uno\n\n# título\n\n- lista\n> cita", /^(# título|- lista|> cita)/m],
    ["&lt;b&gt; &#60;", /(?<!\\)&(?!lt;|gt;)/],
    ["http://host y www.host.es y yo@host.es", /https?:\/\/|www\.|[^\\]@/],
    ["a | b\\| c", /(?<!\\)\|/],
  ])("takes %j for text", async (text, active) => {
    const inText = await rendered(saying(text), "md");
    const inTitle = await rendered(saying("hola", { title: text }), "md");
    const spoken = inText.text.split("\n").find((line) => line.startsWith("**00:05")) ?? "";
    expect(spoken.slice("**00:05 Vendedor:**".length)).not.toMatch(active);
    expect(inTitle.text.split("\n")[0]?.slice(2)).not.toMatch(active);
    expect(inTitle.text.split("\n")[1]).toBe("");
  });
});

describe("every format", () => {
  test.each(transcriptFormats)(
    "%s of a call in which nothing was said is a document all the same",
    async (format) => {
      const empty = { ...saying("", { endedAtMs: null }), segments: [] };
      const file = await rendered(empty, format);
      expect(file.contentType).toContain("charset=utf-8");
      if (format !== "srt") expect(file.text.length).toBeGreaterThan(5);
    },
  );

  test.each(transcriptFormats)("%s marks the audio that was lost", async (format) => {
    const { text } = await rendered(stored, format);
    expect(text).toMatch(format === "json" ? /"first_sample": 0/ : /audio perdido: 4,2 s/);
  });
});
