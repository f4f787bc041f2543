import type { Evidence } from "../contract/events.ts";

export interface TextPart {
  readonly text: string;
  readonly isLit: boolean;
}

/**
 * Cuts a segment's text into lit and plain parts. `evidence` are UTF-16 offsets in the text as it stood
 * when the objection was told; where an interim has moved on since, `quote` finds the words again.
 */
export function litParts(text: string, evidence: readonly Evidence[], quote: string): readonly TextPart[] {
  let spans = evidence.filter((span) => span.start < span.end && span.end <= text.length);
  const only = spans.length === 1 ? spans[0] : undefined;
  if (quote !== "" && (spans.length === 0 || (only && text.slice(only.start, only.end) !== quote))) {
    const start = text.indexOf(quote);
    spans = start < 0 ? [] : [{ start, end: start + quote.length }];
  }
  const parts: TextPart[] = [];
  let position = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const start = Math.max(position, span.start);
    if (start >= span.end) continue;
    if (start > position) parts.push({ text: text.slice(position, start), isLit: false });
    parts.push({ text: text.slice(start, span.end), isLit: true });
    position = span.end;
  }
  if (position < text.length) parts.push({ text: text.slice(position), isLit: false });
  return parts;
}
