import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { databasePathOf } from "./database-url.ts";

describe("DATABASE_URL", () => {
  test.each([
    ["file:./data/coach.db", resolve("data/coach.db")],
    ["file:coach.db", resolve("coach.db")],
    ["file:/var/lib/coach.db", "/var/lib/coach.db"],
    ["file:///var/lib/my%20coach.db", "/var/lib/my coach.db"],
    ["file:./my%20data/coach.db", resolve("my data/coach.db")],
  ])("%s names %s", (url, path) => {
    expect(databasePathOf(url)).toBe(path);
  });

  test.each([
    ["postgresql://user:secret@host/db", "PostgreSQL"],
    ["mysql://host/db", "local file"],
    ["", "local file"],
    ["file:", "no file"],
    ["file::memory:", "no file"],
    ["file:./data/", "no file"],
    ["file:./coach.db?mode=ro", "parameters"],
    ["file:./%zz.db", "valid"],
  ])("%s is refused with a reason", (url, reason) => {
    expect(() => databasePathOf(url)).toThrow(reason);
    expect(() => databasePathOf(url)).not.toThrow("secret");
  });
});
