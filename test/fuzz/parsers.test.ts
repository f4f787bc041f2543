import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CallError } from "../../lib/call/errors.ts";
import { readWav } from "../../lib/recording/wav-reader.ts";
import { chooseRange, isUnchanged } from "../../lib/rest/byte-range.ts";
import { readJsonBody } from "../../lib/rest/request-body.ts";
import { requestPath } from "../../lib/rest/request-path.ts";
import { readQuery } from "../../lib/rest/request-query.ts";
import { sessionStartRequestSchema } from "../../lib/contract/rest.ts";
import { parseClientMessage, parseTextFrame } from "../../lib/realtime/client-message.ts";
import { anyValue, Dice, fuzzCases, fuzzSeed, mutated } from "./mutations.ts";

/** Runs a case; refusing with an error of ours is right, any other error is not. */
async function refusedOrTaken<T>(run: () => T | Promise<T>, codes: readonly string[]): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    expect(codes).toContain(error.code);
    expect(error.message.length).toBeLessThan(5000);
    return null;
  }
}

function wav(dice: Dice): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF");
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1 + dice.below(2), 22);
  header.writeUInt32LE(dice.one([8000, 16_000, 48_000]), 24);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(dice.below(200), 40);
  return Buffer.concat([header, dice.bytes(dice.below(100))]);
}

const cases: Readonly<Record<string, (dice: Dice) => Promise<void>>> = {
  "WAV files": async (dice) => {
    const read = await refusedOrTaken(() => readWav(mutated(dice, wav(dice))), ["invalid"]);
    if (read !== null) expect(read.pcm.length % (2 * read.format.channels)).toBe(0);
  },
  "bodies of JSON": async (dice) => {
    const good = {
      language: "es",
      title: "x",
      customer: { name: "y" },
      sample_rate: 16_000,
      more: anyValue(dice),
    };
    const text = Buffer.from(JSON.stringify(dice.next() < 0.5 ? good : anyValue(dice)));
    const body = dice.next() < 0.6 ? mutated(dice, text) : text;
    const type = dice.next() < 0.9 ? "application/json" : "text/plain";
    const request = new Request("http://127.0.0.1/", {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "Content-Type": type },
    });
    const codes = ["malformed", "invalid", "too_large", "unsupported_type"];
    await refusedOrTaken(() => readJsonBody(request, sessionStartRequestSchema), codes);
  },
  queries: async (dice) => {
    const schema = z.strictObject({ q: z.string().optional(), limit: z.coerce.number().int().optional() });
    const good = "/calls?q=precio%20alto&limit=20&from=2026-01-01";
    await refusedOrTaken(
      () => readQuery(mutated(dice, Buffer.from(good)).toString("latin1"), schema),
      ["malformed"],
    );
  },
  "request targets": async (dice) => {
    const good = dice.one([
      "/calls/call_12345678/audio/mix.wav",
      "http://localhost/ws/abc?x=%41",
      "/calls/%2e%2e/x",
    ]);
    const path = requestPath(mutated(dice, Buffer.from(good)).toString("latin1"));
    for (const segment of path?.segments ?? []) expect(segment).not.toMatch(/^\.{1,2}$|[/\\\0]/u);
    await Promise.resolve();
  },
  ranges: async (dice) => {
    const byteLength = dice.below(3000);
    const good = dice.one(["bytes=0-99", "bytes=-5", "bytes=100-", "bytes=0-0,5-9"]);
    const range = mutated(dice, Buffer.from(good)).toString("latin1");
    const choice = chooseRange({ method: "GET", headers: { range }, etag: '"1"', byteLength });
    if (choice.kind === "part") {
      expect(choice.start).toBeGreaterThanOrEqual(0);
      expect(choice.start).toBeLessThan(choice.end);
      expect(choice.end).toBeLessThanOrEqual(byteLength);
    }
    isUnchanged({ "if-none-match": range }, '"1"');
    await Promise.resolve();
  },
  "text frames": async (dice) => {
    const text = Buffer.from(
      JSON.stringify({ type: "toggle_coach", data: { enabled: true, more: anyValue(dice) } }),
    );
    await refusedOrTaken(() => {
      const { type, data } = parseTextFrame(mutated(dice, text).toString());
      return parseClientMessage(type, data);
    }, ["malformed", "unknown_message"]);
  },
};

describe("what is parsed", () => {
  it.each(Object.entries(cases))(
    `as %s is taken or refused in ${fuzzCases} cases of FUZZ_SEED=${fuzzSeed}`,
    async (_what, run) => {
      const dice = new Dice(fuzzSeed);
      for (let count = 0; count < fuzzCases; count += 1) await run(dice);
    },
    60_000 + fuzzCases * 5,
  );
});
