import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "playwright";

const systemBrowsers = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The browser to drive: Playwright's own where it is installed, else the system's; null with neither. */
export function findChromium() {
  const own = chromium.executablePath();
  if (own !== "" && existsSync(own)) return own;
  return systemBrowsers.find((path) => existsSync(path)) ?? null;
}

/** Installs Debian's Chromium where there is none and this is root on Debian; else says what to install. */
export function ensureChromium() {
  const found = findChromium();
  if (found !== null) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("Installing Chromium from Debian's packages …");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    execFileSync("apt-get", ["update", "-q"], { stdio: "inherit", env });
    execFileSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium"], {
      stdio: "inherit",
      env,
    });
    const installed = findChromium();
    if (installed !== null) return installed;
  }
  throw new Error(
    "No Chromium was found. Install it (Debian and Ubuntu: `sudo apt-get install chromium`; elsewhere Google Chrome will do) and run the command again.",
  );
}
