interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where finals were said, by channel, in samples or any other unit. Not one mark up to which all is said: what a
 * repair brings lies before finals that came earlier.
 */
export class SaidSpans {
  /** In order, none touching another. */
  readonly #byChannel = new Map<number, Span[]>();

  add(channel: number, start: number, end: number): void {
    if (end <= start) return;
    const known = this.#byChannel.get(channel) ?? [];
    const apart = known.filter((span) => span.end < start || span.start > end);
    const joined = known.filter((span) => span.end >= start && span.start <= end);
    const whole = {
      start: Math.min(start, ...joined.map((span) => span.start)),
      end: Math.max(end, ...joined.map((span) => span.end)),
    };
    const at = apart.findIndex((span) => span.start > whole.start);
    apart.splice(at < 0 ? apart.length : at, 0, whole);
    this.#byChannel.set(channel, apart);
  }

  /** Nothing before it will be asked for again. */
  forgetBefore(position: number): void {
    for (const [channel, spans] of this.#byChannel) {
      if ((spans[0]?.end ?? Infinity) > position) continue;
      this.#byChannel.set(
        channel,
        spans.filter((span) => span.end > position),
      );
    }
  }

  copy(): SaidSpans {
    const copy = new SaidSpans();
    for (const [channel, spans] of this.#byChannel) copy.#byChannel.set(channel, spans);
    return copy;
  }

  /** How much of a stretch was said, 0 to 1. */
  share(channel: number, start: number, end: number): number {
    const spans = this.#byChannel.get(channel) ?? [];
    if (end <= start) return spans.some((span) => span.start <= start && span.end > start) ? 1 : 0;
    const said = spans.reduce(
      (sum, span) => sum + Math.max(0, Math.min(end, span.end) - Math.max(start, span.start)),
      0,
    );
    return said / (end - start);
  }

  /**
   * Interleaved PCM16 in which what was said is silent: whoever hears it says nothing twice. Gives the same bytes
   * where nothing was said.
   */
  silenced(pcm: Uint8Array, firstSample: number, channels: number): Uint8Array {
    const frameBytes = 2 * channels;
    const samples = Math.floor(pcm.byteLength / frameBytes);
    let silenced = pcm;
    for (const [channel, spans] of this.#byChannel) {
      if (channel >= channels) continue;
      for (const span of spans) {
        const from = Math.max(0, span.start - firstSample);
        const until = Math.min(samples, span.end - firstSample);
        if (from >= until) continue;
        if (silenced === pcm) silenced = Uint8Array.from(pcm);
        for (let sample = from; sample < until; sample += 1) {
          const at = sample * frameBytes + 2 * channel;
          silenced[at] = 0;
          silenced[at + 1] = 0;
        }
      }
    }
    return silenced;
  }
}
