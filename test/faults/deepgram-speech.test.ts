import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../lib/platform/clock.ts";
import { readWav } from "../../lib/recording/wav-reader.ts";
import {
  engineAt,
  KeptTelemetry,
  rateHz,
  speak,
  type HeardCall,
} from "../../lib/transcription/deepgram/testing/spoken-call.ts";
import { createEmbeddedEngine, type EmbeddedEngine } from "../../lib/transcription/embedded-engine.ts";
import type { FaultSwitches } from "../stand-ins/deepgram/faults.ts";
import { recognisedWords } from "../stand-ins/deepgram/recognised-words.ts";
import { startDeepgramStandIn, type DeepgramStandIn } from "../stand-ins/deepgram/stand-in.ts";
import { times } from "./counts.ts";
import { compareTranscripts } from "./transcript-diff.ts";

const timeoutMs = 240_000;
/** Of each recorded call; all of it where the faults are run at full length. */
const seconds = times(15, "FAULT_SECONDS");
const rounds = times(1, "FAULT_ROUNDS");
// The recogniser behind the service hears all of them on this machine.
vi.setConfig({ maxConcurrency: rounds > 1 ? 2 : 5 });
const languages = rounds > 1 ? (["es", "en"] as const) : (["es"] as const);

let recogniser: EmbeddedEngine;
beforeAll(async () => {
  recogniser = createEmbeddedEngine({
    logger: new KeptTelemetry().logger,
    telemetry: new KeptTelemetry(),
    clock: systemClock,
    recognizerUrl: new URL("../../workers/recognizer.ts", import.meta.url),
    recognizerExecArgv: ["--import", "tsx"],
    warmLanguages: languages,
  });
  await recogniser.start();
}, timeoutMs);
afterAll(() => recogniser.close());

async function recorded(language: "es" | "en"): Promise<Uint8Array> {
  const wav = readWav(
    await readFile(new URL(`../../data/calls/${language}-short/call.wav`, import.meta.url)),
  );
  return wav.pcm.subarray(0, Math.min(wav.pcm.byteLength, seconds * rateHz * 4));
}

type Meanwhile = (service: DeepgramStandIn) => Promise<void>;

async function hear(language: "es" | "en", faults: FaultSwitches, meanwhile?: Meanwhile): Promise<HeardCall> {
  const service = await startDeepgramStandIn({
    words: recognisedWords({ engine: recogniser, multiLanguage: "es" }),
    faults,
  });
  try {
    const [heard] = await Promise.all([
      speak({
        engine: engineAt(service.url, new KeptTelemetry()),
        pcm: await recorded(language),
        channels: 2,
        language,
        vadEnabled: true,
      }),
      meanwhile?.(service),
    ]);
    return heard;
  } finally {
    await service.close();
  }
}

const segmentsOf = ({ finals }: HeardCall): { speaker: 0 | 1; text: string }[] =>
  [...finals]
    .sort((a, b) => a.startSample - b.startSample)
    .map(({ channel, text }) => ({ speaker: channel === 0 ? 0 : 1, text }));

describe.concurrent.each(languages)("a recorded call in %s, heard over a service with faults", (language) => {
  let hearing: Promise<HeardCall> | null = null;
  const undisturbed = (): Promise<HeardCall> => (hearing ??= hear(language, {}));

  it("is heard whole without them", { timeout: timeoutMs }, async () => {
    const heard = await undisturbed();
    expect(heard.failure).toBeNull();
    expect(segmentsOf(heard).length).toBeGreaterThan(3);
  });

  const faults = Array.from(
    { length: rounds },
    (_, round): [string, FaultSwitches, Meanwhile | undefined] => {
      const afterAudioMs = 4300 + round * 1700;
      return [
        `connections cut after ${afterAudioMs} ms each`,
        { drop: { kind: "reset", afterAudioMs, times: 4 } },
        undefined,
      ];
    },
  );
  faults.push([
    "nothing listening for 8 s",
    {},
    async (service) => {
      while ((service.sessions()[0]?.readMs ?? 0) < 4000) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      service.setFaults({ drop: { kind: "reset", times: 1 }, refuseConnectionsMs: 8000 });
    },
  ]);
  it.each(faults)("says the same words with %s", { timeout: timeoutMs }, async (_, switches, meanwhile) => {
    const [disturbed, before] = await Promise.all([hear(language, switches, meanwhile), undisturbed()]);
    expect(disturbed.failure).toBeNull();
    expect(disturbed.troubles.length).toBeGreaterThan(0);
    const diff = compareTranscripts(segmentsOf(before), segmentsOf(disturbed));
    expect(diff).toMatchObject({ holes: [], doubles: [] });
    expect(diff.changed).toBeLessThan(0.1);
  });
});
