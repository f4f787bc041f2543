import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connectRaw } from "../../lib/realtime/testing/test-client.ts";
import { startTestServer, tokenFor } from "../../lib/realtime/testing/test-server.ts";
import { alive } from "../../lib/realtime/testing/bench.ts";
import { Dice, fuzzCases, fuzzSeed } from "./mutations.ts";
import { attacks } from "./socket-attack.ts";

const faults: unknown[] = [];
const note = (error: unknown): void => {
  faults.push(error);
};
beforeAll(() => {
  process.on("unhandledRejection", note);
  process.on("uncaughtException", note);
});
afterAll(() => {
  process.off("unhandledRejection", note);
  process.off("uncaughtException", note);
});

const perConnection = 40;

describe.each(attacks)("$name", ({ open, send }) => {
  it(
    `survive ${fuzzCases} cases of FUZZ_SEED=${fuzzSeed}, and a good call goes on`,
    async () => {
      const dice = new Dice(fuzzSeed);
      const server = await startTestServer({ limits: { closeGraceMs: 100 } });
      for (const name of ["call_fuzz_target", "call_fuzz_good"]) server.door.add(name);
      const target = {
        port: server.port,
        callId: "call_fuzz_target",
        token: tokenFor("host", "call_fuzz_target"),
      };
      const good = connectRaw({
        port: server.port,
        callId: "call_fuzz_good",
        token: tokenFor("host", "call_fuzz_good"),
      });
      await good.next("session_started");
      let heapBefore = 0;
      for (let sent = 0; sent < fuzzCases; sent += perConnection) {
        const ws = open(dice, target);
        const answers: string[] = [];
        ws.on("message", (text: Buffer) => answers.push(text.toString()));
        const gone = new Promise<void>((resolve) =>
          ws.once("close", () => {
            resolve();
          }),
        );
        await Promise.race([new Promise((resolve) => ws.once("open", resolve)), gone]);
        for (let one = 0; one < perConnection && ws.readyState === WebSocket.OPEN; one += 1) {
          send(dice, ws);
          if (one % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
        }
        await alive(good);
        ws.terminate();
        await gone;
        for (const text of answers) expect(text).not.toContain('"internal"');
        if (sent >= fuzzCases / 4 && heapBefore === 0) heapBefore = process.memoryUsage().heapUsed;
        // A call whose events pile up would be the fake door's, not the server's.
        const call = server.door.calls.get("call_fuzz_target");
        call?.events.splice(0);
        call?.log.splice(0);
        call?.audio.splice(0);
      }
      await expect.poll(() => server.realtime.connections(), { timeout: 10_000 }).toBe(1);
      expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(100 * 1024 * 1024);
      await alive(good);
      good.close();
      await server.stop();
      expect(faults).toEqual([]);
    },
    60_000 + fuzzCases * 20,
  );
});
