const elsewhere = "http://own.invalid";

/**
 * The path to come back to after signing in, or `/`: never another site, however it is written, and nothing that only
 * programs ask for.
 */
export function ownPath(next: string | null | undefined, isPage: (path: string) => boolean): string {
  if (next === null || next === undefined || next.length > 1000) return "/";
  // A browser takes a backslash for a slash and leaves out tabs and line ends; both make other sites of paths.
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(next) || next.includes("\\")) return "/";
  if (!URL.canParse(next, elsewhere)) return "/";
  const url = new URL(next, elsewhere);
  if (url.origin !== elsewhere || !isPage(url.pathname) || url.pathname === "/sign-in") return "/";
  const path = url.pathname + url.search;
  return path.startsWith("//") ? "/" : path;
}
