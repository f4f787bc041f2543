import type { RedactionKind, Redactor } from "../../call/ports.ts";
import { createCallRedaction } from "./call-redaction.ts";
import { find } from "./find.ts";
import { markOf } from "./marks.ts";

/** Looking again finds what only the marks of the first look gave away; it settles at once or twice. */
const maxLooks = 6;

/** Takes cards, accounts, e-mail addresses, telephone and identity numbers out of what is said and typed. */
export function createRedactor(kinds: ReadonlySet<RedactionKind>): Redactor {
  return {
    text(text, language) {
      let redacted = text;
      for (let looks = 0; looks < maxLooks; looks++) {
        const { spans } = find(redacted, {
          language,
          kinds,
          asked: null,
          known: [],
          interim: false,
          closed: true,
        });
        if (spans.length === 0) break;
        redacted = withMarks(redacted, spans);
      }
      return redacted;
    },
    call: (language) => createCallRedaction(kinds, language),
  };
}

function withMarks(
  text: string,
  spans: readonly { readonly start: number; readonly end: number; readonly kind: RedactionKind | null }[],
): string {
  let result = "";
  let from = 0;
  for (const { start, end, kind } of spans) {
    result += text.slice(from, start) + markOf(kind);
    from = end;
  }
  return result + text.slice(from);
}
