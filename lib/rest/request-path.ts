export interface RequestPath {
  /** From the first slash, without query, as it was sent. */
  readonly path: string;
  /** `?` and what follows, or nothing. */
  readonly query: string;
  /** Decoded, without the leading empty one; null where any part is no valid text of its own. */
  readonly segments: readonly string[] | null;
}

/**
 * The request target taken apart by hand: `new URL` would take `//name` for another host and throws on some.
 * Null for targets that are no path: `*`, an authority, nothing.
 */
export function requestPath(target: string): RequestPath | null {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? "";
  const rest = target.slice(origin.length);
  const relative = origin !== "" && !rest.startsWith("/") ? `/${rest}` : rest;
  if (!relative.startsWith("/")) return null;
  const end = relative.search(/[?#]/);
  const path = end < 0 ? relative : relative.slice(0, end);
  const query = end >= 0 && relative[end] === "?" ? (relative.slice(end).split("#", 1)[0] ?? "") : "";
  return { path, query, segments: decodeSegments(path) };
}

function decodeSegments(path: string): readonly string[] | null {
  if (path === "/") return [];
  const segments: string[] = [];
  for (const part of path.slice(1).split("/")) {
    let segment: string;
    try {
      segment = decodeURIComponent(part);
    } catch {
      return null;
    }
    if (segment === "" || segment === "." || segment === ".." || /[/\\]|\p{Cc}/u.test(segment)) return null;
    segments.push(segment);
  }
  return segments;
}
