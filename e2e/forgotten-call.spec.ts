import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginCall, endCall, expect, fakeMicrophone, goesOn, launchWith, oneSide, test } from "./product.ts";

const voices = mkdtempSync(join(tmpdir(), "sales-coach-forgotten-"));
// The words last for less than a minute; then the microphone gives silence.
const voice = await oneSide("es-short", 0, voices);

test.use({
  permissions: ["microphone"],
  launchOptions: launchWith(fakeMicrophone(voice)),
});
test.afterAll(() => {
  rmSync(voices, { recursive: true, force: true });
});

test("ten minutes in which nobody speaks are told, and the call goes on until the person says otherwise", async ({
  page,
  server,
}) => {
  test.setTimeout(1_200_000);
  await page.goto(server.url);
  const callId = await beginCall(page);
  const quiet = page.getByRole("status").filter({ hasText: "Nadie habla desde hace 10 minutos" });
  await expect(quiet).toBeVisible({ timeout: 900_000 });
  await expect(page).toHaveTitle(/^⚠ Nadie habla y se sigue grabando · /u);
  await goesOn(page);
  await quiet.getByRole("button", { name: "Seguir" }).click();
  await expect(quiet).toBeHidden();
  await expect(page).toHaveTitle(/^● Grabando · /u);
  await endCall(page, callId);
});
