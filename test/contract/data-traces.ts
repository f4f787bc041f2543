import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Every file below the folder, whatever it is for. */
async function bytesBelow(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    // A file may go while others are read.
    files.map((file) => readFile(join(file.parentPath, file.name)).catch(() => Buffer.alloc(0))),
  );
}

function plain(word: string): string {
  return word.normalize("NFD").replaceAll(/\p{M}/gu, "");
}

/** The word as a program might write it: with and without accents, in UTF-8 and both orders of UTF-16. */
function spellings(word: string): string[] {
  const lower = word.toLowerCase();
  return [...new Set([lower, plain(lower)])].flatMap((text) => {
    const wide = Buffer.from(text, "utf16le");
    return [Buffer.from(text), wide, Buffer.from(wide).swap16()].map((bytes) => bytes.toString("latin1"));
  });
}

/** Which of the words, in any case and spelling, stand anywhere in the bytes of the folder's files. */
export async function wordTraces(folder: string, words: readonly string[]): Promise<string[]> {
  const all = Buffer.concat(await bytesBelow(folder));
  // Bytes above 127 stay as they are, so that an accent keeps its UTF-8.
  for (let at = 0; at < all.length; at += 1) {
    const byte = all[at] ?? 0;
    if (byte >= 0x41 && byte <= 0x5a) all[at] = byte + 0x20;
  }
  const text = all.toString("latin1");
  return words.filter((word) => spellings(word).some((spelling) => text.includes(spelling)));
}

/** Which of the pieces of audio stand anywhere in the bytes of the folder's files. */
export async function audioTraces(folder: string, pieces: readonly Buffer[]): Promise<number> {
  const files = await bytesBelow(folder);
  return pieces.filter((piece) => files.some((file) => file.includes(piece))).length;
}

/** Words of at least five letters that are in the first text and do not begin any word of the second. */
export function ownWords(text: string, other: string): string[] {
  const wordsOf = (from: string): string[] => from.toLowerCase().match(/\p{L}{5,}/gu) ?? [];
  const others = plain(other.toLowerCase());
  return [...new Set(wordsOf(text))].filter((word) => !others.includes(plain(word)));
}
