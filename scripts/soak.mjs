// The tests at full counts and length, then the measurements: half an hour to an hour on two cores.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./installed.mjs";
import { run } from "./run.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
await ensureInstalled(root);
const { bundleWorkers, ensureBuilt } = await import("./built.mjs");
const { ensureChromium } = await import("./chromium.mjs");
await ensureBuilt(root);
await bundleWorkers(root);
const bin = (name) => join(root, "node_modules", ".bin", name);

const steps = [
  [
    "property tests, 20,000 cases each",
    () =>
      run(bin("vitest"), ["run", "lib"], {
        env: { ...process.env, PROPERTY_RUNS: "20000", TEST_TIMEOUT_MS: "1200000" },
      }),
  ],
  [
    "the contract, three times",
    async () => {
      for (let round = 0; round < 3; round += 1) await run(bin("vitest"), ["run", "test/contract"]);
    },
  ],
  [
    "every browser run, three times",
    () =>
      run(bin("playwright"), ["test", "--repeat-each", "3"], {
        env: { ...process.env, CHROMIUM_PATH: ensureChromium() },
      }),
  ],
  [
    "faults of the browser's side, twenty times each, and with a minute without network, asleep or frozen",
    async () => {
      const spec = ["test", "e2e/unbroken-call.spec.ts"];
      const env = { ...process.env, CHROMIUM_PATH: ensureChromium() };
      await run(bin("playwright"), spec, { env: { ...env, UPLINK_ROUNDS: "20" } });
      await run(bin("playwright"), [...spec, "--grep", "network gone|half-open|held up|frozen|asleep"], {
        env: { ...env, UPLINK_ROUNDS: "2", UPLINK_FAULT_MS: "60000" },
      });
    },
  ],
  [
    "faults of the server",
    () =>
      run(bin("vitest"), ["run", "test/faults"], {
        env: { ...process.env, FAULT_KILLS: "60", FAULT_ROUNDS: "5", FAULT_SECONDS: "30" },
      }),
  ],
  [
    "fuzzing, 100,000 cases on each input",
    () => run(bin("vitest"), ["run", "test/fuzz"], { env: { ...process.env, FUZZ_CASES: "100000" } }),
  ],
  [
    "the detector's weights, made again to the bit",
    () => run("npm", ["run", "-s", "train", "--", "--check"]),
  ],
  [
    "50 calls with random faults for 20 minutes",
    () => run(process.execPath, ["--import", "tsx", "bench/soak-calls.ts"]),
  ],
  [
    "what neighbours notice of bad clients",
    () => run(process.execPath, ["--import", "tsx", "bench/pressure.ts", "--rounds", "5", "--seconds", "10"]),
  ],
  [
    "the same with real speech",
    () => run(process.execPath, ["--import", "tsx", "bench/pressure.ts", "--engine", "embedded"]),
  ],
  [
    "a live call beside others that want the engine",
    () => run(process.execPath, ["--import", "tsx", "bench/crowded-latency.ts", "--rounds", "3"]),
  ],
  [
    "a forgotten call, twelve minutes in a browser",
    () =>
      run(bin("playwright"), ["test", "e2e/forgotten-call.spec.ts"], {
        env: { ...process.env, CHROMIUM_PATH: ensureChromium(), LONG_BROWSER_RUNS: "1" },
      }),
  ],
  ["latency and load", () => run("npm", ["run", "-s", "bench", "--", "--rounds", "5", "--seconds", "60"])],
  ["stored calls", () => run(process.execPath, ["--import", "tsx", "bench/stored-calls.ts"])],
];
const failed = [];
for (const [name, soak] of steps) {
  console.log(`\n── ${name}`);
  try {
    await soak();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    failed.push(name);
  }
}
console.log(failed.length === 0 ? "\nSoak passed." : `\nFailed: ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
