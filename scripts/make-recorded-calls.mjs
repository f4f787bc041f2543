#!/usr/bin/env node
/**
 * Development tool: renders data/calls/<name>/script.json to audio and alignment.json.
 *
 *   PICO_LANG_DIR=<folder with es-ES_ta.bin …> node scripts/make-recorded-calls.mjs [name …]
 *
 * Needs `npm i --no-save @echogarden/svoxpico-wasm` and SVOX Pico's language files (Debian's
 * libttspico-data holds them); FLAC output also needs ffmpeg. The result is the same on every run.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { alignWords } from "./make-recorded-calls-align.mjs";
import {
  fadeEdges,
  mixInto,
  resample,
  roomNoise,
  scaleToLoudness,
  toWav,
} from "./make-recorded-calls-audio.mjs";
import { loadPico, markUp, PICO_SAMPLE_RATE_HZ } from "./make-recorded-calls-pico.mjs";

const CALLS_DIR = join(dirname(fileURLToPath(import.meta.url)), "..", "data", "calls");
const CHANNEL_OF = { rep: 0, prospect: 1 };
/** RMS of speech; comes out near -20 LUFS per channel. */
const LOUDNESS_DBFS = -17.6;
const NOISE_DBFS = -60;
/** A line keeps this much of the synthesiser's own silence around it. */
const EDGE_MS = 30;
/** Pico pauses longer at punctuation than people on the phone do. */
const LONGEST_PAUSE_MS = { clause: 200, sentence: 340 };
const OBJECTION_TYPES = [null, "price", "timing", "authority", "competitor", "trust", "need", "other"];

const toMs = (samples) => Math.round((samples * 1000) / PICO_SAMPLE_RATE_HZ);
const toSamples = (ms) => Math.round((ms * PICO_SAMPLE_RATE_HZ) / 1000);

function checkScript(script, name) {
  for (const [index, line] of script.lines.entries()) {
    const where = `${name}, line ${index + 1}`;
    if (!(line.speaker in CHANNEL_OF)) throw new Error(`${where}: speaker "${line.speaker}"`);
    if (!OBJECTION_TYPES.includes(line.objection)) throw new Error(`${where}: objection "${line.objection}"`);
    if (!Number.isInteger(line.pause_before_ms)) throw new Error(`${where}: pause_before_ms`);
    if (line.say && line.say.split(" ").length !== line.text.split(" ").length)
      throw new Error(`${where}: "say" must have as many words as "text"`);
  }
}

/** One spoken line: samples at the output rate, its words in samples from the line's start. */
async function renderLine(pico, voice, line) {
  const spoken = line.say ?? line.text;
  const speak = (markedWords) => pico.say(markUp(markedWords, voice));
  const aligned = await alignWords(speak, spoken.split(" "));
  // Played slower by `formant`, the voice sounds lower and larger; Pico's own speed makes up for it.
  const stretch = 1 / (voice.formant ?? 1);
  const { samples, words } = shortenPauses(aligned, spoken.split(" "), stretch);
  const edge = toSamples(EDGE_MS) / stretch;
  const first = Math.max(0, Math.round(words[0].start - edge));
  const last = Math.min(samples.length, Math.round(words.at(-1).end + edge));
  const cut = resample(samples.subarray(first, last), stretch);
  const texts = line.text.split(" ");
  return {
    samples: fadeEdges(cut, toSamples(8)),
    words: words.map((word, index) => ({
      text: texts[index],
      start: (word.start - first) * stretch,
      end: (word.end - first) * stretch,
    })),
  };
}

/** Takes the middle out of silences inside a line, and moves the words after them. */
function shortenPauses({ samples, words }, spoken, stretch) {
  const keep = new Uint8Array(samples.length).fill(1);
  let removed = 0;
  const moved = words.map((word, index) => {
    const next = words[index + 1];
    const result = { start: word.start - removed, end: word.end - removed };
    if (!next) return result;
    const kind = /[.?!]$/.test(spoken[index]) ? "sentence" : "clause";
    const excess = Math.floor(next.start - word.end - toSamples(LONGEST_PAUSE_MS[kind]) / stretch);
    if (excess > 0) {
      const middle = Math.floor((word.end + next.start - excess) / 2);
      keep.fill(0, middle, middle + excess);
      removed += excess;
    }
    return result;
  });
  return { samples: samples.filter((_, index) => keep[index] === 1), words: moved };
}

async function renderCall(name) {
  const folder = join(CALLS_DIR, name);
  const script = JSON.parse(readFileSync(join(folder, "script.json"), "utf8"));
  checkScript(script, name);
  const voices = {
    rep: { ...script.voices.rep, pico: await loadPico(script.voices.rep.voice) },
    prospect: { ...script.voices.prospect, pico: await loadPico(script.voices.prospect.voice) },
  };

  let cursor = toSamples(script.lead_in_ms);
  const placed = [];
  for (const line of script.lines) {
    const voice = voices[line.speaker];
    const spoken = await renderLine(voice.pico, voice, line);
    const speechStart = spoken.words[0].start;
    const offset = Math.round(cursor + toSamples(line.pause_before_ms) - speechStart);
    placed.push({ line, offset, ...spoken });
    cursor = offset + spoken.words.at(-1).end;
  }
  const total = Math.round(cursor + toSamples(script.lead_out_ms));

  const channels = [0, 1].map((channel) => {
    const speech = new Float32Array(total);
    for (const item of placed)
      if (CHANNEL_OF[item.line.speaker] === channel)
        mixInto(speech, scaleToLoudness(item.samples, LOUDNESS_DBFS), item.offset);
    mixInto(speech, roomNoise(total, NOISE_DBFS, channel + 1), 0);
    return speech;
  });

  const alignment = placed.map(({ line, offset, words }) => ({
    speaker: line.speaker,
    text: line.text,
    channel: CHANNEL_OF[line.speaker],
    objection: line.objection,
    start_ms: toMs(offset + words[0].start),
    end_ms: toMs(offset + words.at(-1).end),
    words: words.map((word) => ({
      text: word.text,
      start_ms: toMs(offset + word.start),
      end_ms: toMs(offset + word.end),
    })),
  }));
  writeFileSync(
    join(folder, "alignment.json"),
    `${JSON.stringify({ name, sample_rate_hz: PICO_SAMPLE_RATE_HZ, duration_ms: toMs(total), lines: alignment }, null, 1)}\n`,
  );
  writeAudio(folder, script.file, toWav(channels, PICO_SAMPLE_RATE_HZ));
  console.log(`${name}: ${(total / PICO_SAMPLE_RATE_HZ).toFixed(1)} s, ${placed.length} lines`);
}

function writeAudio(folder, file, wav) {
  const wavPath = join(folder, "call.wav");
  writeFileSync(wavPath, wav);
  if (file === "call.wav") return;
  const result = spawnSync(
    "ffmpeg",
    [
      "-v",
      "error",
      "-y",
      "-i",
      wavPath,
      "-map_metadata",
      "-1",
      "-fflags",
      "+bitexact",
      "-flags:a",
      "+bitexact",
      "-compression_level",
      "12",
      join(folder, file),
    ],
    { encoding: "utf8" },
  );
  if (result.status !== 0)
    throw new Error(`ffmpeg is needed for ${file}: ${result.error?.message ?? result.stderr}`);
  rmSync(wavPath);
}

function writeIndex() {
  const index = readdirSync(CALLS_DIR, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(CALLS_DIR, entry.name, "alignment.json")))
    .map((entry) => {
      const read = (file) => JSON.parse(readFileSync(join(CALLS_DIR, entry.name, file), "utf8"));
      const script = read("script.json");
      return {
        name: entry.name,
        language: script.language,
        title: script.title,
        duration_ms: read("alignment.json").duration_ms,
        file: script.file,
        purpose: script.purpose,
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
  writeFileSync(join(CALLS_DIR, "index.json"), `${JSON.stringify(index, null, 2)}\n`);
}

const asked = process.argv.slice(2);
const names =
  asked.length > 0
    ? asked
    : readdirSync(CALLS_DIR).filter((name) => existsSync(join(CALLS_DIR, name, "script.json")));
for (const name of names) await renderCall(name);
writeIndex();
