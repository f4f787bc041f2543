/** `m:ss`, from one hour on `h:mm:ss`. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const two = (value: number): string => value.toString().padStart(2, "0");
  return hours > 0
    ? `${hours.toString()}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes.toString()}:${two(seconds % 60)}`;
}
