import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ObjectionType } from "../../lib/contract/vocabulary.ts";

/** In Spanish. */
interface Entry {
  readonly type: ObjectionType;
  readonly reply: string;
}

/** Of an objection that the calls of these tests do raise. */
const oneReply: Entry = { type: "price", reply: "¿Comparado con qué?" };

/**
 * Writes a playbook of one reply and no figures into the folder; what comes back goes into `PLAYBOOK_PATH`. A playbook lies
 * in the database as the calls do: whoever searches the data folder for what was said must not find the shipped one's
 * hundreds of sentences instead.
 */
export function writeSmallPlaybook(folder: string, { type, reply }: Entry = oneReply): string {
  const path = join(folder, "playbook.json");
  const playbook = {
    name: "default",
    title: "Small",
    product: "",
    competitors: [],
    keyterms: { es: [], en: [] },
    entries: [{ id: "one", language: "es", type, replies: [reply] }],
  };
  writeFileSync(path, JSON.stringify(playbook));
  return path;
}
