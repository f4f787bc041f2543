import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PlaybookSave, PlaybookStore } from "../call/playbook-ports.ts";
import type { Playbook } from "../contract/playbook.ts";

/** A store that can be closed and opened again on what it keeps. */
export interface PlaybooksUnderTest {
  readonly store: PlaybookStore;
  restart(): Promise<PlaybookStore>;
  close(): Promise<void>;
}

export function samplePlaybook(name: string, title = "Ventas “de verdad” 🎧"): Playbook {
  return {
    name,
    title,
    product: "",
    competitors: [],
    keyterms: { es: [], en: [] },
    entries: [{ id: "es-price", language: "es", type: "price", replies: ["¿Comparado con qué?"] }],
  };
}

const sampleSave = (playbook: Playbook, changes: Partial<PlaybookSave> = {}): PlaybookSave => ({
  playbook,
  basedOn: null,
  origin: "created",
  restoredFrom: null,
  savedAtMs: 1_800_000_000_000,
  savedBy: "Eva",
  ...changes,
});

/** What every `PlaybookStore` has to do. */
export function describePlaybookStore(name: string, open: () => Promise<PlaybooksUnderTest>): void {
  describe(name, () => {
    let opened: PlaybooksUnderTest;
    let store: PlaybookStore;

    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    }, 60_000);
    afterAll(async () => {
      await opened.close();
    });

    test("what is not there is null, and nothing can be put on top of it", async () => {
      expect(await store.readPlaybook("nothing", null)).toBeNull();
      expect(await store.playbookVersions("nothing")).toBeNull();
      const save = sampleSave(samplePlaybook("nothing"), { basedOn: 1 });
      await expect(store.savePlaybook(save)).rejects.toMatchObject({ code: "playbook_not_found" });
    });

    test("a playbook is read as it was saved, and every version stays", async () => {
      const first = samplePlaybook("kept");
      const second = { ...samplePlaybook("kept", "Otra"), product: "Ruta Clara" };
      expect(await store.savePlaybook(sampleSave(first))).toBe(1);
      const edit = { basedOn: 1, origin: "edited", savedBy: "" } as const;
      expect(await store.savePlaybook(sampleSave(second, edit))).toBe(2);
      expect(await store.readPlaybook("kept", null)).toMatchObject({
        name: "kept",
        version: 2,
        currentVersion: 2,
        title: "Otra",
        playbook: second,
      });
      expect(await store.readPlaybook("kept", 1)).toMatchObject({
        version: 1,
        currentVersion: 2,
        savedBy: "Eva",
        savedAtMs: 1_800_000_000_000,
        playbook: first,
      });
      expect(await store.readPlaybook("kept", 3)).toBeNull();
      const restore = { basedOn: 2, origin: "restored", restoredFrom: 1 } as const;
      expect(await store.savePlaybook(sampleSave(first, restore))).toBe(3);
      expect(await store.playbookVersions("kept")).toMatchObject([
        { version: 3, origin: "restored", restoredFrom: 1 },
        { version: 2, origin: "edited", restoredFrom: null },
        { version: 1, origin: "created" },
      ]);
    });

    test("of two who change the same version one is told, and loses nothing that is stored", async () => {
      await store.savePlaybook(sampleSave(samplePlaybook("shared")));
      const saves = ["una", "otra"].map((title) =>
        store.savePlaybook(sampleSave(samplePlaybook("shared", title), { basedOn: 1 })),
      );
      const results = await Promise.allSettled(saves);
      expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(results.find(({ status }) => status === "rejected")).toMatchObject({
        reason: { code: "version_conflict" },
      });
      expect(await store.playbookVersions("shared")).toHaveLength(2);
      await expect(store.savePlaybook(sampleSave(samplePlaybook("shared")))).rejects.toMatchObject({
        code: "playbook_exists",
      });
    });

    test("playbooks are listed oldest first in their current version, also after a restart", async () => {
      store = await opened.restart();
      const rows = await store.listPlaybooks();
      expect(rows.map(({ name, version, entries }) => [name, version, entries])).toEqual([
        ["kept", 3, 1],
        ["shared", 2, 1],
      ]);
      expect(await store.replyOutcomes("kept", 0)).toEqual({});
    });
  });
}
