import llamaTokenizer from "llama-tokenizer-js";

const singleByte = /^<0x([0-9A-F]{2})>$/;

/**
 * The list of tokens as the recogniser's runtime reads it: a line per id, the token's bytes in base64,
 * a tab, the id. The models share the vocabulary of the Llama tokenizer.
 */
export function tokenList(vocabulary: readonly string[] = llamaTokenizer.vocabById): string {
  return vocabulary
    .map((token, id) => {
      const byte = singleByte.exec(token)?.[1];
      const bytes = byte === undefined ? Buffer.from(token, "utf8") : Buffer.from(byte, "hex");
      return `${bytes.toString("base64")}\t${String(id)}\n`;
    })
    .join("");
}
