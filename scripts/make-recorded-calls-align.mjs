/**
 * Word boundaries of a synthesised line, taken from the synthesiser itself.
 *
 * A volume mark before word k halves everything from that word on, so the first sample in which
 * the line spoken at mark=100 differs from mark=50 is where the word starts. A mark sometimes makes
 * Pico phrase the line otherwise; then the boundary is carried over to the plain line by dynamic
 * time warping between two readings of the same text by the same voice.
 */
const FRAME = 80; // 5 ms at 16 kHz
const WINDOW = 320; // 20 ms
const BANDS = 20;
/** A frame this far below the line's loudest frame is silence. */
const SILENCE_DB = -40;

/** `speak(words)` → Int16 samples. Returns the plain reading and each word's [start, end) in it. */
export async function alignWords(speak, words, report) {
  const plain = await speak(words);
  const starts = [firstLoud(plain)];
  for (let index = 1; index < words.length; index++) {
    const marked = (level) =>
      speak(words.map((word, i) => (i === index ? `<volume level="${level}">${word}` : word)));
    const [full, half] = [await marked(100), await marked(50)];
    const inMarked = firstDifference(full, half);
    const exact = sameSamples(full, plain);
    const warped = exact && !report ? inMarked : warp(full, plain, inMarked);
    report?.({ word: words[index], exact, errorMs: exact ? (warped - inMarked) / 16 : null });
    starts.push(Math.max(exact ? inMarked : warped, starts.at(-1) + FRAME));
  }
  const lastLoud = lastLoudIn(plain, starts.at(-1), plain.length);
  return {
    samples: plain,
    words: starts.map((start, index) => ({
      start: firstLoudIn(plain, start, starts[index + 1] ?? lastLoud),
      end: lastLoudIn(plain, start, starts[index + 1] ?? lastLoud),
    })),
  };
}

function firstDifference(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

function sameSamples(a, b) {
  return a.length === b.length && firstDifference(a, b) === a.length;
}

function frameDb(samples, at) {
  let sum = 0;
  const end = Math.min(samples.length, at + FRAME);
  for (let i = at; i < end; i++) sum += samples[i] ** 2;
  return 10 * Math.log10(sum / FRAME + 1e-3);
}

function loudestDb(samples) {
  let loudest = -Infinity;
  for (let at = 0; at < samples.length; at += FRAME) loudest = Math.max(loudest, frameDb(samples, at));
  return loudest;
}

function firstLoudIn(samples, from, to) {
  const threshold = loudestDb(samples) + SILENCE_DB;
  for (let at = from; at + FRAME <= to; at += FRAME / 4) if (frameDb(samples, at) > threshold) return at;
  return from;
}

function firstLoud(samples) {
  return firstLoudIn(samples, 0, samples.length);
}

function lastLoudIn(samples, from, to) {
  const threshold = loudestDb(samples) + SILENCE_DB;
  for (let at = to - FRAME; at >= from; at -= FRAME / 4)
    if (frameDb(samples, at) > threshold) return at + FRAME;
  return to;
}

const knownFeatures = new WeakMap();

function features(samples) {
  if (!knownFeatures.has(samples)) knownFeatures.set(samples, bandEnergies(samples));
  return knownFeatures.get(samples);
}

/** Per 5 ms frame, log energies in bands spaced like the ear's. */
function bandEnergies(samples) {
  const count = Math.max(1, Math.floor((samples.length - WINDOW) / FRAME));
  const edges = Array.from(
    { length: BANDS + 1 },
    (_, band) => 700 * (10 ** ((band / BANDS) * Math.log10(1 + 7000 / 700)) - 1),
  );
  const bins = WINDOW / 2;
  const cosine = Float32Array.from({ length: WINDOW }, (_, i) => Math.cos((2 * Math.PI * i) / WINDOW));
  const sine = Float32Array.from({ length: WINDOW }, (_, i) => Math.sin((2 * Math.PI * i) / WINDOW));
  const hann = cosine.map((value) => 0.5 - 0.5 * value);
  return Array.from({ length: count }, (_, frame) => {
    const bands = new Float32Array(BANDS).fill(1);
    for (let bin = 2; bin < bins; bin++) {
      let real = 0;
      let imaginary = 0;
      for (let i = 0; i < WINDOW; i++) {
        const value = samples[frame * FRAME + i] * hann[i];
        real += value * cosine[(bin * i) % WINDOW];
        imaginary += value * sine[(bin * i) % WINDOW];
      }
      const hz = (bin * 16000) / WINDOW;
      const band = edges.findIndex((edge) => edge > hz) - 1;
      if (band >= 0) bands[band] += real * real + imaginary * imaginary;
    }
    return bands.map((energy) => Math.log10(energy + 1e4));
  });
}

/** Where the instant `at` of reading `from` lies in reading `to`, in samples. */
function warp(from, to, at) {
  const [a, b] = [features(from), features(to)];
  const cost = Array.from({ length: a.length + 1 }, () => new Float32Array(b.length + 1).fill(Infinity));
  cost[0][0] = 0;
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      let distance = 0;
      for (let band = 0; band < BANDS; band++) distance += Math.abs(a[i - 1][band] - b[j - 1][band]);
      cost[i][j] = Math.min(
        cost[i - 1][j - 1] + 2 * distance,
        cost[i - 1][j] + distance + 0.3,
        cost[i][j - 1] + distance + 0.3,
      );
    }
  const target = (at - WINDOW / 2) / FRAME;
  const matches = [];
  for (let i = a.length, j = b.length; i > 0 && j > 0;) {
    if (Math.abs(i - 1 - target) <= 0.5) matches.push(j - 1);
    const [diagonal, up, left] = [cost[i - 1][j - 1], cost[i - 1][j], cost[i][j - 1]];
    if (diagonal <= up && diagonal <= left) {
      i--;
      j--;
    } else if (up <= left) i--;
    else j--;
  }
  if (matches.length === 0) return Math.min(at, to.length);
  const frame = (matches[0] + matches.at(-1)) / 2;
  return Math.round(frame * FRAME + WINDOW / 2);
}
