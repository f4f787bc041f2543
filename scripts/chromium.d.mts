export function findChromium(): string | null;
/** Throws with what to install where there is no browser and none can be installed. */
export function ensureChromium(): string;
