import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CallRepository, CallSearch } from "../call/ports.ts";
import {
  sampleCall,
  sampleEvent,
  sampleInsight,
  sampleObjection,
  sampleSegment,
  sampleSuggestion,
  sampleWrite,
} from "./sample-calls.ts";

/** A repository that can be closed and opened again on the same storage. */
export interface RepositoryUnderTest {
  readonly repository: CallRepository;
  /** Closes it and opens another on what it left. */
  restart(): Promise<CallRepository>;
  close(): Promise<void>;
}

export const everything: CallSearch = {
  query: null,
  fromMs: null,
  toMs: null,
  objection: null,
  status: null,
  ownerId: null,
  limit: 20,
  cursor: null,
};

const nothingSaid = { segments: [], objections: [], suggestions: [], insights: [] };

/** What every `CallRepository` has to do. */
export function describeCallRepository(name: string, open: () => Promise<RepositoryUnderTest>): void {
  describe(name, () => {
    let opened: RepositoryUnderTest;
    let calls: CallRepository;
    // The tests share a storage and find their own calls by a customer nobody else has.
    const id = () => `call_${randomUUID()}`;
    async function found(query: string, search: Partial<CallSearch> = {}): Promise<readonly string[]> {
      const page = await calls.search({ ...everything, query, limit: 100, ...search });
      return page.rows.map((row) => row.call.callId);
    }

    beforeAll(async () => {
      opened = await open();
      calls = opened.repository;
    }, 60_000);
    afterAll(async () => {
      await opened.close();
    });

    test("what was created is read back whole", async () => {
      const call = sampleCall(id(), {
        title: "Demo “rápida” 🎧 'fin'",
        customer: { name: "Ana", company: "Acme" },
        consent: { obtained: true, method: "oral", at: "2026-03-09T10:00:00.000Z", by: "Ana" },
        playbook: "default",
        playbookVersion: 3,
        durableSamples: 230_400_000,
        lostAudio: [{ first_sample: 1, samples: 16, ts_ms: 0, end_ms: 1, reason: "reload" }],
        audioMarks: [{ sample: 0, wall_clock: "2026-03-09T10:00:00.000Z" }],
        billedSeconds: 12.5,
        repVoice: 3,
      });
      await calls.create(call);
      expect(await calls.get(call.callId)).toEqual(call);
      expect(await calls.load(call.callId)).toEqual({ call, ...nothingSaid });
    });

    test("a text with U+0000 in it is not cut there", async () => {
      const callId = id();
      await calls.create(sampleCall(callId, { title: "antes\u0000después" }));
      await calls.write(sampleWrite(callId, { segments: [sampleSegment("s1", "sí\u0000no")] }));
      const stored = await calls.load(callId);
      expect(stored?.call.title).toBe("antes\ufffddespués");
      expect(stored?.segments[0]?.text).toBe("sí\ufffdno");
    });

    test("a call that was never created is null everywhere and cannot be written", async () => {
      const callId = id();
      expect(await calls.get(callId)).toBeNull();
      expect(await calls.load(callId)).toBeNull();
      expect(await calls.eventsAfter(callId, 0, 10)).toEqual([]);
      expect(await calls.delete(callId)).toBe(false);
      expect(await calls.setFeedback(callId, "x", "used")).toBe(false);
      await expect(calls.write(sampleWrite(callId, { changes: { title: "x" } }))).rejects.toMatchObject({
        code: "call_not_found",
      });
    });

    test("a call can be created only once", async () => {
      const call = sampleCall(id(), { title: "first" });
      await calls.create(call);
      await expect(calls.create({ ...call, title: "second" })).rejects.toMatchObject({
        code: "storage_failed",
      });
      expect((await calls.get(call.callId))?.title).toBe("first");
    });

    test("one write stores segments, objections, suggestions, insights, events and changes", async () => {
      const call = sampleCall(id());
      await calls.create(call);
      const segments = [
        sampleSegment("s2", "después", { tsMs: 4000, endMs: 5000, speaker: null, voice: 3 }),
        sampleSegment("s1", "es caro"),
      ];
      const objections = [sampleObjection("o1")];
      const suggestions = [sampleSuggestion("g1")];
      const insights = [sampleInsight("i1"), sampleInsight("i2", { ts_ms: 3000 })];
      const summary = {
        total_segments: 2,
        total_objections: 1,
        objection_types: { price: 1 },
        speakers_time: { rep: 0, prospect: 1500, unknown: 1000 },
        top_topics: ["precio"],
        next_steps: [],
        confidence_score: 0.8,
      };
      const customer = { company: "Acme" };
      const modelUsage = { requests: 3, promptTokens: 900, completionTokens: 80, unmetered: 1 };
      const numbers = { settledSample: 80_000, reservedSeq: 200, billedSeconds: 0.25 };
      const changes = { ...numbers, summary, customer, modelUsage };
      const said = { segments, objections, suggestions, insights };
      const events = [sampleEvent(call.callId, 1)];
      await calls.write(sampleWrite(call.callId, { ...said, events, changes }));
      expect(await calls.load(call.callId)).toEqual({
        ...said,
        call: { ...call, ...changes },
        segments: segments.toReversed(),
      });
    });

    test("the same write twice changes nothing, and a later one replaces by id", async () => {
      const { callId } = sampleCall(id());
      await calls.create(sampleCall(callId));
      const write = sampleWrite(callId, {
        segments: [sampleSegment("s1", "es car")],
        objections: [sampleObjection("o1", { status: "provisional" })],
        events: [sampleEvent(callId, 1)],
      });
      await calls.write(write);
      await calls.write(write);
      const final = sampleSegment("s1", "es caro", { revision: 2 });
      await calls.write(
        sampleWrite(callId, {
          segments: [final],
          objections: [sampleObjection("o1", { status: "retracted" })],
        }),
      );
      const stored = await calls.load(callId);
      expect(stored?.segments).toEqual([final]);
      expect(stored?.objections.map((objection) => objection.status)).toEqual(["retracted"]);
      expect(await calls.eventsAfter(callId, 0, 10)).toEqual([sampleEvent(callId, 1)]);
    });

    test("an event keeps its number: another one under it is not taken", async () => {
      const { callId } = sampleCall(id());
      await calls.create(sampleCall(callId));
      await calls.write(sampleWrite(callId, { events: [sampleEvent(callId, 2), sampleEvent(callId, 1)] }));
      const other = {
        type: "coach_changed",
        data: { call_id: callId, seq: 2, coach_enabled: false },
      } as const;
      await calls.write(sampleWrite(callId, { events: [other, sampleEvent(callId, 7)] }));
      expect(await calls.eventsAfter(callId, 0, 100)).toEqual(
        [1, 2, 7].map((seq) => sampleEvent(callId, seq)),
      );
      expect(await calls.eventsAfter(callId, 1, 1)).toEqual([sampleEvent(callId, 2)]);
    });

    test("a write that cannot be done whole is not done at all, and its neighbours are", async () => {
      const [good, bad, alsoGood] = [id(), id(), id()];
      await Promise.all([good, bad, alsoGood].map((callId) => calls.create(sampleCall(callId))));
      const broken = { ...sampleSegment("s2", "nunca"), tsMs: null } as never;
      const results = await Promise.allSettled([
        calls.write(sampleWrite(good, { segments: [sampleSegment("s1", "uno")] })),
        calls.write(
          sampleWrite(bad, { changes: { title: "nunca" }, segments: [sampleSegment("s1", "dos"), broken] }),
        ),
        calls.write(sampleWrite(alsoGood, { segments: [sampleSegment("s1", "tres")] })),
      ]);
      expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(results[1]).toMatchObject({
        reason: { code: "storage_failed", retryable: false, refused: true },
      });
      expect(await calls.load(bad)).toMatchObject({ call: { title: "" }, segments: [] });
      expect((await calls.load(alsoGood))?.segments.length).toBe(1);
    });

    test("feedback is the own call's alone, and stays when the suggestion is written again without one", async () => {
      const [callId, other] = [id(), id()];
      for (const one of [callId, other]) await calls.create(sampleCall(one));
      const partial = sampleSuggestion("g1", { status: "partial" });
      await calls.write(sampleWrite(callId, { suggestions: [partial] }));
      expect(await calls.setFeedback(other, "g1", "used")).toBe(false);
      expect(await calls.setFeedback(callId, "g1", "used")).toBe(true);
      expect(await calls.setFeedback(callId, "g2", "used")).toBe(false);
      await calls.write(sampleWrite(callId, { suggestions: [sampleSuggestion("g1")] }));
      expect((await calls.load(callId))?.suggestions).toEqual([sampleSuggestion("g1", { feedback: "used" })]);
    });

    test("every word of a query must be in what was said, the title or the customer, wherever", async () => {
      const callId = id();
      await calls.create(
        sampleCall(callId, {
          title: "Renovación Zanahorión",
          customer: { name: "Íñigo", company: "Ñandú & Cía" },
        }),
      );
      await calls.write(
        sampleWrite(callId, {
          segments: [
            sampleSegment("s1", "¡Es CARÍSIMO, para nosotros!"),
            sampleSegment("s2", "no hay presupuesto"),
          ],
        }),
      );
      const hits = [
        "zanahorion",
        "ZANAHORIÓN carisimo presup",
        "inigo nandu",
        "presupuesto es carísimo zanaho",
      ];
      const misses = [
        "zanahorion barato",
        "zanaho carisimo",
        "zanahorion presupuestos",
        "zanahorion nodicho",
      ];
      for (const completed of [false, true]) {
        if (completed) await calls.write(sampleWrite(callId, { changes: { status: "completed" } }));
        for (const query of hits) expect(await found(query), query).toEqual([callId]);
        for (const query of misses) expect(await found(query), query).toEqual([]);
      }
    });

    test("what a user types is never taken for the language of the search", async () => {
      const callId = id();
      await calls.create(sampleCall(callId, { title: "xylófono", status: "completed" }));
      const harmless = [
        'xylofono"',
        "xylofono*",
        "(xylofono",
        "-xylofono",
        "body:xylofono",
        "xylofono\u0000",
      ];
      for (const query of harmless.filter((query) => !query.includes(":"))) {
        expect(await found(query), query).toEqual([callId]);
      }
      for (const query of ["body:xylofono", "xylofono OR nada", "NOT xylofono", "xylofono NEAR xylofono"]) {
        expect(await found(query), query).toEqual([]);
      }
      for (const query of ['"', "🎧", "¿?", " ", "'; DROP TABLE calls; --"]) {
        expect(Array.isArray(await found(query))).toBe(true);
      }
      // No word at all: nothing to filter by.
      expect(await found("¡¿?!", { limit: 1 })).toHaveLength(1);
    });

    test("a change of words or title is found at once, and what it replaced is not", async () => {
      const callId = id();
      await calls.create(sampleCall(callId, { title: "primerisimo" }));
      await calls.write(sampleWrite(callId, { segments: [sampleSegment("s1", "equivocadisimo")] }));
      await calls.write(
        sampleWrite(callId, {
          segments: [sampleSegment("s1", "corregidisimo", { revision: 2 })],
          changes: { title: "segundisimo" },
        }),
      );
      expect(await found("corregidisimo segundisimo")).toEqual([callId]);
      expect(await found("equivocadisimo")).toEqual([]);
      expect(await found("primerisimo")).toEqual([]);
      await calls.write(sampleWrite(callId, { changes: { status: "completed" } }));
      await calls.write(
        sampleWrite(callId, {
          segments: [sampleSegment("s1", "redactadisimo", { revision: 3 })],
          changes: { title: "tercerisimo" },
        }),
      );
      expect(await found("redactadisimo tercerisimo")).toEqual([callId]);
      expect(await found("corregidisimo")).toEqual([]);
      expect(await found("segundisimo")).toEqual([]);
    });

    test("lists are newest first, cut into pages that overlap nowhere and miss nothing", async () => {
      const start = Date.UTC(2020, 0, 1);
      // Two calls share each moment, and they are created out of order.
      const made = [4, 1, 3, 0, 2].flatMap((minute) => [minute, minute]);
      const expected: { callId: string; startedAtMs: number }[] = [];
      for (const minute of made) {
        const call = sampleCall(id(), {
          startedAtMs: start + minute * 60_000,
          title: "paginador",
          status: minute % 2 === 0 ? "completed" : "live",
        });
        await calls.create(call);
        expected.push(call);
      }
      for (const query of ["paginador", null]) {
        const window = { query, fromMs: start, toMs: start + 240_000, limit: 3 };
        const seen: { callId: string; startedAtMs: number }[] = [];
        for (let cursor: string | null = null, pages = 0; pages < 10; pages++) {
          const page = await calls.search({ ...everything, ...window, cursor });
          seen.push(...page.rows.map((row) => row.call));
          cursor = page.nextCursor;
          if (cursor === null) break;
          expect(page.rows).toHaveLength(3);
        }
        expect(seen.map((call) => call.startedAtMs)).toEqual(
          expected.map((call) => call.startedAtMs).sort((a, b) => b - a),
        );
        expect(new Set(seen.map((call) => call.callId))).toEqual(
          new Set(expected.map((call) => call.callId)),
        );
      }
      const middle = await calls.search({
        ...everything,
        fromMs: start + 60_000,
        toMs: start + 120_000,
        status: "live",
      });
      expect(middle.rows.map((row) => row.call.startedAtMs)).toEqual([start + 60_000, start + 60_000]);
      expect(middle.nextCursor).toBeNull();
    });

    test("a row counts segments and confirmed objections, and the filter knows only those", async () => {
      const callId = id();
      await calls.create(sampleCall(callId, { title: "contador" }));
      await calls.write(
        sampleWrite(callId, {
          segments: [sampleSegment("s1", "uno"), sampleSegment("s2", "dos")],
          objections: [
            sampleObjection("o1"),
            sampleObjection("o2"),
            sampleObjection("o3", { type: "trust" }),
            sampleObjection("o4", { type: "need", status: "retracted" }),
          ],
        }),
      );
      const page = await calls.search({ ...everything, query: "contador" });
      expect(page.rows).toMatchObject([{ segmentCount: 2, objections: { price: 2, trust: 1 } }]);
      expect(page.rows[0]?.objections).not.toHaveProperty("need");
      expect(await found("contador", { objection: "trust" })).toEqual([callId]);
      expect(await found("contador", { objection: "need" })).toEqual([]);
    });

    test("a cursor that no list gave is malformed", async () => {
      for (const cursor of ["", "x", "YzEu", "c1.zz", Buffer.from("c1.00").toString("base64url"), "é"]) {
        await expect(calls.search({ ...everything, cursor }), cursor).rejects.toMatchObject({
          code: "malformed",
        });
      }
    });

    test("a deleted call is gone from every read, and its id is free again", async () => {
      const call = sampleCall(id(), { title: "borrable" });
      await calls.create(call);
      await calls.write(
        sampleWrite(call.callId, {
          segments: Array.from({ length: 100 }, (_, i) => sampleSegment(`s${String(i)}`, "esfumado")),
          objections: [sampleObjection("o1")],
          suggestions: [sampleSuggestion("g1")],
          events: Array.from({ length: 100 }, (_, i) => sampleEvent(call.callId, i + 1)),
          changes: { status: "completed" },
        }),
      );
      const deleted = await Promise.all([calls.delete(call.callId), calls.delete(call.callId)]);
      expect(deleted.filter(Boolean)).toHaveLength(1);
      expect(await calls.get(call.callId)).toBeNull();
      expect(await calls.load(call.callId)).toBeNull();
      expect(await calls.eventsAfter(call.callId, 0, 10)).toEqual([]);
      expect(await found("borrable")).toEqual([]);
      expect(await found("esfumado")).toEqual([]);
      await calls.create(call);
      expect(await calls.load(call.callId)).toMatchObject(nothingSaid);
    });

    test("after a restart everything is there, and the unfinished are told oldest first", async () => {
      const [older, newer, done] = [id(), id(), id()];
      const startedAtMs = Date.UTC(2019, 0, 1);
      await calls.create(sampleCall(newer, { startedAtMs: startedAtMs + 1 }));
      await calls.create(sampleCall(older, { startedAtMs, title: "sobreviviente" }));
      await calls.create(sampleCall(done, { startedAtMs, status: "completed" }));
      await calls.write(
        sampleWrite(older, { segments: [sampleSegment("s1", "es caro")], events: [sampleEvent(older, 1)] }),
      );
      const before = await calls.load(older);
      calls = await opened.restart();
      expect(await calls.load(older)).toEqual(before);
      expect(await calls.eventsAfter(older, 0, 10)).toEqual([sampleEvent(older, 1)]);
      expect(await found("sobreviviente caro")).toEqual([older]);
      const unfinished = (await calls.unfinished()).map((call) => call.callId);
      expect(unfinished.filter((callId) => [older, newer, done].includes(callId))).toEqual([older, newer]);
    });
  });
}
