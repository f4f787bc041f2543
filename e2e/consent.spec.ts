import { startServer, type RunningServer } from "../bin/running-server.ts";
import {
  beginCall,
  endCall,
  expect,
  fakeMicrophone,
  launchWith,
  recordedCall,
  storedCall,
  test as base,
} from "./product.ts";

/** The built server as one that records only with consent. */
const test = base.extend<object, { server: RunningServer }>({
  server: [
    async ({}, use) => {
      const server = await startServer({ CONSENT_REQUIRED: "true" });
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 180_000 },
  ],
});
test.use({
  permissions: ["microphone"],
  launchOptions: launchWith(["--use-fake-ui-for-media-stream", ...fakeMicrophone(recordedCall("es-short"))]),
});

test("consent that is required is asked for in words, confirmed by keyboard, kept and shown", async ({
  page,
  request,
  server,
}) => {
  await page.goto(server.url);
  const begin = page.getByRole("button", { name: "Empezar la llamada" });
  const box = page.getByRole("checkbox", { name: /sabe que la llamada se transcribe y se graba/u });
  await expect(begin).toHaveAccessibleDescription("Para empezar falta confirmar el consentimiento.");
  await begin.click();
  await expect(page.getByText("Este servidor no deja empezar sin consentimiento")).toBeVisible();
  await expect(box).toBeFocused();
  expect(await (await request.get(`${server.url}/calls`)).json()).toMatchObject({ calls: [] });

  await page.keyboard.press("Space");
  await expect(box).toBeChecked();
  await expect(page.getByText("Este servidor no deja empezar sin consentimiento")).toBeHidden();
  await expect(begin).toHaveAccessibleDescription("");
  await page.keyboard.press("Tab");
  await page.getByLabel("Cómo se obtuvo").selectOption({ label: "Aviso grabado al descolgar" });
  await page.getByLabel("Nota").fill("Dijo que sí dos veces");
  const callId = await beginCall(page);
  expect((await storedCall(request, server, callId)).consent).toMatchObject({
    obtained: true,
    method: "announcement",
    note: "Dijo que sí dos veces",
    by: "local",
  });
  await expect(page.locator("[data-role]").first()).toBeVisible({ timeout: 60_000 });
  await endCall(page, callId);
  const summary = page.getByRole("region", { name: "Resumen" });
  await expect(summary).toContainText("Consentimiento: sí (Aviso grabado al descolgar");
  await expect(summary).toContainText("Nota: Dijo que sí dos veces");

  // The way is remembered, the confirmation is not.
  await page.goto(server.url);
  await expect(box).not.toBeChecked();
  await box.check();
  await expect(page.getByLabel("Cómo se obtuvo")).toHaveValue("announcement");
});
