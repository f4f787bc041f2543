import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import { callListQuerySchema } from "../contract/rest.ts";
import { callSearch } from "./call-replies.ts";
import { noQuery, readQuery } from "./request-query.ts";

function faults(url: string): string[] {
  try {
    readQuery(url, callListQuerySchema);
  } catch (error) {
    if (error instanceof CallError && error.code === "malformed")
      return error.issues?.map(({ path }) => path) ?? [];
    throw error;
  }
  return [];
}

describe("a query", () => {
  it("is read as its schema says, with defaults", () => {
    expect(readQuery("http://localhost/calls?q=ma%C3%B1ana+a&limit=5", callListQuerySchema)).toEqual({
      q: "mañana a",
      limit: 5,
    });
    expect(readQuery("/calls", callListQuerySchema)).toEqual({ limit: 20 });
    expect(readQuery("/calls?", noQuery)).toEqual({});
  });

  it.each([
    ["/calls?query=x", ["query"]],
    ["/calls?limit=1&limit=2", ["limit"]],
    ["/calls?__proto__=1", ["__proto__"]],
    ["/calls?limit=0", ["limit"]],
    ["/calls?limit=101", ["limit"]],
    ["/calls?limit=abc", ["limit"]],
    ["/calls?nope=", ["nope"]],
    ["/calls?objection=cost&status=x", ["objection", "status"]],
    ["/calls?from=yesterday", ["from"]],
    ["/calls?q=%00", ["q"]],
    [`/calls?q=${"x".repeat(201)}`, ["q"]],
  ])("%s is malformed at %j", (url, paths) => {
    expect(faults(url)).toEqual(paths);
  });

  it("takes a parameter without a value for one that is not there", () => {
    const url = "/calls?q=&from=&to=&objection=&status=&limit=&cursor=";
    expect(readQuery(url, callListQuerySchema)).toEqual({ limit: 20 });
  });

  it("takes percent signs that encode nothing as they stand", () => {
    expect(readQuery("/calls?q=100%", callListQuerySchema).q).toBe("100%");
  });
});

describe("the search of a query", () => {
  it("means the whole of a day that ends a span, and blanks are no words", () => {
    const query = readQuery("/calls?q=+&from=2030-01-02&to=2030-01-02", callListQuerySchema);
    expect(callSearch(query)).toEqual({
      query: null,
      fromMs: Date.UTC(2030, 0, 2),
      toMs: Date.UTC(2030, 0, 3) - 1,
      objection: null,
      status: null,
      limit: 20,
      cursor: null,
    });
  });

  it("takes times with any offset to the millisecond", () => {
    const query = readQuery("/calls?to=2030-01-02T10:00:00%2B02:00", callListQuerySchema);
    expect(callSearch(query).toMs).toBe(Date.UTC(2030, 0, 2, 8));
  });
});
