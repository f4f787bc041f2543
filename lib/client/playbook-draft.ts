import type { Playbook, PlaybookEntry } from "../contract/playbook.ts";
import type { ObjectionType } from "../contract/vocabulary.ts";

export type EntryLanguage = PlaybookEntry["language"];

/** A rep who talks takes in no more: from here on a reply is marked as long. */
export const longReplyWords = 20;

export function wordCount(reply: string): number {
  return reply.trim() === "" ? 0 : reply.trim().split(/\s+/u).length;
}

/** Terms as people write them into one field. */
export function termsOf(text: string): string[] {
  return text
    .split(/[,;\n]/u)
    .map((term) => term.trim())
    .filter((term) => term !== "");
}

export function changeEntry(
  playbook: Playbook,
  index: number,
  change: (entry: PlaybookEntry) => PlaybookEntry,
): Playbook {
  return {
    ...playbook,
    entries: playbook.entries.map((entry, at) => (at === index ? change(entry) : entry)),
  };
}

export function removeEntry(playbook: Playbook, index: number): Playbook {
  return { ...playbook, entries: playbook.entries.filter((_entry, at) => at !== index) };
}

/** Behind the last entry of its kind, with an id that nothing else has. */
export function addEntry(playbook: Playbook, language: EntryLanguage, type: ObjectionType): Playbook {
  const ids = new Set(playbook.entries.map(({ id }) => id));
  let number = 1;
  while (ids.has(`${language}-${type}-${number.toString()}`)) number += 1;
  const entry: PlaybookEntry = {
    id: `${language}-${type}-${number.toString()}`,
    language,
    type,
    replies: [""],
  };
  const last = playbook.entries.findLastIndex((one) => one.language === language && one.type === type);
  const at = last < 0 ? playbook.entries.length : last + 1;
  return { ...playbook, entries: playbook.entries.toSpliced(at, 0, entry) };
}

/** Conditions without a term are left out: nothing would ever meet an empty one. */
export function withConditions(
  entry: PlaybookEntry,
  conditions: Partial<Pick<PlaybookEntry, "when" | "industries" | "stages">>,
): PlaybookEntry {
  const { id, language, type, replies } = entry;
  const { when = [], industries = [], stages = [] } = { ...entry, ...conditions };
  return {
    id,
    language,
    type,
    ...(when.length === 0 ? {} : { when }),
    ...(industries.length === 0 ? {} : { industries }),
    ...(stages.length === 0 ? {} : { stages }),
    replies,
  };
}

export function moveReply(replies: readonly string[], from: number, to: number): string[] {
  const moved = replies[from];
  if (moved === undefined || to < 0 || to >= replies.length) return [...replies];
  return replies.toSpliced(from, 1).toSpliced(to, 0, moved);
}
