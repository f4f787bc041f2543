const headerBytes = 44;
const bytesPerValue = 2;

/** Interleaved PCM16 as a WAV file (RIFF, format 1). */
export function wavFile(pcm: Uint8Array<ArrayBuffer>, channels: number, sampleRateHz: number): Blob {
  const header = new DataView(new ArrayBuffer(headerBytes));
  const text = (at: number, value: string): void => {
    for (let index = 0; index < value.length; index += 1)
      header.setUint8(at + index, value.charCodeAt(index));
  };
  const sampleBytes = channels * bytesPerValue;
  text(0, "RIFF");
  header.setUint32(4, headerBytes - 8 + pcm.byteLength, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, channels, true);
  header.setUint32(24, sampleRateHz, true);
  header.setUint32(28, sampleRateHz * sampleBytes, true);
  header.setUint16(32, sampleBytes, true);
  header.setUint16(34, bytesPerValue * 8, true);
  text(36, "data");
  header.setUint32(40, pcm.byteLength, true);
  return new Blob([header.buffer, pcm], { type: "audio/wav" });
}
