/** Pure sample arithmetic for the recorded calls: floats in ±1 unless said otherwise. */

const SINC_TAPS = 32;

/** Int16 samples → floats, `stretch` times as long (above 1: slower and lower). */
export function resample(samples, stretch) {
  const out = new Float32Array(Math.round(samples.length * stretch));
  const cutoff = Math.min(1, stretch);
  for (let i = 0; i < out.length; i++) {
    const centre = i / stretch;
    const first = Math.ceil(centre - SINC_TAPS);
    let sum = 0;
    for (let k = first; k <= centre + SINC_TAPS; k++) {
      if (k < 0 || k >= samples.length) continue;
      const x = k - centre;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / (SINC_TAPS + 1));
      const phase = Math.PI * x * cutoff;
      sum += samples[k] * window * cutoff * (phase === 0 ? 1 : Math.sin(phase) / phase);
    }
    out[i] = sum / 32768;
  }
  return out;
}

export function fadeEdges(samples, length) {
  for (let i = 0; i < Math.min(length, samples.length); i++) {
    samples[i] *= i / length;
    samples[samples.length - 1 - i] *= i / length;
  }
  return samples;
}

/** Scales to an RMS of `dbfs` over the 20 ms blocks that hold speech (within 30 dB of the loudest). */
export function scaleToLoudness(samples, dbfs) {
  const block = 320;
  const powers = [];
  for (let at = 0; at + block <= samples.length; at += block) {
    let sum = 0;
    for (let i = at; i < at + block; i++) sum += samples[i] ** 2;
    powers.push(sum / block);
  }
  const floor = Math.max(...powers) / 1000;
  const speech = powers.filter((power) => power > floor);
  const mean = speech.reduce((sum, power) => sum + power, 0) / speech.length;
  const peak = samples.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const gain = Math.min(10 ** (dbfs / 20) / Math.sqrt(mean), 0.89 / peak);
  return samples.map((value) => value * gain);
}

export function mixInto(target, samples, offset) {
  for (let i = 0; i < samples.length; i++) {
    const at = offset + i;
    if (at >= 0 && at < target.length) target[at] += samples[i];
  }
}

/** Low-passed noise like a quiet office, the same for the same seed. */
export function roomNoise(length, dbfs, seed) {
  let state = seed * 2654435761;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
  const out = new Float32Array(length);
  let low = 0;
  let sum = 0;
  for (let i = 0; i < length; i++) {
    low += 0.15 * (random() - low);
    out[i] = low;
    sum += low * low;
  }
  const gain = 10 ** (dbfs / 20) / Math.sqrt(sum / length);
  return out.map((value) => value * gain);
}

/** Channels of floats → interleaved PCM16 WAV. */
export function toWav(channels, sampleRateHz) {
  const frames = channels[0].length;
  const blockBytes = channels.length * 2;
  const wav = Buffer.alloc(44 + frames * blockBytes);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + frames * blockBytes, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(channels.length, 22);
  wav.writeUInt32LE(sampleRateHz, 24);
  wav.writeUInt32LE(sampleRateHz * blockBytes, 28);
  wav.writeUInt16LE(blockBytes, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(frames * blockBytes, 40);
  for (let i = 0; i < frames; i++)
    for (const [index, channel] of channels.entries())
      wav.writeInt16LE(
        Math.max(-32768, Math.min(32767, Math.round(channel[i] * 32767))),
        44 + i * blockBytes + index * 2,
      );
  return wav;
}
