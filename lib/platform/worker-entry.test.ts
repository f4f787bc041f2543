import { describe, expect, it } from "vitest";
import { callIdPattern } from "../contract/vocabulary.ts";
import { randomIds } from "./ids.ts";
import { workerEntry } from "./worker-entry.ts";

describe("the entry of a worker thread", () => {
  it("is what the scripts bundle it to when the product runs from sources", () => {
    const { href } = workerEntry("store", import.meta.url);
    expect(href).toBe(new URL("../../.cache/workers/store.js", import.meta.url).href);
  });

  it.each(["file:///srv/app/dist/server.js", "file:///srv/app/dist/bin/transcribe.js"])(
    "is the bundle beside %s in production",
    (from) => {
      expect(workerEntry("store", from).href).toBe("file:///srv/app/dist/workers/store.js");
    },
  );
});

describe("ids", () => {
  it("begin with their prefix, fit the contract's pattern and do not come twice", () => {
    const ids = Array.from({ length: 1000 }, () => randomIds.next("call_"));
    expect(new Set(ids).size).toBe(1000);
    for (const id of ids) expect(id).toMatch(callIdPattern);
    expect(ids[0]).toMatch(/^call_/);
  });
});
