/**
 * Where `workers/NAME` runs from. `from` is the `import.meta.url` of the running program: beside a bundle
 * (`dist/server.js`) lies the bundled worker; programs that run from TypeScript find it in `.cache/workers`,
 * where `scripts/` bundle it before they start one: loaders of TypeScript do not reach into worker threads.
 */
export function workerEntry(name: string, from: string): URL {
  if (from.endsWith(".ts")) return new URL(`../../.cache/workers/${name}.js`, import.meta.url);
  return new URL(`workers/${name}.js`, /^.*\/dist\//.exec(from)?.[0] ?? from);
}
