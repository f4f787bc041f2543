import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{lib,app,bin,data,docs,prisma,scripts,test,workers,worklets,eval}/**/*.test.{ts,tsx}"],
    pool: "forks",
    // Suites start worker threads, child processes and models of their own.
    maxWorkers: 2,
    setupFiles: ["test/property-runs.ts"],
    testTimeout: Number(process.env.TEST_TIMEOUT_MS ?? "30000"),
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
