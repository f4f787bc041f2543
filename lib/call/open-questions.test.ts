import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OpenQuestions, type QuestionLine } from "./open-questions.ts";
import type { AskedQuestion, SpeechReading } from "./ports.ts";
import { emptyReading } from "./testing/empty-reading.ts";

const nothing = emptyReading.answer;

let ids = 0;
function line(role: "rep" | "prospect", startMs: number, more: Partial<QuestionLine> = {}): QuestionLine {
  ids += 1;
  return {
    segmentId: `s${String(ids)}`,
    role,
    startMs,
    asked: [],
    isBackchannel: false,
    answer: nothing,
    ...more,
  };
}

function asks(wants: AskedQuestion["wants"], ...topics: readonly string[]): Partial<QuestionLine> {
  return { asked: [{ text: "¿…?", evidence: { start: 0, end: 3 }, wants, topics }] };
}

function says(answer: Partial<SpeechReading["answer"]>): Partial<QuestionLine> {
  return { answer: { ...nothing, statementWords: 8, ...answer } };
}

function stateAfter(...lines: readonly QuestionLine[]): unknown {
  const questions = new OpenQuestions();
  for (const one of lines) questions.put(one);
  return questions.states()[0]?.state;
}

describe("a question of the prospect", () => {
  const when = line("prospect", 0, asks("quantity", "insta"));

  it("waits for the rep's next two turns, then is open", () => {
    const shifted = says({ changesSubject: true });
    const one = [when, line("rep", 1000, shifted), line("prospect", 2000)];
    expect(stateAfter(...one)).toBeUndefined();
    expect(stateAfter(...one, line("rep", 3000, shifted))).toBeUndefined();
    expect(stateAfter(...one, line("rep", 3000, shifted), line("prospect", 4000))).toBe("open");
  });

  it("is answered by what it asks for", () => {
    const answer = line("rep", 1000, says({ givesQuantity: true }));
    expect(stateAfter(when, answer)).toEqual({ answeredBy: answer.segmentId });
    const open = line("prospect", 0, asks("open", "datos"));
    const said = line("rep", 1000, says({}));
    expect(stateAfter(open, said)).toEqual({ answeredBy: said.segmentId });
    const yes = line("rep", 1000, { answer: { ...nothing, statementWords: 1, saysYesOrNo: true } });
    expect(stateAfter(line("prospect", 0, asks("yes_no", "datos")), yes)).toEqual({
      answeredBy: yes.segmentId,
    });
  });

  it("is not answered by putting it off, and is when it is taken up later", () => {
    const lines = [
      line("prospect", 0, asks("yes_no", "factu")),
      line("rep", 1000, says({ isPutOff: true, topics: ["factu"] })),
      line("prospect", 2000),
      line("rep", 3000, says({ changesSubject: true })),
      line("prospect", 4000),
    ];
    expect(stateAfter(...lines)).toBe("open");
    const later = line("rep", 5000, says({ topics: ["factu"] }));
    expect(stateAfter(...lines, later)).toEqual({ answeredBy: later.segmentId });
  });

  it("does not take an acknowledgement for a turn", () => {
    const ack = { isBackchannel: true };
    const lines = [1, 2, 3].flatMap((at) => [line("rep", at * 1000, ack), line("prospect", at * 1000 + 500)]);
    expect(stateAfter(when, ...lines)).toBeUndefined();
  });

  it("is open when the call ends before an answer", () => {
    const questions = new OpenQuestions();
    questions.put(when);
    expect(questions.states()).toEqual([]);
    expect(questions.states(true)).toMatchObject([{ state: "open" }]);
  });

  it("has the same state in whatever order the finals come", () => {
    const spoken = fc.record({
      role: fc.constantFrom("rep" as const, "prospect" as const),
      wants: fc.constantFrom("quantity" as const, "yes_no" as const, "open" as const, null),
      isBackchannel: fc.boolean(),
      topic: fc.constantFrom("datos", "precio"),
      givesQuantity: fc.boolean(),
      changesSubject: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(spoken, { maxLength: 20 }), fc.infiniteStream(fc.nat()), (all, keys) => {
        const lines = all.map(({ role, wants, isBackchannel, topic, ...answer }, index) => ({
          ...line(role, index * 1000, wants === null ? {} : asks(wants, topic)),
          segmentId: `s${String(index)}`,
          isBackchannel,
          answer: { ...nothing, statementWords: 6, topics: [topic], ...answer },
        }));
        const told = (order: readonly QuestionLine[]): unknown => {
          const questions = new OpenQuestions();
          for (const one of order) questions.put(one);
          return questions.states();
        };
        const shuffled = lines
          .map((one) => ({ one, key: Number(keys.next().value) }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(told(shuffled)).toEqual(told(lines));
      }),
    );
  });
});
