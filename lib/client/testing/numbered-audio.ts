/** Two bytes per sample that tell the sample's number. */
export function numbered(firstSample: number, samples: number): Uint8Array<ArrayBuffer> {
  const pcm = new Uint8Array(samples * 2);
  const view = new DataView(pcm.buffer);
  for (let index = 0; index < samples; index += 1) {
    view.setUint16(index * 2, (firstSample + index) % 65_536, true);
  }
  return pcm;
}
