// Every check, from a fresh clone: prints one line a step and, at the end, how many tests passed.
import { execFile, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./installed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const reports = join(root, "artifacts", "reports");
const bin = (name) => join(root, "node_modules", ".bin", name);
const only = process.argv.slice(2);

const failed = [];
let testsPassed = 0;
let testsFailed = 0;

function execute(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
    child.once("error", (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** For steps beside one another: what one has to say comes in one piece. */
function printedWhole(command, args) {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: Infinity }, (error, stdout, stderr) => {
      process.stdout.write(stdout + stderr);
      if (error !== null && typeof error.code !== "number") console.error(error.message);
      resolve(error === null ? 0 : 1);
    });
  });
}

async function step(name, run) {
  if (only.length > 0 && !only.includes(name)) return;
  const startedMs = Date.now();
  console.log(`\n── ${name}`);
  let code = 1;
  try {
    code = await run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  console.log(`── ${name}: ${code === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  if (code !== 0) failed.push(name);
}

/** A run that found no test has not passed. */
function countVitest(path) {
  const report = JSON.parse(readFileSync(path, "utf8"));
  testsPassed += report.numPassedTests;
  testsFailed += report.numFailedTests + report.numFailedTestSuites;
  if (report.numPassedTests === 0 || report.numPendingTests + report.numTodoTests > 0) {
    console.error(`${report.numPendingTests + report.numTodoTests} tests were skipped.`);
    return 1;
  }
  return 0;
}

function countPlaywright(path) {
  const { stats } = JSON.parse(readFileSync(path, "utf8"));
  testsPassed += stats.expected;
  testsFailed += stats.unexpected;
  if (stats.expected === 0 || stats.skipped + stats.flaky > 0) {
    console.error(`${stats.skipped} tests were skipped and ${stats.flaky} were flaky.`);
    return 1;
  }
  return 0;
}

await ensureInstalled(root);
const { ensureBuilt, generateClient } = await import("./built.mjs");
const { ensureChromium } = await import("./chromium.mjs");
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

await step("client", async () => {
  await generateClient(root);
  return 0;
});
await step("build", async () => {
  await ensureBuilt(root);
  return 0;
});
const boundaries = ["lib", "app", "workers", "worklets", "bin", "bench", "server.ts", "--output-type", "err"];
// The linter takes as long as all the others, and a core of its own.
await Promise.all([
  step("lint", () => printedWhole(bin("eslint"), ["--max-warnings", "0", "."])),
  (async () => {
    await step("types", () => printedWhole(bin("tsc"), ["--noEmit", "-p", "."]));
    await step("format", () => printedWhole(bin("prettier"), ["--check", "--log-level", "warn", "."]));
    await step("boundaries", () => printedWhole(bin("depcruise"), boundaries));
    await step("dead code", () => printedWhole(bin("knip"), ["--no-progress"]));
  })(),
]);
await step("unit", async () => {
  const report = join(reports, "vitest.json");
  const code = await execute(bin("vitest"), [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  return countVitest(report) + code;
});
await step("browser", async () => {
  const report = join(reports, "playwright.json");
  const code = await execute(bin("playwright"), ["test"], {
    CHROMIUM_PATH: ensureChromium(),
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  return countPlaywright(report) + code;
});

if (failed.length > 0) console.log(`\nFailed: ${failed.join(", ")}`);
// A failed check without tests of its own (format, types, lint …) counts as one failure.
const failures = Math.max(testsFailed, failed.length);
console.log(`\n${testsPassed} passed, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
