/** A view of interleaved PCM16; the copy is for bytes that do not begin at an even address. */
export function samplesOf(pcm: Uint8Array): Int16Array {
  const aligned = pcm.byteOffset % 2 === 0 ? pcm : pcm.slice();
  return new Int16Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.byteLength / 2));
}

/**
 * Silences, in place, each channel outside its own span: what has been said there is known already, or belongs to
 * somebody else. `firstSample` is where `pcm` begins.
 */
export function muteOutside(
  pcm: Uint8Array,
  firstSample: number,
  spans: readonly { readonly from: number; readonly until: number }[],
): void {
  const samples = samplesOf(pcm);
  const channels = spans.length;
  const length = samples.length / channels;
  spans.forEach(({ from, until }, channel) => {
    const silentUntil = Math.min(length, Math.max(0, from - firstSample));
    const silentFrom = Math.min(length, Math.max(0, until - firstSample));
    for (let i = 0; i < silentUntil; i++) samples[i * channels + channel] = 0;
    for (let i = silentFrom; i < length; i++) samples[i * channels + channel] = 0;
  });
}

/** A PCM16 WAV file of interleaved samples. */
export function wavOf(pcm: Uint8Array, format: { sampleRateHz: number; channels: number }): Uint8Array {
  const { channels, sampleRateHz } = format;
  const file = new Uint8Array(44 + pcm.byteLength);
  const view = new DataView(file.buffer);
  const text = (at: number, ascii: string): void => {
    for (let i = 0; i < ascii.length; i++) view.setUint8(at + i, ascii.charCodeAt(i));
  };
  text(0, "RIFF");
  view.setUint32(4, 36 + pcm.byteLength, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, pcm.byteLength, true);
  file.set(pcm, 44);
  return file;
}
