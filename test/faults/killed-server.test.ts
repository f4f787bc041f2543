import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallReply } from "../../lib/contract/rest.ts";
import { clip, recordedCall } from "../contract/sound.ts";
import { readCall, startCall } from "../contract/server-under-test.ts";
import { times } from "./counts.ts";
import { FaultReport } from "./fault-report.ts";
import { FaultyServer } from "./faulty-server.ts";
import { SteadfastCaller } from "./steadfast-caller.ts";
import { lossesOf } from "./stored-proof.ts";
import { compareTranscripts } from "./transcript-diff.ts";

const deaths = times(2, "FAULT_KILLS");
const sound = clip(recordedCall("es-short").sound, 0, 32_000);
const report = new FaultReport("killed-server");

let server: FaultyServer;
let undisturbed: CallReply;
beforeAll(async () => {
  server = await FaultyServer.start();
  const call = await startCall(server.running);
  const caller = new SteadfastCaller({ server: () => server.alive, call, sound, speed: 8, transport: "/ws" });
  await caller.run({ stop: true, withinMs: 90_000 });
  expect(caller.faults).toEqual([]);
  undisturbed = await readCall(server.running, call.call_id);
}, 200_000);
afterAll(async () => {
  await server.close();
  report.finish();
});

describe.each([
  { transport: "/ws", speed: 4 },
  { transport: "Socket.IO", speed: 2 },
] as const)("a server that is killed again and again in a call over $transport", ({ transport, speed }) => {
  it(`loses no sample, no event and no row in ${String(deaths)} deaths`, async () => {
    const lost = { samples: 0, events: 0, rows: 0 };
    const recoveriesMs: number[] = [];
    let kills = 0;
    while (kills < deaths) {
      const call = await startCall(server.running);
      const caller = new SteadfastCaller({ server: () => server.alive, call, sound, speed, transport });
      const over = caller.run({ stop: true, withinMs: 600_000 });
      over.catch(() => undefined);
      while (kills < deaths) {
        await sleep(200 + Math.random() * 2500);
        if (caller.completed !== null) break;
        await server.killAndRestart();
        kills += 1;
      }
      await over;
      expect(caller.faults).toEqual([]);
      const { read, ...losses } = await lossesOf(server.running, caller, call, sound);
      lost.samples += losses.samples;
      lost.events += losses.events;
      lost.rows += losses.rows;
      const { holes, doubles, changed } = compareTranscripts(undisturbed.segments, read.segments);
      expect({ holes, doubles }).toEqual({ holes: [], doubles: [] });
      expect(changed).toBeLessThan(0.2);
      recoveriesMs.push(...caller.recoveriesMs);
    }
    expect(lost).toEqual({ samples: 0, events: 0, rows: 0 });
    report.add({
      fault: `server killed, ${transport}, ${String(speed)} × real time`,
      provoked: "SIGKILL of the process at random moments, restart on the same folder",
      times: kills,
      lostSamples: lost.samples,
      lostEvents: lost.events,
      lostRows: lost.rows,
      recoveriesMs,
    });
  }, 3_000_000);
});
