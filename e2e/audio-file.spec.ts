import {
  beginCall,
  endCall,
  expect,
  launchWith,
  liveCall,
  objectionsOf,
  recordedCall,
  storedCall,
  test,
} from "./product.ts";

test.use({ launchOptions: launchWith([]) });

test("an audio file played as a live call, with the rep on the right channel", async ({
  page,
  request,
  server,
}) => {
  await page.goto(server.url);
  await page.getByRole("radio", { name: /Archivo de audio/u }).check();
  await page.locator("input[type=file]").setInputFiles(recordedCall("es-short"));
  await page.getByRole("radio", { name: "Tú a la derecha" }).check();
  const callId = await beginCall(page);
  // Swapped: what the prospect says is taken for the rep's, so that nobody objects.
  await expect(page.locator("li[data-role=rep]").filter({ hasText: /caro/u }).first()).toBeVisible({
    timeout: 60_000,
  });
  expect(await objectionsOf(page, "rep")).toEqual([]);
  await endCall(page, callId);
  const call = await storedCall(request, server, callId);
  expect(call.call_metadata.stereo_layout).toBe("RL");
});

test("the recorded call: reload in the middle goes on with the same call, and the coach can be switched off", async ({
  page,
  request,
  server,
}) => {
  await page.goto(server.url);
  await page.getByRole("button", { name: "Probar en español" }).click();
  const callId = await liveCall(page);
  await expect(page.locator("li[data-role=rep][data-final=true]").first()).toBeVisible({ timeout: 30_000 });
  const firstLine = await page.locator("li[data-role=rep][data-final=true]").first().textContent();

  await page.reload();
  expect(await liveCall(page)).toBe(callId);
  await expect(page.locator("li[data-role=rep][data-final=true]").first()).toHaveText(firstLine ?? "");

  await page.getByRole("switch", { name: "Coach" }).click();
  await expect(page.getByRole("switch", { name: "Coach" })).not.toBeChecked();
  await expect.poll(async () => (await storedCall(request, server, callId)).coach_enabled).toBe(false);
  await endCall(page, callId);
  const call = await storedCall(request, server, callId);
  expect(call.status).toBe("completed");
  expect(call.segments.length).toBeGreaterThan(1);
});
