import type { Playbook, PlaybookEntry } from "../contract/playbook.ts";

/** What only one of two can have: where both changed it, mine is kept. */
const singleHeads = ["title", "product", "coaching"] as const;
export type SingleHead = (typeof singleHeads)[number];

export interface MergedPlaybook {
  readonly playbook: Playbook;
  /** Changed by both, each in another way: theirs is not in it. */
  readonly keptMine: readonly SingleHead[];
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * What two people made of the same version, in one. What only one of them changed is as they made it, also where they
 * took something out. Lists that both changed have what either put in and lack what either took out; entries are told
 * by their id, lines of business by their name. What one took out and the other changed stays. Of a title, a product
 * and each setting of the coaching there is one: where both changed it, mine.
 */
export function mergePlaybooks(base: Playbook, mine: Playbook, theirs: Playbook): MergedPlaybook {
  const coaching = mergedCoaching(base.coaching, mine.coaching, theirs.coaching);
  const industries = mergedIndustries(base, mine, theirs);
  const { keyterms } = mine;
  const playbook: Playbook = {
    name: mine.name,
    title: changedOf(base.title, mine.title, theirs.title),
    product: changedOf(base.product, mine.product, theirs.product),
    competitors: mergedList(base.competitors, mine.competitors, theirs.competitors),
    keyterms: {
      es: mergedList(base.keyterms.es, keyterms.es, theirs.keyterms.es),
      en: mergedList(base.keyterms.en, keyterms.en, theirs.keyterms.en),
    },
    ...(industries === undefined ? {} : { industries }),
    ...(coaching === undefined ? {} : { coaching }),
    entries: mergedEntries(base, mine, theirs),
  };
  const keptMine = singleHeads.filter((name) =>
    name === "coaching"
      ? coachingSettings.some((one) =>
          isContested(base.coaching?.[one], mine.coaching?.[one], theirs.coaching?.[one]),
        )
      : isContested(base[name], mine[name], theirs[name]),
  );
  return { playbook, keptMine };
}

/** As whoever changed it has it; mine when both did. */
function changedOf<Value>(base: Value, mine: Value, theirs: Value): Value {
  return isSame(mine, base) ? theirs : mine;
}

function mergedList<Item>(base: readonly Item[], mine: readonly Item[], theirs: readonly Item[]): Item[] {
  if (isSame(mine, base)) return [...theirs];
  if (isSame(theirs, base)) return [...mine];
  const kept = mine.filter((item) => theirs.includes(item) || !base.includes(item));
  return [...kept, ...theirs.filter((item) => !mine.includes(item) && !base.includes(item))];
}

type Coaching = NonNullable<Playbook["coaching"]>;
const coachingSettings = ["cooldown_sec", "max_cards_per_minute", "provisional", "nudges"] as const;

function mergedCoaching(
  base: Coaching = {},
  mine: Coaching = {},
  theirs: Coaching = {},
): Coaching | undefined {
  const settings = coachingSettings.flatMap((name) => {
    const value = changedOf(base[name], mine[name], theirs[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return settings.length === 0 ? undefined : Object.fromEntries(settings);
}

function isContested(base: unknown, mine: unknown, theirs: unknown): boolean {
  return !isSame(mine, base) && !isSame(theirs, base) && !isSame(mine, theirs);
}

type Industries = NonNullable<Playbook["industries"]>;

function mergedIndustries(base: Playbook, mine: Playbook, theirs: Playbook): Industries | undefined {
  if (isSame(mine.industries, base.industries)) return theirs.industries;
  if (isSame(theirs.industries, base.industries)) return mine.industries;
  return mergedByKey(base.industries ?? [], mine.industries ?? [], theirs.industries ?? [], {
    keyOf: ({ name }) => name,
    bothOf: (one, other, before) => ({
      name: one.name,
      terms: {
        es: mergedList(before?.terms.es ?? [], one.terms.es, other.terms.es),
        en: mergedList(before?.terms.en ?? [], one.terms.en, other.terms.en),
      },
    }),
  });
}

/** In my order, what is new of theirs behind it. */
function mergedByKey<Item>(
  base: readonly Item[],
  mine: readonly Item[],
  theirs: readonly Item[],
  by: {
    readonly keyOf: (item: Item) => string;
    readonly bothOf: (mine: Item, theirs: Item, base: Item | undefined) => Item;
  },
): Item[] {
  const mapOf = (items: readonly Item[]) => new Map(items.map((item) => [by.keyOf(item), item]));
  const [before, own, others] = [mapOf(base), mapOf(mine), mapOf(theirs)];
  const merged = mine.flatMap((item) => {
    const [was, other] = [before.get(by.keyOf(item)), others.get(by.keyOf(item))];
    if (other === undefined) return was !== undefined && isSame(item, was) ? [] : [item];
    if (isSame(item, was)) return [other];
    return isSame(other, was) || isSame(item, other) ? [item] : [by.bothOf(item, other, was)];
  });
  const added = theirs.filter((item) => {
    const key = by.keyOf(item);
    // What I took out and they changed stays.
    return !own.has(key) && !isSame(item, before.get(key));
  });
  return [...merged, ...added];
}

function mergedEntries(base: Playbook, mine: Playbook, theirs: Playbook): PlaybookEntry[] {
  const ids = (playbook: Playbook) => new Map(playbook.entries.map((entry) => [entry.id, entry]));
  const [before, own] = [ids(base), ids(mine)];
  const taken = new Set([base, mine, theirs].flatMap(({ entries }) => entries.map(({ id }) => id)));
  const renamed = theirs.entries.map((entry) => {
    const other = own.get(entry.id);
    // Two new entries that happen to have one id are two.
    if (other === undefined || before.has(entry.id) || isSame(other, entry)) return entry;
    const id = freeId(entry, taken);
    taken.add(id);
    return { ...entry, id };
  });
  return mergedByKey(base.entries, mine.entries, renamed, { keyOf: ({ id }) => id, bothOf });
}

function freeId({ language, type }: PlaybookEntry, taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(`${language}-${type}-${number.toString()}`)) number += 1;
  return `${language}-${type}-${number.toString()}`;
}

function bothOf(mine: PlaybookEntry, theirs: PlaybookEntry, base?: PlaybookEntry): PlaybookEntry {
  const when = mergedList(base?.when ?? [], mine.when ?? [], theirs.when ?? []);
  const industries = mergedList(base?.industries ?? [], mine.industries ?? [], theirs.industries ?? []);
  const stages = mergedList(base?.stages ?? [], mine.stages ?? [], theirs.stages ?? []);
  const replies = mergedList(base?.replies ?? [], mine.replies, theirs.replies);
  return {
    id: mine.id,
    language: changedOf(base?.language ?? mine.language, mine.language, theirs.language),
    type: changedOf(base?.type ?? mine.type, mine.type, theirs.type),
    ...(when.length === 0 ? {} : { when }),
    ...(industries.length === 0 ? {} : { industries }),
    ...(stages.length === 0 ? {} : { stages }),
    // Each took out what the other left: an entry without a reply is none.
    replies: replies.length === 0 ? mine.replies : replies,
  };
}
