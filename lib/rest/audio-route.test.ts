import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeRecording, startFrontServer, type FrontServer } from "./testing/front-server.ts";

const id = "call_12345678";

describe("the audio of a call", () => {
  let front: FrontServer;
  beforeEach(async () => {
    front = await startFrontServer();
    front.recordings.set(id, fakeRecording(1000));
  });
  afterEach(async () => {
    await front.close();
    for (const recording of front.recordings.values()) expect(recording.openSnapshots).toBe(0);
  });

  const get = (headers: Record<string, string> = {}, view = "mix", method = "GET") =>
    fetch(`${front.url}/calls/${id}/audio/${view}.wav`, { method, headers });
  const bytes = async (reply: Response) => Buffer.from(await reply.arrayBuffer());

  it("comes whole, with its length, its version and a safe name", async () => {
    const reply = await get();
    expect(reply.status).toBe(200);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      "content-type": "audio/wav",
      "content-length": "2044",
      "accept-ranges": "bytes",
      etag: '"1000"',
      "content-disposition": `attachment; filename="${id}-mix.wav"`,
      "x-content-type-options": "nosniff",
    });
    expect(await bytes(reply)).toHaveLength(2044);
  });

  it("tells the same on HEAD, without a body and without reading", async () => {
    const reply = await get({ range: "bytes=0-9" }, "mix", "HEAD");
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-length")).toBe("2044");
    expect(await bytes(reply)).toHaveLength(0);
    expect(front.recordings.get(id)?.reads).toBe(0);
  });

  it.each([
    ["bytes=0-0", 0, 0],
    ["bytes=0-43", 0, 43],
    ["bytes=40-50", 40, 50],
    ["bytes=45-", 45, 2043],
    ["bytes=-1", 2043, 2043],
    ["bytes=-9999", 0, 2043],
    ["bytes=2043-99999999999999999999", 2043, 2043],
    ["Bytes= 1-2", 1, 2],
  ])("gives the part %s exactly", async (range, first, last) => {
    const whole = await bytes(await get());
    const reply = await get({ range });
    expect(reply.status).toBe(206);
    expect(reply.headers.get("content-range")).toBe(`bytes ${first}-${last}/2044`);
    expect(reply.headers.get("content-length")).toBe(String(last - first + 1));
    expect(await bytes(reply)).toEqual(whole.subarray(first, last + 1));
  });

  it.each(["bytes=2044-", "bytes=99999999999999999999-", "bytes=-0"])(
    "refuses the part %s with 416",
    async (range) => {
      const reply = await get({ range });
      expect(reply.status).toBe(416);
      expect(reply.headers.get("content-range")).toBe("bytes */2044");
      expect(await reply.json()).toMatchObject({ code: "range_not_satisfiable" });
    },
  );

  it.each([
    "bytes=5-2",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "items=0-1",
    "bytes=0-1,5-6",
    "bytes=1.5-2",
    "0-1",
  ])("ignores %s and gives the whole", async (range) => {
    const reply = await get({ range });
    expect(reply.status).toBe(200);
    expect(await bytes(reply)).toHaveLength(2044);
  });

  it("gives a part only of the version that If-Range names", async () => {
    expect((await get({ range: "bytes=0-9", "if-range": '"1000"' })).status).toBe(206);
    for (const ifRange of ['"999"', 'W/"1000"', "1000", "Wed, 21 Oct 2030 07:28:00 GMT"]) {
      expect((await get({ range: "bytes=0-9", "if-range": ifRange })).status).toBe(200);
    }
  });

  it("says when nothing has changed", async () => {
    const reply = await get({ "if-none-match": 'W/"999", "1000"' });
    expect(reply.status).toBe(304);
    expect(reply.headers.get("etag")).toBe('"1000"');
  });

  it("is a new version when the call has gone on, and an empty WAV before it begins", async () => {
    const recording = front.recordings.get(id);
    if (recording === undefined) throw new Error("no recording");
    recording.samples = 0;
    const empty = await get();
    expect([empty.headers.get("etag"), empty.headers.get("content-length")]).toEqual(['"0"', "44"]);
    expect(await bytes(empty)).toHaveLength(44);
    recording.samples = 1600;
    expect((await get()).headers.get("etag")).toBe('"1600"');
  });

  it("has no sides in mono, and does not exist for other ids", async () => {
    front.recordings.set(id, fakeRecording(10, 1));
    expect((await get()).status).toBe(200);
    for (const view of ["mic", "loop"]) {
      const reply = await get({}, view);
      expect([reply.status, await reply.json()]).toMatchObject([404, { code: "no_such_channel" }]);
    }
    const other = await fetch(`${front.url}/calls/call_unknown1/audio/mix.wav`);
    expect([other.status, await other.json()]).toMatchObject([404, { code: "call_not_found" }]);
  });

  it("tells a failure before the first byte as a problem", async () => {
    const recording = front.recordings.get(id);
    if (recording !== undefined) recording.failReads = true;
    const reply = await get({ range: "bytes=44-" });
    expect(reply.status).toBe(503);
    expect(await reply.text()).not.toContain("SECRET");
  });

  it("breaks the connection when it fails half way, rather than end as if it were whole", async () => {
    const recording = front.recordings.get(id);
    if (recording !== undefined) recording.failReads = true;
    await expect(get().then((reply) => reply.arrayBuffer())).rejects.toThrow();
  });

  it("reads no further than a slow client takes, and lets go when it leaves", async () => {
    const recording = fakeRecording(50_000_000);
    front.recordings.set(id, recording);
    const socket = connect(front.port, "127.0.0.1", () =>
      socket.write(`GET /calls/${id}/audio/mix.wav HTTP/1.1\r\nHost: localhost\r\n\r\n`),
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    let before = -1;
    while (before !== recording.reads) {
      before = recording.reads;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(recording.reads).toBeLessThan(50_000_000 / 8192 / 2);
    expect(recording.openSnapshots).toBe(1);
    socket.destroy();
    for (let i = 0; i < 100 && recording.openSnapshots > 0; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(recording.openSnapshots).toBe(0);
  });
});

describe("the recorded calls that are shipped", () => {
  let front: FrontServer;
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "coach-recorded-"));
    await mkdir(join(folder, "es-short"));
    await mkdir(join(folder, "es-demo"));
    await writeFile(join(folder, "es-demo", "call.flac"), "fLaC");
    await mkdir(join(folder, "hidden"));
    await writeFile(
      join(folder, "index.json"),
      JSON.stringify([
        { name: "../odd", file: "/etc/passwd" },
        { name: "es-short", file: "call.wav", title: "x" },
        { name: "es-demo", file: "call.flac" },
      ]),
    );
    await writeFile(join(folder, "es-short", "call.wav"), Buffer.alloc(200_000, 7));
    await writeFile(join(folder, "es-short", "alignment.json"), "{}");
    await writeFile(join(folder, "es-short", "notes.txt"), "SECRET");
    await writeFile(join(folder, "hidden", "call.wav"), "SECRET");
    front = await startFrontServer({ recordedCallsFolder: folder });
  });
  afterEach(async () => {
    await front.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("are listed, and their audio and alignment can be had in parts", async () => {
    const index = await fetch(`${front.url}/recorded-calls/index.json`);
    expect(await index.json()).toMatchObject([{}, { name: "es-short" }, {}]);
    const audio = await fetch(`${front.url}/recorded-calls/es-short/call.wav`, {
      headers: { range: "bytes=100-299" },
    });
    expect([audio.status, (await audio.arrayBuffer()).byteLength]).toEqual([206, 200]);
    expect(audio.headers.get("content-type")).toBe("audio/wav");
    const flac = await fetch(`${front.url}/recorded-calls/es-demo/call.flac`);
    expect([flac.headers.get("content-type"), await flac.text()]).toEqual(["audio/flac", "fLaC"]);
    const alignment = await fetch(`${front.url}/recorded-calls/es-short/alignment.json`);
    expect([alignment.status, alignment.headers.get("content-length")]).toEqual([200, "2"]);
  });

  it.each([
    "hidden/call.wav",
    "es-short/notes.txt",
    "es-short/script.json",
    "other.json",
    "..%2Findex.json",
    "es-short",
  ])("are nothing else: %s is 404", async (path) => {
    const reply = await fetch(`${front.url}/recorded-calls/${path}`);
    expect(reply.status).toBe(404);
    expect(await reply.text()).not.toContain("SECRET");
  });
});
