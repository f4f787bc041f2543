import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningServer } from "../../bin/running-server.ts";
import { transcriptDocumentSchema, type CallReply, type SessionStartReply } from "../../lib/contract/rest.ts";
import { connectSocketIo, joined, play } from "./call-client.ts";
import { expectKeys, summaryKeys } from "./contract-keys.ts";
import { clip, recordedCall, samplesOf } from "./sound.ts";
import {
  ask,
  expectProblem,
  readCall,
  startBuiltServer,
  startCall,
  withoutExportTime,
  type Answer,
} from "./server-under-test.ts";

const formats = ["txt", "json", "srt", "vtt", "csv", "md"] as const;
const hostileTitle = '=HYPERLINK("http://evil")\r\n../../etc/passwd <b>\u202e "título" | `x` [a](b) 🎧';
const hostileReason = '\r\n=cmd|"/C calc"!A0\r\n\r\n00:00:01.000 --> 00:00:02.000\r\n</v><script>';

let server: RunningServer;
let call: SessionStartReply;
let read: CallReply;
const sound = clip(recordedCall("es-short").sound, 17_000, 27_000);
beforeAll(async () => {
  server = await startBuiltServer();
  call = await startCall(server, {
    title: hostileTitle,
    customer: { name: "@SUM(1+1)", company: "-Acme\n# Fake" },
    consent: { obtained: true },
  });
  const host = connectSocketIo(server, call);
  await joined(host);
  const next = await play(host, sound, { speed: 20 });
  host.send("audio_lost", { first_sample: next, samples: 16_000, reason: hostileReason.slice(0, 200) });
  host.send("stop_transcription");
  await host.next("call_completed", undefined, 60_000);
  read = await readCall(server, call.call_id);
}, 180_000);
afterAll(async () => {
  await server.stop();
});

const download = (format: string, callId = call.call_id): Promise<Answer> =>
  ask(server, `/calls/${callId}/transcript.${format}`);
const textOf = async (format: string): Promise<string> => (await download(format)).body.toString("utf8");

/** RFC 4180, strictly: quotes only around a whole cell, CRLF between rows. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let rest = text;
  while (rest !== "") {
    const [whole, quoted, plain, end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`no cell: ${rest.slice(0, 80)}`);
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") {
      rows.push(row);
      row = [];
    }
    rest = rest.slice(whole.length);
  }
  if (row.length > 0) throw new Error("the last row has no end");
  return rows;
}

const seconds = (text: string): number =>
  text.split(":").reduce((sum, part) => sum * 60 + Number(part.replace(",", ".")), 0);

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly lines: readonly string[];
}

/** Blocks as players read them: blank lines part them, a time line opens them. */
function parseCues(text: string, comma: boolean): Cue[] {
  const mark = comma ? "," : "\\.";
  const time = `((?:\\d\\d:)?\\d\\d:\\d\\d${mark}\\d{3})`;
  const line = new RegExp(`^${time} --> ${time}(?: .*)?$`);
  return text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n(?:\r?\n)+/)
    .flatMap((block) => {
      const lines = block.split(/\r?\n/).filter((one) => one !== "");
      const at = lines.findIndex((one) => one.includes("-->"));
      if (at < 0) return [];
      const [, start, end] = line.exec(lines[at] ?? "") ?? [];
      if (start === undefined || end === undefined) throw new Error(`no times: ${lines[at] ?? ""}`);
      const cue = { startMs: seconds(start) * 1000, endMs: seconds(end) * 1000, lines: lines.slice(at + 1) };
      if (cue.lines.length === 0) throw new Error("a cue without text");
      return [cue];
    });
}

describe("§3 §6 the downloads of a call with a hostile title", () => {
  it.each(formats)(
    "§3 transcript.%s is a download with a safe file name and its own type",
    async (format) => {
      const answer = await download(format);
      expect(answer.status).toBe(200);
      const disposition = answer.headers["content-disposition"] ?? "";
      expect(disposition).toMatch(/^attachment; filename="?[\w.-]+"?(; filename\*=UTF-8''[\w.%-]+)?$/);
      const [, name = ""] = /filename="?([^";]+)/.exec(disposition) ?? [];
      expect(name.endsWith(`.${format}`)).toBe(true);
      expect(name).not.toContain("..");
      expect(name).not.toMatch(/^[.-]/);
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
      const types = {
        txt: "text/plain",
        json: "application/json",
        srt: "application/x-subrip",
        vtt: "text/vtt",
        csv: "text/csv",
        md: "text/markdown",
      };
      expect(answer.headers["content-type"]).toContain(types[format]);
      expect(answer.headers["content-type"]?.toLowerCase()).toContain("utf-8");
      expect(
        (await ask(server, `/calls/${call.call_id}/transcript.${format}`, { method: "HEAD" })).status,
      ).toBe(200);
    },
  );

  it("§6 transcript.json has the names of the contract and is what GET /calls/{id} holds", async () => {
    const document = transcriptDocumentSchema.parse(JSON.parse(await textOf("json")));
    expectKeys(document.call_metadata, [
      "call_id",
      "start_time",
      "end_time",
      "duration_ms",
      "exported_at",
      "title",
      "customer",
      "language",
      "transcriber",
      "lost_audio",
    ]);
    expect(document.segments.length).toBeGreaterThan(0);
    for (const segment of document.segments) {
      expectKeys(segment, [
        "segment_id",
        "revision",
        "speaker",
        "speaker_name",
        "ts_ms",
        "end_ms",
        "text",
        "confidence",
        "is_final",
        "timestamp",
        "words",
        "objection_type",
        "suggestion_text",
      ]);
    }
    for (const suggestion of document.suggestions) expectKeys(suggestion, ["feedback", "suggestion_id"]);
    expectKeys(document.summary, summaryKeys);
    const { call_metadata, segments, objections, suggestions, insights, conduct, summary } = read;
    expect(withoutExportTime(document)).toEqual(
      withoutExportTime({ call_metadata, segments, objections, suggestions, insights, conduct, summary }),
    );
    expect(read).toMatchObject({ status: "completed", notes: "", consent: { obtained: true } });
    expect(read.call_metadata.duration_ms).toBe(11_000);
    expect(read.next_sample).toBe(samplesOf(sound) + 16_000);
    expect(read.call_metadata.lost_audio).toMatchObject([{ first_sample: samplesOf(sound), ts_ms: 10_000 }]);
    expect(read.objections.map((one) => one.type)).toEqual(["price"]);
  });

  it("§6 transcript.txt: [mm:ss] Speaker: text, [OBJECTION: type] and the suggestion under it", async () => {
    const lines = (await textOf("txt")).split("\n");
    for (const segment of read.segments) {
      const at = lines.indexOf(`[${segment.timestamp}] ${segment.speaker_name}: ${segment.text}`);
      expect(at, segment.text).toBeGreaterThan(0);
      expect(segment.timestamp).toMatch(/^\d\d:\d\d$/);
      expect(seconds(segment.timestamp)).toBe(Math.floor(segment.ts_ms / 1000));
      if (segment.objection_type === null) continue;
      expect(lines[at + 1]).toContain(`[OBJECTION: ${segment.objection_type}]`);
      expect(lines[at + 2]).toContain(segment.suggestion_text ?? "no suggestion");
    }
    const text = lines.join("\n");
    // In the call's language.
    expect(text).toContain("Resumen");
    expect(text).not.toContain("Summary");
    expect(text).not.toContain("\r");
    expect(lines.filter((line) => line.startsWith("=cmd"))).toEqual([]);
  });

  it.each(["srt", "vtt"] as const)("§6 transcript.%s is cues that players load", async (format) => {
    const text = await textOf(format);
    if (format === "vtt") expect(text).toMatch(/^\uFEFF?WEBVTT(?:[ \t][^\n]*)?\r?\n\r?\n/);
    else expect(text).toMatch(/^\uFEFF?1\r?\n\d\d:\d\d:\d\d,\d{3} --> /);
    const cues = parseCues(text, format === "srt");
    expect(cues.length).toBeGreaterThanOrEqual(read.segments.length);
    for (const cue of cues) {
      expect(cue.endMs).toBeGreaterThan(cue.startMs);
      expect(cue.endMs).toBeLessThanOrEqual(read.call_metadata.duration_ms + 1);
      for (const line of cue.lines) expect(line).not.toContain("-->");
    }
    const starts = cues.map((cue) => cue.startMs);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    const spoken = cues.flatMap((cue) => cue.lines).join(" ");
    for (const segment of read.segments) {
      expect(spoken).toContain(segment.text.split(" ")[0]);
      expect(starts).toContain(segment.ts_ms);
    }
    expect(spoken).not.toContain("<script>");
    if (format === "vtt") {
      const tagged = cues.flatMap((cue) => cue.lines).filter((line) => /^<v [^<>&\n]+>/.test(line));
      expect(tagged.length).toBeGreaterThanOrEqual(read.segments.length);
    }
    if (format === "srt") {
      const numbers = text
        .split(/\r?\n\r?\n/)
        .map((block) => Number(block.replace(/^\uFEFF/, "").split(/\r?\n/)[0]));
      expect(numbers.filter((number) => number > 0)).toEqual(cues.map((_, index) => index + 1));
    }
  });

  it("§6 transcript.csv follows RFC 4180 and holds no formula", async () => {
    const rows = parseCsv((await textOf("csv")).replace(/^\uFEFF/, ""));
    const [header = [], ...body] = rows;
    for (const row of body) expect(row).toHaveLength(header.length);
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^\s*[=+@\t\r-]/);
    const column = (name: string) => body.map((row) => row[header.indexOf(name)]);
    for (const segment of read.segments) {
      expect(column("text")).toContain(segment.text);
      expect(column("segment_id")).toContain(segment.segment_id);
    }
    expect(column("objection_type").filter((type) => type !== "")).toEqual(["price"]);
  });

  it("§6 transcript.md is safe against injection", async () => {
    const text = await textOf("md");
    const lines = text.split("\n");
    expect(lines.filter((line) => line.startsWith("# "))).toHaveLength(1);
    expect(text).not.toMatch(/(?<!\\)<(?:script|b)>/);
    expect(text).not.toMatch(/(?<!\\)\[a(?<!\\)\]\(b\)/);
    expect(lines.filter((line) => /^#+ Fake/.test(line))).toEqual([]);
    const plain = text.replaceAll("\\", "");
    for (const segment of read.segments) expect(plain).toContain(segment.text);
  });

  it("§3 a call that is still open can be downloaded; unknown formats and calls are 404", async () => {
    const open = await startCall(server);
    for (const format of formats) expect((await download(format, open.call_id)).status).toBe(200);
    expect((await download("pdf")).status).toBe(404);
    expect((await download("TXT")).status).toBe(404);
    expectProblem(await download("txt", "no-such-call"), 404, "call_not_found");
    const post = await ask(server, `/calls/${call.call_id}/transcript.txt`, { method: "POST" });
    expectProblem(post, 405, "method_not_allowed");
  });

  it("§3 the coach of a completed call cannot be switched", async () => {
    const answer = await ask(server, `/coach/${call.call_id}/toggle?enabled=false`, { method: "POST" });
    expect(answer.status).toBe(409);
  });
});
