import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import type { CapturedAudio } from "./captured-audio.ts";
import type { CuttableProxy } from "./cuttable-proxy.ts";

/** A call in a page, and everything that can be taken away from it. */
export interface Stage {
  /** Replaced when the page dies. */
  page: Page;
  readonly callId: string;
  readonly proxy: CuttableProxy;
  readonly captured: CapturedAudio;
  /** `kill -9` and a new process on the same data. */
  readonly restartServer: () => Promise<void>;
}

export interface CallFault {
  readonly name: string;
  readonly provoked: string;
  /** Samples that may be missing each time: a killed page has not written its last quarter second. */
  readonly mayLoseSamples: number;
  /** Lasts so long; when it resolves nothing stands in the way of the call any more. */
  readonly provoke: (stage: Stage, forMs: number) => Promise<void>;
}

/** Milliseconds before a page dies in which audio piles up unsent. */
const unsentForMs = 2000;
const quarterSecondSamples = 4000;

/** The ids of the browser's processes, as it gives them itself. */
async function browserProcesses(page: Page): Promise<number[]> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser");
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send("SystemInfo.getProcessInfo");
  await devtools.detach();
  return processInfo.map((process) => process.id);
}

export const callFaults: readonly CallFault[] = [
  {
    name: "connection reset",
    provoked: "RST on the open connection, new ones go through",
    mayLoseSamples: 0,
    provoke: ({ proxy }) => {
      proxy.reset();
      return Promise.resolve();
    },
  },
  {
    name: "network gone",
    provoked: "RST, and every new connection refused",
    mayLoseSamples: 0,
    provoke: async ({ proxy }, forMs) => {
      proxy.cut();
      await sleep(forMs);
      proxy.restore();
    },
  },
  {
    name: "half-open connection",
    provoked: "nothing comes through, nobody is told; the old connection stays dead",
    mayLoseSamples: 0,
    provoke: async ({ proxy }, forMs) => {
      proxy.stall();
      await sleep(forMs);
      proxy.restore();
    },
  },
  {
    name: "connection held up",
    provoked: "nothing comes through, then all of it does",
    mayLoseSamples: 0,
    provoke: async ({ proxy }, forMs) => {
      proxy.stall();
      await sleep(forMs);
      proxy.resume();
    },
  },
  {
    name: "page reloaded",
    provoked: "reload with audio unsent",
    mayLoseSamples: 0,
    provoke: async ({ proxy, page }) => {
      proxy.stall();
      await sleep(unsentForMs);
      proxy.restore();
      await page.reload();
    },
  },
  {
    name: "tab killed",
    provoked: "crash of the renderer with audio unsent, opened again in a new tab",
    mayLoseSamples: quarterSecondSamples,
    provoke: async (stage) => {
      const { proxy, page } = stage;
      proxy.stall();
      await sleep(unsentForMs);
      const devtools = await page.context().newCDPSession(page);
      const crashed = page.waitForEvent("crash");
      devtools.send("Page.crash").catch(() => undefined);
      await crashed;
      // The browser outlives its tab and would use connections again that it does not know to be dead.
      proxy.reset();
      proxy.restore();
      stage.page = await page.context().newPage();
      await stage.captured.listenTo(stage.page);
      await stage.page.goto(`${proxy.url}/live/${stage.callId}`);
      await page.close();
    },
  },
  {
    name: "page frozen",
    provoked: "Page.setWebLifecycleState frozen, then active",
    mayLoseSamples: 0,
    provoke: async ({ page }, forMs) => {
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
      await sleep(forMs);
      await devtools.send("Page.setWebLifecycleState", { state: "active" });
      await devtools.detach();
    },
  },
  {
    name: "laptop asleep",
    provoked: "SIGSTOP to all processes of the browser, then SIGCONT",
    mayLoseSamples: 0,
    provoke: async ({ page }, forMs) => {
      const processes = await browserProcesses(page);
      for (const id of processes) process.kill(id, "SIGSTOP");
      try {
        await sleep(forMs);
      } finally {
        for (const id of processes) process.kill(id, "SIGCONT");
      }
    },
  },
  {
    name: "server killed",
    provoked: "kill -9, and started again on the same data",
    mayLoseSamples: 0,
    provoke: ({ restartServer }) => restartServer(),
  },
];
