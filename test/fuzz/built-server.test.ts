import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connectRaw, joined } from "../contract/call-client.ts";
import { ask, expectAlive, startBuiltServer, startCall } from "../contract/server-under-test.ts";
import { patternPcm } from "../contract/sound.ts";
import { anyValue, Dice, fuzzCases, fuzzSeed, mutated } from "./mutations.ts";
import { attacks } from "./socket-attack.ts";

/** A share of the cases against the server as it is served, which has all its layers. */
const share = Math.ceil(fuzzCases / 10);
const perConnection = 30;

describe("the built server", () => {
  it(
    `survives ${share} cases on each socket and on REST, FUZZ_SEED=${fuzzSeed}`,
    async () => {
      const server = await startBuiltServer();
      try {
        const dice = new Dice(fuzzSeed);
        const port = Number(new URL(server.url).port);
        for (const { open, send } of attacks) {
          for (let sent = 0; sent < share; sent += perConnection) {
            const call = await startCall(server);
            const ws = open(dice, { port, callId: call.call_id, token: call.token });
            const gone = new Promise<void>((resolve) =>
              ws.once("close", () => {
                resolve();
              }),
            );
            await Promise.race([new Promise((resolve) => ws.once("open", resolve)), gone]);
            for (let one = 0; one < perConnection && ws.readyState === WebSocket.OPEN; one += 1)
              send(dice, ws);
            await new Promise((resolve) => setTimeout(resolve, 20));
            ws.terminate();
            await gone;
            // The place is given back at once instead of after the resume window.
            const host = connectRaw(server, call);
            await joined(host);
            host.send("stop_transcription");
            await host.closed;
          }
        }
        for (let count = 0; count < share; count += 1) {
          const path = mutated(
            dice,
            Buffer.from(
              dice.one(["/calls?q=hola&limit=5", "/calls/call_12345678/transcript.txt", "/session/start"]),
            ),
          );
          const safe = path.toString("latin1").replaceAll(/[^\x21-\x7e]/gu, "%");
          const answer = await ask(server, safe.startsWith("/") ? safe : `/${safe}`, {
            method: dice.one(["GET", "POST", "PATCH", "DELETE", "HEAD"]),
            body: mutated(dice, Buffer.from(JSON.stringify(anyValue(dice)))),
            headers: { "Content-Type": dice.one(["application/json", "text/plain", ""]) },
          });
          expect(answer.status, safe).toBeLessThan(500);
        }
        await expectAlive(server);
        const call = await startCall(server, { audio_mode: "mono" });
        const good = connectRaw(server, call);
        await joined(good);
        await good.audio(0, patternPcm(0, 1600, 1));
        await good.next("audio_ack", (ack) => ack.next_sample === 1600);
        expect(server.output()).not.toMatch(/unhandled rejection|uncaught exception|"level":50/u);
      } finally {
        await server.stop();
      }
    },
    120_000 + fuzzCases * 40,
  );
});
