import type { Page } from "@playwright/test";
import { endCall, expect, launchWith, liveCall, storedCall, test } from "./product.ts";

test.use({ launchOptions: launchWith([]) });

/** For a look at them afterwards; nothing is compared. */
async function looks(page: Page, folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.screenshot({
        path: `${folder}/conduct-${colorScheme}-${String(width)}.png`,
        fullPage: width < 1000,
      });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1280, height: 720 });
}

test("how the call goes is shown beside the card, is gone with the coach, and is on the call's page", async ({
  page,
  request,
  server,
}) => {
  await page.goto(server.url);
  await page.getByRole("button", { name: "Probar en español" }).click();
  const callId = await liveCall(page);
  const panel = page.getByRole("region", { name: "Cómo va la conversación" });
  await expect(panel.getByText(/Hablas el \d+ %/u)).toBeVisible({ timeout: 60_000 });
  await expect(panel.getByText(/pregunta/u).first()).toBeVisible();
  await looks(page, process.env.LOOKS);

  const coach = page.getByRole("switch", { name: "Coach" });
  await coach.click();
  await expect(panel).toHaveCount(0);
  await coach.click();
  await expect(panel).toBeVisible();

  await endCall(page, callId);
  const call = await storedCall(request, server, callId);
  expect(call.conduct?.rep.speech_ms).toBeGreaterThan(0);
  expect(call.conduct?.talk_ratio).toBeGreaterThan(0);
  await page.goto(`${server.url}/history/${callId}`);
  const afterwards = page.getByRole("region", { name: "Cómo va la conversación" });
  await expect(afterwards.getByRole("table", { name: "Cómo fue la conversación" })).toBeVisible();
});
