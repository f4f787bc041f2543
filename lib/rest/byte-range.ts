import type { IncomingHttpHeaders } from "node:http";

export type RangeChoice =
  | { readonly kind: "whole" }
  /** Bytes [start, end). */
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "unsatisfiable" };

/**
 * RFC 9110, 14.2: one range of bytes. Other units, several ranges and what is no range at all are ignored, which
 * the RFC allows; so is everything but GET.
 */
export function chooseRange(options: {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly etag: string;
  readonly byteLength: number;
}): RangeChoice {
  const { method, headers, etag, byteLength } = options;
  const whole = { kind: "whole" } as const;
  if (method !== "GET" || headers.range === undefined) return whole;
  const ifRange = headers["if-range"];
  if (ifRange !== undefined && (typeof ifRange !== "string" || ifRange.trim() !== etag)) return whole;

  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(headers.range.trim()) ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return whole;
  if (first === "") {
    const length = Number(last);
    if (length === 0 || byteLength === 0) return { kind: "unsatisfiable" };
    return { kind: "part", start: Math.max(0, byteLength - length), end: byteLength };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return whole;
  if (start >= byteLength) return { kind: "unsatisfiable" };
  return { kind: "part", start, end: last === "" ? byteLength : Math.min(byteLength, Number(last) + 1) };
}

/** RFC 9110, 13.1.2: whether the client has this version already. */
export function isUnchanged(headers: IncomingHttpHeaders, etag: string): boolean {
  const known = headers["if-none-match"];
  if (known === undefined) return false;
  return known.trim() === "*" || known.split(",").some((entry) => entry.trim().replace(/^W\//, "") === etag);
}
