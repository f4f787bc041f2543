import { defineConfig } from "@playwright/test";

const chromium = process.env.CHROMIUM_PATH;

export default defineConfig({
  testDir: "e2e",
  // Ten real minutes of silence: part of `npm run soak`.
  ...(process.env.LONG_BROWSER_RUNS === "1" ? {} : { testIgnore: "forgotten-call.spec.ts" }),
  // Most of a run is waiting for speech to be spoken; three would want more than two cores have.
  workers: 2,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  outputDir: "test-results",
  reporter: [
    ["list"],
    ["json", { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ?? "artifacts/reports/playwright.json" }],
  ],
  use: {
    locale: "es-ES",
    // Without pictures of every moment: the recogniser needs the processor.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
