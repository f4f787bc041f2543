import { describe, expect, it } from "vitest";
import { tokenList } from "./token-list.ts";

describe("the list of tokens", () => {
  it("has a line for each id: the token's bytes in base64, a tab, the id", () => {
    expect(tokenList(["<unk>", "<0xC3>", "▁ñ"])).toBe("PHVuaz4=\t0\nww==\t1\n4paBw7E=\t2\n");
  });

  it("covers the vocabulary of the models", () => {
    expect(tokenList().trimEnd().split("\n")).toHaveLength(32_000);
  });
});
