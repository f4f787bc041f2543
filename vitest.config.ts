import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take minutes begin first, so that at the end nobody waits for one of them alone. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const folders = ["test/faults/", "test/", "eval/", "lib/transcription/"];
    const rank = ({ moduleId }: TestSpecification): number => {
      const path = relative(import.meta.dirname, moduleId);
      const found = folders.findIndex((folder) => path.startsWith(folder));
      return found === -1 ? folders.length : found;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

const common = {
  pool: "forks",
  setupFiles: "test/property-runs.ts",
  testTimeout: Number(process.env.TEST_TIMEOUT_MS ?? "30000"),
  hookTimeout: 60_000,
  restoreMocks: true,
} as const;

/** What other files leave behind would be counted, or its collection taken for theirs. */
const measuresItsMemory = ["lib/realtime/pressure.test.ts"];

export default defineConfig({
  test: {
    // Suites start worker threads, child processes and models of their own.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    projects: [
      { test: { ...common, name: "product", include: ["test/**/*.test.ts", ...measuresItsMemory] } },
      {
        test: {
          ...common,
          name: "code",
          include: ["{lib,app,bin,data,docs,prisma,scripts,workers,worklets,eval}/**/*.test.{ts,tsx}"],
          exclude: measuresItsMemory,
          // A process for each of these would take longer than most of them.
          isolate: false,
        },
      },
    ],
  },
});
