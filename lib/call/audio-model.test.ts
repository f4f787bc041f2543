import fc from "fast-check";
import { expect, it } from "vitest";
import { CallBench, frame } from "./testing/call-bench.ts";
import { settle } from "./testing/manual-clock.ts";

const place = fc.integer({ min: -3000, max: 400 });
const samples = fc.integer({ min: 1, max: 4000 });
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("audio"),
      at: place,
      samples,
      fill: fc.integer({ min: 1, max: 250 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("lost"), at: place, samples, fill: fc.constant(0) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("take over", "resume", "wait"),
      at: place,
      samples,
      fill: fc.constant(0),
    }),
  },
);

it("what is recorded, lost and marked is what a list of samples says, whatever is sent in whatever order (A1 to A8)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const bench = new CallBench();
      const { callId, seat } = await bench.live();
      let host = seat;
      /** One entry a sample: what it was filled with, null where it was lost. */
      const model: (number | null)[] = [];
      const marks: number[] = [];
      let marksNext = true;
      for (const one of steps) {
        const next = model.length;
        const first = Math.max(0, next + one.at);
        const fresh = Math.max(0, first + one.samples - next);
        if (one.do === "wait") {
          await bench.clock.advance(one.samples);
        } else if (one.do === "take over" || one.do === "resume") {
          if (one.do === "resume") host.leave();
          const joined = await bench.join(callId);
          host = joined.seat;
          expect(joined.heard.messages[0]).toMatchObject({ data: { next_sample: next } });
          await host.start(undefined);
          marksNext = true;
        } else {
          const isAudio = one.do === "audio";
          const sent = isAudio
            ? host.audio(first, frame(one.samples, one.fill))
            : host.audioLost({ firstSample: first, samples: one.samples, reason: "test" });
          if (first > next) {
            await expect(sent).rejects.toMatchObject({ code: "audio_gap", nextSample: next });
          } else {
            await sent;
            if (isAudio && fresh > 0 && marksNext) {
              marks.push(next);
              marksNext = false;
            }
            for (let sample = 0; sample < fresh; sample += 1) model.push(isAudio ? one.fill : null);
          }
        }
        expect(host.nextSample()).toBe(model.length);
      }
      await settle();
      const { call } = await bench.registry.status(callId);
      const recorded = bench.recorder.recordings.get(callId)?.bytes ?? new Uint8Array(0);
      expect(
        Buffer.from(recorded).equals(Buffer.from(model.flatMap((fill) => Array<number>(4).fill(fill ?? 0)))),
      ).toBe(true);
      const lost = new Set(
        call.lostAudio.flatMap((span) =>
          Array.from({ length: span.samples }, (_, sample) => span.first_sample + sample),
        ),
      );
      expect(lost).toEqual(new Set(model.flatMap((fill, sample) => (fill === null ? [sample] : []))));
      expect(call.audioMarks.map(({ sample }) => sample)).toEqual(marks);
    }),
  );
});
