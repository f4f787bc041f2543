import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * One reply and no figures. A playbook lies in the database as the calls do: whoever searches the data
 * folder for what was said must not find the shipped one's hundreds of sentences instead.
 */
const smallPlaybook = {
  name: "default",
  title: "Corto",
  product: "",
  competitors: [],
  keyterms: { es: [], en: [] },
  entries: [{ id: "es-price", language: "es", type: "price", replies: ["¿Comparado con qué?"] }],
};

/** Writes it into the folder; what comes back goes into `PLAYBOOK_PATH`. */
export function writeSmallPlaybook(folder: string): string {
  const path = join(folder, "playbook.json");
  writeFileSync(path, JSON.stringify(smallPlaybook));
  return path;
}
