import { describe, expect, it } from "vitest";
import type { Playbook } from "../contract/playbook.ts";
import { createPlaybookAccess } from "./playbook-access.ts";
import { localPrincipal } from "./principal.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { MemoryPlaybooks } from "./testing/memory-playbooks.ts";

const playbook: Playbook = {
  name: "mine",
  title: "Mine",
  product: "",
  competitors: [],
  keyterms: { es: [], en: [] },
  entries: [{ id: "a", language: "es", type: "price", replies: ["Uno."] }],
};

describe("the playbooks of a principal", () => {
  it("are read with what became of their replies, and as a file without", async () => {
    const store = new MemoryPlaybooks();
    const asked: string[] = [];
    const access = createPlaybookAccess({
      store,
      clock: new ManualClock(),
      audit: { note: () => Promise.resolve() },
      detector: { detect: () => null, doubt: () => null },
      rank: () => ({ stage: "discovery", industry: null, competitor: null, replies: [] }),
      outcomesOf: (name) => {
        asked.push(name);
        return Promise.resolve({});
      },
    })(localPrincipal);
    await access.create(playbook, "created");
    expect((await access.read("mine", null)).stored.version).toBe(1);
    expect(asked).toEqual(["mine", "mine"]);
    expect((await access.readFile("mine", 1)).playbook).toEqual(playbook);
    await expect(access.readFile("mine", 2)).rejects.toMatchObject({ code: "playbook_not_found" });
    expect(asked).toHaveLength(2);
  });
});
