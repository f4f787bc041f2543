import { execFileSync } from "node:child_process";
import type { BrowserContext } from "@playwright/test";

/**
 * What the person does in the browser's own settings, at any time: for the origin, in the context of the test. It holds
 * while the session with the browser lasts, so that one is left open.
 */
export async function setMicrophonePermission(
  context: BrowserContext,
  origin: string,
  setting: "granted" | "denied" | "prompt",
): Promise<void> {
  const browser = context.browser();
  if (browser === null) throw new Error("this context has no browser of its own");
  const session = await browser.newBrowserCDPSession();
  const { browserContextIds } = await session.send("Target.getBrowserContexts");
  for (const browserContextId of browserContextIds) {
    const permission = { name: "microphone" };
    await session.send("Browser.setPermission", { permission, setting, origin, browserContextId });
  }
}

/** Ids of all processes that descend from this one and have `mark` in their command line. */
function descendants(mark: string): readonly number[] {
  const rows = execFileSync("ps", ["-axww", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(line) ?? [];
      return command === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
    });
  const family = new Set([process.pid]);
  for (let grown = 0; grown !== family.size;) {
    grown = family.size;
    for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid);
  }
  return rows.filter(({ pid, command }) => family.has(pid) && command.includes(mark)).map(({ pid }) => pid);
}

/** Kills the process in which Chromium keeps all sound devices; it starts another one. */
export function killAudioProcess(): void {
  const found = descendants("audio.mojom.AudioService");
  if (found.length === 0) throw new Error("the browser has no audio process of its own");
  for (const pid of found) process.kill(pid, "SIGKILL");
}
