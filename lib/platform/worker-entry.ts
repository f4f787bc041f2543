import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export interface WorkerEntry {
  readonly url: URL;
  /** What `new Worker` needs in `execArgv` to run it. */
  readonly execArgv: readonly string[];
}

/**
 * Where `workers/NAME` runs from. `from` is the `import.meta.url` of the running module: in a bundle
 * (`dist/server.js`, `dist/bin/NAME.js`) the bundled worker beside it, in TypeScript sources the source itself.
 */
export function workerEntry(name: string, from: string = import.meta.url): WorkerEntry {
  if (from.endsWith(".ts")) {
    const loader = pathToFileURL(createRequire(from).resolve("tsx")).href;
    return { url: new URL(`../../workers/${name}.ts`, import.meta.url), execArgv: ["--import", loader] };
  }
  const dist = /^.*\/dist\//.exec(from)?.[0];
  return { url: new URL(`workers/${name}.js`, dist ?? from), execArgv: [] };
}
