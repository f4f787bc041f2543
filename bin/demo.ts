// Plays a recorded call through the real pipeline in a real browser; keeps a video and screenshots.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { ensureChromium } from "../scripts/chromium.mjs";
import { filmPage } from "./page-video.ts";
import { startServer } from "./running-server.ts";

const usage = `Usage: npm run demo -- [--language es|en] [--seconds N] [--out FOLDER]

  --language  of the recorded call and of the pages (default: es)
  --seconds   end the call after so many seconds (default: when it is over, about three minutes)
  --out       where video and screenshots go (default: artifacts/demo)`;

const { values } = parseArgs({
  options: {
    language: { type: "string", default: "es" },
    seconds: { type: "string" },
    out: { type: "string", default: "artifacts/demo" },
    help: { type: "boolean", default: false },
  },
});
const words = {
  es: { locale: "es-ES", begin: "Probar en español", stop: "Terminar" },
  en: { locale: "en-GB", begin: "Try it in English", stop: "Stop" },
}[values.language];
const seconds = values.seconds === undefined ? null : Number(values.seconds);
if (values.help || words === undefined || Number.isNaN(seconds)) {
  process.stderr.write(`${usage}\n`);
  process.exit(values.help ? 0 : 2);
}

const size = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const out = fileURLToPath(new URL(values.out, new URL(`file://${process.cwd()}/`)));
await mkdir(out, { recursive: true });
const server = await startServer();
const browser = await chromium.launch({
  executablePath: ensureChromium(),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
  ],
});
try {
  const context = await browser.newContext({ viewport: size, locale: words.locale });
  const page = await context.newPage();
  const shoot = async (name: string): Promise<void> => {
    await page.screenshot({ path: join(out, `${name}.png`) });
  };
  await page.goto(server.url);
  await shoot("1-start");
  const video = await filmPage(context, page, size, join(out, "call.webm"));
  await page.getByRole("button", { name: words.begin }).click();
  await page.waitForURL(/\/live\//u);
  await page.locator("[data-suggestion-id]").first().waitFor({ timeout: 120_000 });
  await shoot("2-first-suggestion");
  const over = page.waitForURL(/\/history\//u, { timeout: 300_000 });
  if (seconds !== null) {
    await page.waitForTimeout(seconds * 1000);
    await page.getByRole("button", { name: words.stop, exact: true }).click();
  }
  await over;
  await page.getByRole("heading", { level: 1 }).waitFor();
  await shoot("3-call");
  await video.stop();
  await page.setViewportSize(phone);
  await shoot("4-call-on-a-phone");
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${server.url}/history`);
  await page.getByRole("listitem").first().waitFor();
  await shoot("5-history-dark");
  process.stdout.write(`Video and screenshots are in ${out}\n`);
} finally {
  await browser.close();
  await server.stop();
}
