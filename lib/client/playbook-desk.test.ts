import { describe, expect, it } from "vitest";
import type { Playbook } from "../contract/playbook.ts";
import type { PlaybookReply } from "../contract/playbook-rest.ts";
import { mergedDesk, openedDesk, savedDesk } from "./playbook-desk.ts";

const playbook: Playbook = {
  name: "mine",
  title: "Mine",
  product: "",
  competitors: [],
  keyterms: { es: [], en: [] },
  entries: [{ id: "a", language: "es", type: "price", replies: ["Uno."] }],
};
const version = (number: number, of: Playbook): PlaybookReply => ({
  name: of.name,
  version: number,
  current_version: number,
  title: of.title,
  origin: "edited",
  restored_from: null,
  saved_at: "2026-01-01T00:00:00.000Z",
  saved_by: "",
  playbook: of,
  outcomes: {},
});

describe("a playbook that is being changed", () => {
  const open = openedDesk(null, version(1, playbook));
  const sent = { ...open, draft: { ...playbook, title: " Sent " } };
  const reply = version(2, { ...playbook, title: "Sent" });

  it("is as it was stored after a save, and its fields go on", () => {
    expect(savedDesk(sent, sent, reply)).toEqual({ ...sent, stored: reply, draft: reply.playbook });
  });

  it("keeps what is written while a save is under way", () => {
    const later = { ...sent, draft: { ...sent.draft, product: "Ruta" } };
    const saved = savedDesk(later, sent, reply);
    expect(saved.draft).toBe(later.draft);
    expect(saved).toMatchObject({ stored: { version: 2 }, round: open.round });
  });

  it("stays with what was opened while a save was under way", () => {
    const other = openedDesk(sent, version(7, { ...playbook, name: "other" }));
    expect(savedDesk(other, sent, reply)).toBe(other);
  });

  it("begins its fields anew when it is loaded, thrown away or merged", () => {
    const discarded = openedDesk(sent, sent.stored);
    expect(discarded).toMatchObject({ draft: playbook, round: open.round + 1 });
    const merged = mergedDesk(sent, version(2, { ...playbook, title: "Theirs", product: "Ruta" }));
    expect(merged).toMatchObject({
      stored: { version: 2 },
      draft: { title: " Sent ", product: "Ruta" },
      round: open.round + 1,
      keptMine: ["title"],
    });
    expect(savedDesk(merged, merged, reply).keptMine).toEqual([]);
  });
});
