import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import type { PlaybookStore, ReplyOutcomes } from "../call/playbook-ports.ts";
import { MemoryPlaybooks } from "../call/testing/memory-playbooks.ts";
import { ManualClock } from "../call/testing/manual-clock.ts";
import type { Playbook } from "../contract/playbook.ts";
import { replyId } from "../contract/reply-id.ts";
import { createOutcomeReader } from "./outcome-reader.ts";
import { PlaybookShelf } from "./playbook-shelf.ts";

const book = (name: string, reply: string): Playbook => ({
  name,
  title: name,
  product: "Ruta Clara",
  competitors: ["Acme Cloud"],
  keyterms: { es: ["albarán"], en: ["waybill"] },
  entries: [{ id: "a", language: "es", type: "price", replies: [reply, "Otra."] }],
});
const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => logger,
};
const said = {
  type: "price",
  language: "es",
  text: "es caro",
  customer: {},
  shownEntries: [],
  context: [],
  atMs: 0,
} as const;
const change = { origin: "edited", restoredFrom: null, savedAtMs: 0, savedBy: "" } as const;

function shelfOn(store: PlaybookStore, clock = new ManualClock()): PlaybookShelf {
  return new PlaybookShelf({ store, clock, outcomesOf: createOutcomeReader({ store, clock, logger }) });
}

describe("the shelf of playbooks", () => {
  it("is stocked once: what is stored already stays", async () => {
    const store = new MemoryPlaybooks();
    await shelfOn(store).stockWith(() => Promise.resolve(book("shipped", "Uno.")));
    await shelfOn(store).stockWith(() => Promise.reject(new Error("read again")));
    expect(await store.listPlaybooks()).toMatchObject([{ name: "shipped", version: 1, origin: "shipped" }]);
  });

  it("opens the first playbook without a name, and an old version when asked", async () => {
    const store = new MemoryPlaybooks();
    const shelf = shelfOn(store);
    await shelf.stockWith(() => Promise.resolve(book("first", "Uno.")));
    await store.savePlaybook({ ...change, playbook: book("second", "Dos."), basedOn: null });
    await store.savePlaybook({ ...change, playbook: book("first", "Tres."), basedOn: 1 });
    expect(await shelf.open(null, null)).toMatchObject({ name: "first", version: 2 });
    expect(await shelf.open("default", null)).toMatchObject({ name: "first", version: 2 });
    expect(await shelf.open("second", null)).toMatchObject({ name: "second", version: 1 });
    const old = await shelf.open("first", 1);
    expect(old.suggester.suggest(said)?.text).toBe("Uno.");
    await expect(shelf.open("nothing", null)).rejects.toBeInstanceOf(CallError);
    await expect(shelf.open("first", 9)).rejects.toMatchObject({ code: "invalid" });
  });

  it("ranks by what became of the replies, looked at again after a minute at most", async () => {
    const store = new MemoryPlaybooks();
    const clock = new ManualClock();
    const shelf = shelfOn(store, clock);
    await shelf.stockWith(() => Promise.resolve(book("first", "Uno.")));
    const before = await shelf.open(null, null);
    const outcomes: ReplyOutcomes = {
      [replyId("a", "Otra.")]: { shown: 5, used: 5, said: 0, dismissed: 0, wrong: 0 },
    };
    store.outcomes = outcomes;
    await clock.advance(61_000);
    const later = await shelf.open(null, null);
    expect(before.suggester.suggest(said)?.text).toBe("Uno.");
    expect(later.suggester.suggest(said)?.text).toBe("Otra.");
    store.failing = true;
    await clock.advance(61_000);
    await expect(shelf.open("first", null)).resolves.toBeDefined();
  });

  it("says how often cards may come, as the playbook or else as the product has it", async () => {
    const store = new MemoryPlaybooks();
    const shelf = shelfOn(store);
    await shelf.stockWith(() => Promise.resolve(book("first", "Uno.")));
    const quiet = {
      ...book("quiet", "Dos."),
      coaching: { cooldown_sec: 0, provisional: false, nudges: false },
    };
    await store.savePlaybook({ ...change, playbook: quiet, basedOn: null });
    const coachingOf = async (name: string) => (await shelf.open(name, null)).suggester.coaching;
    expect(await coachingOf("first")).toEqual({
      cooldownMs: 45_000,
      maxCardsPerMinute: 3,
      provisional: true,
      nudges: true,
    });
    expect(await coachingOf("quiet")).toEqual({
      cooldownMs: 0,
      maxCardsPerMinute: 3,
      provisional: false,
      nudges: false,
    });
  });

  it("names product, competitors and key terms for the engine, and says when nothing is left but repeats", async () => {
    const store = new MemoryPlaybooks();
    const shelf = shelfOn(store);
    await shelf.stockWith(() => Promise.resolve(book("first", "Uno.")));
    const { suggester } = await shelf.open(null, null);
    expect(suggester.keyterms("es")).toEqual(["Ruta Clara", "Acme Cloud", "albarán"]);
    expect(suggester.keyterms("multi")).toContain("waybill");
    expect(suggester.watched("es")).toEqual({ competitors: ["Acme Cloud"], keywords: ["albarán"] });
    const shownEntries = [replyId("a", "Uno."), replyId("a", "Otra.")];
    expect(suggester.suggest(said)).toMatchObject({ fits: true });
    expect(suggester.suggest({ ...said, shownEntries })).toMatchObject({ text: "Uno.", fits: false });
    expect(suggester.suggest({ ...said, type: "trust" })).toBeNull();
    expect(suggester.suggest({ ...said, language: "en" })).toBeNull();
  });
});
