import type { Page } from "@playwright/test";
import { startServer } from "../bin/running-server.ts";
import { scriptedWords } from "../test/stand-ins/deepgram/scripted-words.ts";
import { startDeepgramStandIn } from "../test/stand-ins/deepgram/stand-in.ts";
import { endCall, expect, launchWith, liveCall, storedCall, test } from "./product.ts";

test.use({ launchOptions: launchWith([]) });

const line = (channel: number, startMs: number, endMs: number, text: string) => ({
  channel,
  voice: 0,
  startMs,
  endMs,
  words: text.split(" "),
});
const lines = [
  line(0, 300, 5000, "Le cuento, este, nuestro programa lleva todo el almacén."),
  line(1, 5500, 8000, "¿Cuánto tarda la instalación?"),
  line(0, 8500, 13_000, "Por cierto, mire qué pantalla tan clara tenemos aquí."),
  line(1, 13_500, 14_500, "La verdad es que me encaja bastante."),
  line(0, 15_000, 18_000, "Por cierto, también se lleva en el móvil."),
  line(1, 18_300, 19_300, "Pues eso está muy bien."),
  line(0, 19_500, 22_000, "Le mando el contrato mañana por la tarde."),
  line(1, 22_500, 24_500, "La verdad, es demasiado caro para nosotros."),
];

/** Into the folder of LOOKS, to be looked at; nothing is compared. */
async function looks(page: Page, name: string): Promise<void> {
  const folder = process.env.LOOKS;
  if (folder === undefined) return;
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.screenshot({
        path: `${folder}/${name}-${colorScheme}-${String(width)}.png`,
        fullPage: true,
      });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1280, height: 720 });
}

test("how the call goes is shown beside the card, is gone with the coach, and is on the call's page", async ({
  page,
  request,
}) => {
  const service = await startDeepgramStandIn({ words: scriptedWords({ lines, time: "stream" }) });
  const server = await startServer({
    DEEPGRAM_API_KEY: "any",
    DEEPGRAM_BASE_URL: service.url,
    VAD_ENABLED: "false",
  });
  try {
    await page.goto(server.url);
    await page.getByRole("button", { name: "Probar en español" }).click();
    const callId = await liveCall(page);
    const panel = page.getByRole("region", { name: "Cómo va la conversación" });
    const signals = panel.getByRole("list", { name: "Señales" });
    await expect(signals.getByText("Pregunta sin responder")).toBeVisible({ timeout: 90_000 });
    await expect(signals.getByText("me encaja")).toBeVisible();
    await expect(signals.getByText(/mando el contrato mañana por la tarde/u)).toBeVisible();
    await expect(panel.getByText(/Hablas el \d+ %/u)).toBeVisible();
    await expect(panel.getByText("1 muletilla")).toBeVisible();
    await expect(page.locator("[data-suggestion-id]")).toBeVisible({ timeout: 30_000 });
    await looks(page, "live");

    const coach = page.getByRole("switch", { name: "Coach" });
    await coach.click();
    await expect(panel).toHaveCount(0);
    await coach.click();
    await expect(panel).toBeVisible();

    await endCall(page, callId);
    const call = await storedCall(request, server, callId);
    expect(call.insights.map(({ kind, status, text }) => `${kind} ${status}: ${text}`).sort()).toEqual([
      "buying_signal noted: Cuánto tarda la instalación",
      "buying_signal noted: me encaja",
      "commitment noted: Le mando el contrato mañana por la tarde",
      "unanswered_question open: ¿Cuánto tarda la instalación?",
    ]);
    expect(call.conduct?.talk_ratio).toBeGreaterThan(0.5);
    await page.goto(`${server.url}/history/${callId}`);
    const afterwards = page.getByRole("region", { name: "Cómo fue la conversación" });
    await expect(afterwards.getByRole("table", { name: "Cómo fue la conversación" })).toBeVisible();
    await expect(afterwards.getByText("me encaja")).toBeVisible();
    await looks(page, "call");
  } finally {
    // The page still fetches the recording; a server that is gone would be its fault.
    await page.goto("about:blank");
    await server.stop();
    await service.close();
  }
});
