import { describe, expect, it } from "vitest";
import { callIdPattern } from "../contract/vocabulary.ts";
import { randomIds } from "./ids.ts";
import { workerEntry } from "./worker-entry.ts";

describe("the entry of a worker thread", () => {
  it("is the source, run through the TypeScript loader, when the product runs from sources", () => {
    const entry = workerEntry("store");
    expect(entry.url.href).toBe(new URL("../../workers/store.ts", import.meta.url).href);
    expect(entry.execArgv[0]).toBe("--import");
    expect(entry.execArgv[1]).toMatch(/^file:.*tsx/);
  });

  it.each(["file:///srv/app/dist/server.js", "file:///srv/app/dist/bin/transcribe.js"])(
    "is the bundle beside %s in production",
    (from) => {
      expect(workerEntry("store", from)).toEqual({
        url: new URL("file:///srv/app/dist/workers/store.js"),
        execArgv: [],
      });
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
