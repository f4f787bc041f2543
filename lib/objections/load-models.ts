import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ObjectionModels } from "./detector.ts";
import { readModel } from "./model.ts";

/**
 * The weights in `folder`, one file a language, as `npm run train` writes them. Rejects when one is missing or
 * was trained for other features.
 */
export async function loadModels(
  folder: string,
  languages: readonly ("es" | "en")[] = ["es", "en"],
): Promise<ObjectionModels> {
  const read = async (language: "es" | "en"): Promise<ObjectionModels> => ({
    [language]: readModel(await readFile(join(folder, `${language}.bin`))),
  });
  return Object.assign({}, ...(await Promise.all(languages.map(read)))) as ObjectionModels;
}
