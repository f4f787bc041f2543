import { setTimeout as sleep } from "node:timers/promises";
import { DeepgramClient, DeepgramError } from "@deepgram/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { scriptedWords, type ScriptLine } from "./scripted-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn, type DeepgramStandInOptions } from "./stand-in.ts";
import { liveQuery, silence, transcriptOf, wavOf, type ServerFrame } from "./test-client.ts";

const lines: readonly ScriptLine[] = [
  { channel: 0, startMs: 200, endMs: 1200, words: ["Buenos", "días."] },
  { channel: 1, startMs: 1800, endMs: 2800, words: ["¿Quién", "es?"] },
];

let standIn: DeepgramStandIn | null = null;
afterEach(async () => {
  await standIn?.close();
  standIn = null;
});

async function start(options: Partial<DeepgramStandInOptions> = {}): Promise<DeepgramStandIn> {
  standIn = await startDeepgramStandIn({
    words: scriptedWords({ lines, time: "stream" }),
    readSpeed: Infinity,
    ...options,
  });
  return standIn;
}

function clientOf({ url }: DeepgramStandIn): DeepgramClient {
  const live = url.replace(/^http/u, "ws");
  return new DeepgramClient({
    apiKey: "of-a-test",
    environment: { base: url, production: live, agent: live, agentRest: url },
  });
}

/** A connection with everything it says. */
async function connect(standIn: DeepgramStandIn, keyterms: readonly string[] = []) {
  const connection = await clientOf(standIn).listen.v1.createConnection({
    ...liveQuery,
    sample_rate: 16_000,
    channels: 2,
    endpointing: 300,
    multichannel: "true",
    interim_results: "true",
    punctuate: "true",
    ...(keyterms.length === 0 ? {} : { keyterm: [...keyterms] }),
    Authorization: "Token of-a-test",
    reconnectAttempts: 0,
  });
  const frames: ServerFrame[] = [];
  const errors: Error[] = [];
  connection.on("message", (message) => {
    frames.push(message as ServerFrame);
  });
  connection.on("error", (error) => errors.push(error));
  const closed = new Promise<{ code: number }>((resolve) => {
    connection.on("close", resolve);
  });
  connection.connect();
  return { connection, frames, errors, closed };
}

describe("Deepgram's own SDK", () => {
  it("streams both channels and is told everything, to Metadata and the close", async () => {
    const { closed, connection, frames } = await connect(await start());
    await connection.waitForOpen();
    const pcm = silence(3500);
    for (let at = 0; at < pcm.byteLength; at += 6400) connection.sendMedia(pcm.subarray(at, at + 6400));
    connection.sendKeepAlive({ type: "KeepAlive" });
    connection.sendFinalize({ type: "Finalize" });
    connection.sendCloseStream({ type: "CloseStream" });
    expect((await closed).code).toBe(1000);
    const said = (channel: number) =>
      frames
        .filter((frame) => frame.is_final === true && frame.channel_index?.[0] === channel)
        .map(transcriptOf)
        .join(" ")
        .trim();
    expect([said(0), said(1)]).toEqual(["Buenos días.", "¿Quién es?"]);
    expect(frames.at(-1)?.type).toBe("Metadata");
    expect(standIn?.sessions()[0]).toMatchObject({ keepAlives: 1, finalizes: 1, closeStreams: 1 });
  });

  it("repeats each keyterm in the query", async () => {
    const { closed, connection } = await connect(await start(), ["Acme Nube", "Zenda"]);
    await connection.waitForOpen();
    connection.sendCloseStream({ type: "CloseStream" });
    await closed;
    expect(standIn?.sessions()[0]?.query.keyterm).toEqual(["Acme Nube", "Zenda"]);
  });

  it("reports a refused handshake as it reports the service's", async () => {
    const { connection, errors } = await connect(
      await start({ faults: { handshake: { kind: "refuse", status: 401 } } }),
    );
    await expect(connection.waitForOpen()).rejects.toThrow();
    for (let i = 0; i < 100 && errors.length === 0; i += 1) await sleep(10);
    expect(errors[0]?.message).toContain("401");
  });

  it("gets the close code of a stream that ends in its middle", async () => {
    const { closed, connection } = await connect(
      await start({
        faults: { drop: { kind: "close", code: 1011, reason: "NET-0000", afterAudioMs: 1000 } },
      }),
    );
    await connection.waitForOpen();
    connection.sendMedia(silence(1500));
    expect((await closed).code).toBe(1011);
  });

  it("transcribes a file", async () => {
    const answer = await clientOf(await start()).listen.v1.media.transcribeFile(wavOf(silence(4000), 2), {
      model: "nova-3",
      language: "es",
      multichannel: true,
      punctuate: true,
    });
    if (!("results" in answer)) throw new Error("not a transcript");
    expect(answer.results.channels.map((channel) => channel.alternatives?.[0]?.transcript)).toEqual([
      "Buenos días.",
      "¿Quién es?",
    ]);
  });

  it("throws the service's own error for a file that is refused", async () => {
    const { requests } = await start({ faults: { recorded: { kind: "refuse", status: 402 } } });
    if (standIn === null) throw new Error("no stand-in");
    const error: unknown = await clientOf(standIn)
      .listen.v1.media.transcribeFile(wavOf(silence(500), 2), { model: "nova-3" }, { maxRetries: 0 })
      .catch((cause: unknown) => cause);
    if (!(error instanceof DeepgramError)) throw new Error("not the service's error");
    expect(error.statusCode).toBe(402);
    expect(error.body).toMatchObject({
      err_code: "ASR_PAYMENT_REQUIRED",
      request_id: requests()[0]?.requestId,
    });
  });

  it("tries a file again while the service has too much to do", async () => {
    const { requests } = await start({ faults: { recorded: { kind: "refuse", status: 429, times: 1 } } });
    if (standIn === null) throw new Error("no stand-in");
    await clientOf(standIn).listen.v1.media.transcribeFile(wavOf(silence(500), 2), { model: "nova-3" });
    expect(requests().map(({ status }) => status)).toEqual([429, 200]);
  });
});
