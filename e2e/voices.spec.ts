import { startServer } from "../bin/running-server.ts";
import { scriptedWords } from "../test/stand-ins/deepgram/scripted-words.ts";
import { startDeepgramStandIn } from "../test/stand-ins/deepgram/stand-in.ts";
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

const line = (voice: number, startMs: number, endMs: number, text: string) => ({
  channel: 0,
  voice,
  startMs,
  endMs,
  words: text.split(" "),
});
const lines = [
  line(0, 300, 2300, "Buenos días, le llamo por las facturas"),
  line(1, 3000, 5000, "La verdad, es demasiado caro para nosotros"),
  line(0, 5600, 7400, "Entiendo que le parezca demasiado caro"),
];

test("two voices in one microphone: the rep says which one is theirs, and sees when another engine takes over", async ({
  page,
  request,
}) => {
  const service = await startDeepgramStandIn({ words: scriptedWords({ lines, time: "stream" }) });
  const server = await startServer({
    DEEPGRAM_API_KEY: "any",
    DEEPGRAM_BASE_URL: service.url,
    DEEPGRAM_FALLBACK_AFTER_SEC: "1",
    VAD_ENABLED: "false",
  });
  try {
    await page.goto(server.url);
    const callId = await beginCall(page);
    const unnamed = page.locator("li[data-role=unknown][data-final=true]");
    await expect(unnamed).toHaveCount(3, { timeout: 60_000 });
    await expect(unnamed.first()).toContainText("Voz 1");
    await expect(unnamed.nth(1)).toContainText("Voz 2");
    expect(await objectionsOf(page, "unknown")).toContain("price");

    await page.getByRole("button", { name: "La voz 1 soy yo" }).first().click();
    await expect(page.locator("li[data-role=rep]")).toHaveCount(2);
    await expect(page.locator("li[data-role=prospect]")).toContainText("caro");
    await expect.poll(() => objectionsOf(page, "rep")).toEqual([]);
    expect(await objectionsOf(page, "prospect")).toEqual(["price"]);
    await page.reload();
    await expect(page.locator("li[data-role=rep]")).toHaveCount(2);

    service.setFaults({
      handshake: { kind: "refuse", status: 503 },
      recorded: { kind: "refuse", status: 503 },
      drop: { kind: "reset", afterAudioMs: 0 },
    });
    await expect(page.getByText("transcribe el de este servidor")).toBeVisible({ timeout: 60_000 });
    await endCall(page, callId);
    const call = await storedCall(request, server, callId);
    expect(call.segments.slice(0, 3).map(({ speaker, voice }) => [speaker, voice])).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
    ]);
    expect(call.billed_seconds).toBeGreaterThan(5);
    await expect(page.getByText(/^Deepgram factura/u)).toBeVisible();
  } finally {
    // It may still be loading the recording, and would complain that the server is gone.
    await page.goto("about:blank");
    await server.stop();
    await service.close();
  }
});
