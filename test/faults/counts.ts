/** How often each fault is provoked: a few times here, and as `npm run soak` says. */
export function times(few: number, setting: string): number {
  const asked = Number(process.env[setting] ?? "");
  return Number.isInteger(asked) && asked > 0 ? asked : few;
}
