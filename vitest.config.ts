import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{lib,app,bin,data,docs,prisma,scripts,test,workers,worklets,eval}/**/*.test.{ts,tsx}"],
    pool: "forks",
    // Suites start worker threads, child processes and models of their own.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
});
