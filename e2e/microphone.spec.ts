import {
  beginCall,
  endCall,
  expect,
  fakeMicrophone,
  launchWith,
  objectionsOf,
  recordedCall,
  storedCall,
  test,
} from "./product.ts";

test.use({
  launchOptions: launchWith([...fakeMicrophone(recordedCall("es-short")), "--use-fake-ui-for-media-stream"]),
});

test("one microphone: both voices in one channel, nobody named, objections all the same", async ({
  page,
  request,
  server,
}) => {
  await page.goto(server.url);
  await expect(page.getByRole("radio", { name: /^Micrófono\b(?! y)/u })).toBeChecked();
  const callId = await beginCall(page);
  await expect(page.locator("[data-suggestion-id]").first()).toBeVisible({ timeout: 60_000 });
  expect(await objectionsOf(page, "unknown")).toContain("price");
  await endCall(page, callId);
  await expect(page.getByRole("link", { name: /^Audio/u })).toHaveCount(1);
  const call = await storedCall(request, server, callId);
  expect(call.call_metadata.audio_mode).toBe("mono");
  expect(new Set(call.segments.map((segment) => segment.speaker))).toEqual(new Set([null]));
});

test("the meter shows that the microphone is heard before the call begins", async ({ page, server }) => {
  await page.goto(server.url);
  await page.getByRole("button", { name: "Probar el sonido" }).click();
  await expect(page.locator("[data-side][data-heard=true]")).toBeVisible({ timeout: 15_000 });
});
