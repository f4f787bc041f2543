/** `mm:ss` of call audio, `h:mm:ss` from one hour on. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours === 0 ? rest : `${String(hours)}:${rest}`;
}

/** `hh:mm:ss` and milliseconds after `mark`, as subtitles write it: a comma in SRT, a point in WebVTT. */
export function subtitleTime(ms: number, mark: "," | "."): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map(two).join(":")}${mark}${String(ms % 1000).padStart(3, "0")}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
