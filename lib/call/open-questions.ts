import type { AskedQuestion, SpeechReading } from "./ports.ts";

/** A final as a question or an answer. Times in milliseconds of call audio. */
export interface QuestionLine {
  readonly segmentId: string;
  readonly role: "rep" | "prospect";
  readonly startMs: number;
  readonly asked: readonly AskedQuestion[];
  readonly isBackchannel: boolean;
  readonly answer: SpeechReading["answer"];
}

export interface QuestionState {
  readonly line: QuestionLine;
  readonly question: AskedQuestion;
  /** Left unanswered by the rep's next two turns; or answered by this segment, in time or later. */
  readonly state: "open" | { readonly answeredBy: string };
}

/** Lines that are remembered: some minutes of talk. A question that leaves them stays as it was told. */
const maxLines = 80;
/** Turns of the rep in which an answer is waited for. */
const answerTurns = 2;
const minAnswerWords = 4;
const minTopicWords = 3;

/** Which of the prospect's questions the rep has left unanswered. Depends on the lines, not on their arrival. */
export class OpenQuestions {
  readonly #lines: QuestionLine[] = [];

  put(line: QuestionLine): void {
    this.remove(line.segmentId);
    const after = this.#lines.findLastIndex(
      (known) =>
        known.startMs < line.startMs || (known.startMs === line.startMs && known.segmentId < line.segmentId),
    );
    this.#lines.splice(after + 1, 0, line);
    if (this.#lines.length > maxLines) this.#lines.shift();
  }

  remove(segmentId: string): void {
    const at = this.#lines.findLastIndex((known) => known.segmentId === segmentId);
    if (at >= 0) this.#lines.splice(at, 1);
  }

  /** `isOver`: nobody will say anything more, so that a question still waiting is open. */
  states(isOver = false): readonly QuestionState[] {
    return this.#lines.flatMap((line, index) => {
      if (line.role !== "prospect") return [];
      return line.asked.flatMap((question): QuestionState[] => {
        const state = this.#stateOf(question, index, isOver);
        return state === null ? [] : [{ line, question, state }];
      });
    });
  }

  /** Null: it may still be answered in time. */
  #stateOf(question: AskedQuestion, at: number, isOver: boolean): QuestionState["state"] | null {
    let turns = 0;
    let isInTurn = false;
    for (let index = at + 1; index < this.#lines.length; index += 1) {
      const line = this.#lines[index];
      if (line === undefined) break;
      if (line.role === "rep") {
        if (turns >= answerTurns ? takesUp(question, line) : answers(question, line)) {
          return { answeredBy: line.segmentId };
        }
        isInTurn ||= !line.isBackchannel;
      } else if (isInTurn) {
        turns += 1;
        isInTurn = false;
      }
    }
    return isOver || turns >= answerTurns ? "open" : null;
  }
}

function takesUp(question: AskedQuestion, { answer }: QuestionLine): boolean {
  return (
    !answer.isPutOff &&
    answer.statementWords >= minTopicWords &&
    question.topics.some((topic) => answer.topics.includes(topic))
  );
}

/** A fair guess, in favour of the rep: what may be an answer is taken for one. */
function answers(question: AskedQuestion, line: QuestionLine): boolean {
  const { answer } = line;
  if (answer.isPutOff) return false;
  if (question.wants === "quantity") return answer.givesQuantity;
  if (takesUp(question, line)) return true;
  if (question.wants === "yes_no" && answer.saysYesOrNo) return true;
  return answer.statementWords >= minAnswerWords && !answer.changesSubject;
}
