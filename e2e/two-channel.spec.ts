import { plainWords, type AlignedLine } from "../eval/alignment.ts";
import {
  beginCall,
  elapsedSec,
  endCall,
  expect,
  fakeMicrophone,
  launchWith,
  linesOf,
  objectionsOf,
  recordedCall,
  storedCall,
  test,
} from "./product.ts";

function endSec(lines: readonly AlignedLine[]): number {
  return Math.max(...lines.map((line) => line.end_ms)) / 1000;
}

test.use({
  launchOptions: launchWith([...fakeMicrophone(recordedCall("es-short")), "--use-fake-ui-for-media-stream"]),
});

test("a two-channel input: words while they are spoken, objections of the prospect, a sentence to say, every download", async ({
  page,
  request,
  server,
}) => {
  await page.goto(server.url);
  await page.getByRole("radio", { name: /Entrada de dos canales/u }).check();
  await page.getByLabel("Título").fill("Prueba con Ruta Clara");
  await page.getByLabel("Empresa").fill("Ruta Clara");
  const callId = await beginCall(page);

  // Interims: a line that is not final, and that grows before it becomes so.
  const interim = page.locator("li[data-segment-id][data-final=false]").first();
  await expect(interim).toBeVisible({ timeout: 20_000 });
  const segmentId = await interim.getAttribute("data-segment-id");
  await expect(page.locator(`li[data-segment-id="${segmentId}"][data-final=true]`)).toBeVisible({
    timeout: 20_000,
  });

  const card = page.locator("[data-suggestion-id]").first();
  await expect(card).toBeVisible({ timeout: 60_000 });
  const price = page.locator("li[data-role=prospect]", { has: page.locator("[data-objection-type=price]") });
  await expect(price.locator("mark").first()).toContainText(/caro|presupuesto/u);
  await expect(page.getByRole("region", { name: "Qué decir" })).toContainText(/\S+ \S+ \S+/u);
  await expect(page.locator("[data-latency-ms]").first()).toHaveAttribute("data-latency-ms", /^\d+/u);
  await page.getByRole("button", { name: "Usada" }).first().click();

  const lines = await linesOf("es-short");
  // By the clock, not by its last word: a browser that gets no processor for a while loses sound of its own.
  await expect.poll(() => elapsedSec(page), { timeout: 90_000 }).toBeGreaterThan(endSec(lines));
  const expected = lines.flatMap(({ objection }) => objection ?? []);
  await expect.poll(() => objectionsOf(page, "prospect")).toEqual(expected);
  expect(await objectionsOf(page, "rep")).toEqual([]);
  await endCall(page, callId);

  const call = await storedCall(request, server, callId);
  expect(call.status).toBe("completed");
  const standing = call.objections.filter(({ status }) => status === "confirmed");
  expect(standing.map(({ type }) => type)).toEqual(expected);
  expect(call.call_metadata).toMatchObject({
    title: "Prueba con Ruta Clara",
    customer: { company: "Ruta Clara" },
  });
  expect(call.suggestions[0]?.feedback).toBe("used");
  for (const speaker of [0, 1]) {
    const role = speaker === 0 ? "rep" : "prospect";
    const said = lines.filter((line) => line.speaker === role).flatMap((line) => plainWords(line.text));
    const heard = new Set(
      call.segments
        .filter((segment) => segment.speaker === speaker)
        .flatMap((segment) => plainWords(segment.text)),
    );
    const found = said.filter((word) => heard.has(word)).length;
    expect(found / said.length, `words of the ${role} that were heard`).toBeGreaterThan(0.85);
  }

  const links = page.getByRole("link", { name: /^(?:Transcripción|Audio)/u });
  await expect(links).toHaveCount(9);
  for (const link of await links.all()) {
    const address = await link.getAttribute("href");
    const reply = await request.get(`${server.url}${address ?? ""}`);
    expect(reply.status(), address ?? "").toBe(200);
    expect((await reply.body()).byteLength, address ?? "").toBeGreaterThan(200);
  }
});
