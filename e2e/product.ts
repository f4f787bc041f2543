import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type APIRequestContext, type Page } from "@playwright/test";
import { readAlignment, type AlignedLine } from "../eval/alignment.ts";
import { callReplySchema, type CallReply } from "../lib/contract/rest.ts";
import { startServer, type RunningServer } from "../bin/running-server.ts";
import { readWav } from "../lib/recording/wav-reader.ts";
import { wavHeader } from "../lib/recording/wav-view.ts";

const callsFolder = fileURLToPath(new URL("../data/calls/", import.meta.url));

export function recordedCall(name: string): string {
  return join(callsFolder, name, "call.wav");
}

export function linesOf(name: string): Promise<AlignedLine[]> {
  return readAlignment(join(callsFolder, name));
}

/** One side of a recorded call, as a WAV file of its own. */
export async function oneSide(name: string, channel: 0 | 1, folder: string): Promise<string> {
  const { pcm, format } = readWav(await readFile(recordedCall(name)));
  const side = new Uint8Array(pcm.byteLength / 2);
  for (let from = channel * 2, to = 0; from < pcm.byteLength; from += 4, to += 2) {
    side.set(pcm.subarray(from, from + 2), to);
  }
  const path = join(folder, `${name}-${channel}.wav`);
  await writeFile(path, Buffer.concat([wavHeader(side.byteLength, format.sampleRateHz), side]));
  return path;
}

/** What a browser needs to hear a file in place of a microphone. */
export function fakeMicrophone(path: string): string[] {
  return ["--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${path}%noloop`];
}

/** Common to all: no sandbox for root, no traffic of the browser's own, sound may start by itself. */
export const browserArgs = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

export function launchWith(args: readonly string[], unmuted = false) {
  const chromium = process.env.CHROMIUM_PATH;
  return {
    ...(chromium === undefined ? {} : { executablePath: chromium }),
    args: [...browserArgs, ...args],
    ...(unmuted ? { ignoreDefaultArgs: ["--mute-audio"] } : {}),
  };
}

/** Chromium's remark on every shared tab of a page that may not use the camera; the sharing works. */
const cameraIsOff = "Permissions policy violation: camera is not allowed in this document.";

/** The built server, one for each worker, and a folder that goes with the test. */
export const test = base.extend<{ folder: string; faults: string[] }, { server: RunningServer }>({
  server: [
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 180_000 },
  ],
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), "sales-coach-e2e-"));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  /**
   * What the pages complain about in the console, and everything their Content-Security-Policy kept them from; a test
   * that ends with faults fails.
   */
  faults: [
    async ({ context, page }, use) => {
      const faults: string[] = [];
      context.on("weberror", (error) => faults.push(error.error().message));
      context.on("console", (message) => {
        if (message.type() === "error" && message.text() !== cameraIsOff) faults.push(message.text());
      });
      await context.exposeFunction("reportPolicyViolation", (told: string) => void faults.push(told));
      await context.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
          const { blockedURI, effectiveDirective, sourceFile, lineNumber } = event;
          const told = `${effectiveDirective} blocked ${blockedURI} in ${sourceFile}:${lineNumber}`;
          const report: unknown = Reflect.get(window, "reportPolicyViolation");
          if (typeof report === "function") Reflect.apply(report, window, [told]);
        });
      });
      await page.goto("about:blank");
      await use(faults);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Starts the call and waits until it is live; gives its id. */
export async function beginCall(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Empezar la llamada" }).click();
  return await liveCall(page);
}

export async function liveCall(page: Page): Promise<string> {
  await page.waitForURL(/\/live\/[\w-]{8,64}$/u);
  await expect(page.locator("[data-connection=open]")).toBeVisible();
  return page.url().split("/").at(-1) ?? "";
}

export async function endCall(page: Page, callId: string): Promise<void> {
  await page.getByRole("button", { name: "Terminar", exact: true }).click();
  await page.waitForURL(new RegExp(`/history/${callId}$`, "u"), { timeout: 60_000 });
}

/** The types of the objections shown below the lines of a role, in order, retracted ones left out. */
export async function objectionsOf(page: Page, role: "rep" | "prospect" | "unknown"): Promise<string[]> {
  const chips = page.locator(`li[data-role=${role}] [data-objection-type]:not([data-status=retracted])`);
  return await chips.evaluateAll((all) => all.map((chip) => chip.getAttribute("data-objection-type") ?? ""));
}

/** The call as REST gives it. */
export async function storedCall(
  request: APIRequestContext,
  server: RunningServer,
  callId: string,
): Promise<CallReply> {
  return callReplySchema.parse(await (await request.get(`${server.url}/calls/${callId}`)).json());
}

/** Seconds of audio that the call has, as the page shows them. */
export async function elapsedSec(page: Page): Promise<number> {
  const [minutes, seconds] = (await page.getByRole("timer").innerText()).split(":").map(Number);
  return (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** Audio goes on being captured. */
export async function goesOn(page: Page): Promise<void> {
  const before = await elapsedSec(page);
  await expect.poll(() => elapsedSec(page)).toBeGreaterThan(before + 1);
}
