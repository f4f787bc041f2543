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

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * What two people made of the same version, in one: what only one of them changed is as they made it; of an entry that
 * both changed the replies of both are there. Nothing that anybody wrote is left out.
 */
export function mergeDrafts(base: Playbook, mine: Playbook, theirs: Playbook): Playbook {
  const entryOf = (playbook: Playbook, id: string) => playbook.entries.find((entry) => entry.id === id);
  const merged = mine.entries.flatMap((entry) => {
    const [before, other] = [entryOf(base, entry.id), entryOf(theirs, entry.id)];
    if (before === undefined)
      return other === undefined || isSame(entry, other) ? [entry] : [bothOf(entry, other)];
    const isMineUntouched = isSame(entry, before);
    if (other === undefined) return isMineUntouched ? [] : [entry];
    if (isMineUntouched) return [other];
    return isSame(other, before) ? [entry] : [bothOf(entry, other, before)];
  });
  const known = new Set(mine.entries.map(({ id }) => id));
  const added = theirs.entries.filter(({ id }) => {
    if (known.has(id)) return false;
    const before = entryOf(base, id);
    // What I took out and they changed stays.
    return before === undefined || !isSame(before, entryOf(theirs, id));
  });
  const heads = Object.fromEntries(
    Object.entries(theirs).map(([key, value]) => {
      const name = key as keyof Playbook;
      return [key, isSame(mine[name], base[name]) ? value : (mine[name] ?? value)];
    }),
  );
  return { ...mine, ...heads, entries: [...merged, ...added] };
}

function bothOf(mine: PlaybookEntry, theirs: PlaybookEntry, base?: PlaybookEntry): PlaybookEntry {
  const news = theirs.replies.filter(
    (reply) => !mine.replies.includes(reply) && base?.replies.includes(reply) !== true,
  );
  return { ...mine, replies: [...mine.replies, ...news] };
}
