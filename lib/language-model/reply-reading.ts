import type { ModelListener, ModelQuestion, ModelSilence } from "../call/language-model-ports.ts";
import { judgedAnswerSchema, replyAnswerSchema, replySoFar, verdictSoFar, type Verdict } from "./answers.ts";
import { isFitReply, mayBecomeReply, tidied, type ReplyFacts } from "./reply-check.ts";

/** A reply is shown from so many words on, and again with so many more: a word at a time is no reading. */
const wordsAtATime = 4;

/** One answer while it comes: the verdict first, then the reply by its words, each looked at before it is shown. */
export class ReplyReading {
  readonly #question: ModelQuestion;
  readonly #facts: ReplyFacts;
  readonly #listener: ModelListener;
  #judged: boolean;
  #isObjection = true;
  #shownWords = 0;

  constructor(question: ModelQuestion, instructions: string, listener: ModelListener) {
    this.#question = question;
    this.#facts = { ...question, instructions };
    this.#listener = listener;
    this.#judged = question.ask === "reply";
  }

  /** Something of the answer has been told. */
  get hasSpoken(): boolean {
    return this.#shownWords > 0 || (this.#question.ask === "judge" && this.#judged);
  }

  /** All of the answer so far. */
  take(json: string): "refused" | null {
    if (!this.#judged) {
      const verdict = verdictSoFar(json);
      if (verdict === null) return null;
      this.#tell(verdict);
    }
    if (!this.#isObjection) return null;
    const whole = replySoFar(json).replace(/^\s*["“«']/u, "");
    // The last word may not be all there.
    const text = tidied(whole.replace(/\S*$/u, ""));
    const words = text.split(" ").length;
    if (text === "" || words < this.#shownWords + wordsAtATime) return null;
    const isFit = words > wordsAtATime ? isFitReply(text, this.#facts) : mayBecomeReply(text, this.#facts);
    if (!isFit) return "refused";
    this.#shownWords = words;
    this.#listener.reply(text, false);
    return null;
  }

  /** The whole answer. Null: there was nothing wrong with it. */
  end(json: string): ModelSilence | null {
    let reply: string;
    try {
      const answer: unknown = JSON.parse(json);
      if (this.#question.ask === "judge") {
        const judged = judgedAnswerSchema.parse(answer);
        if (!this.#judged) this.#tell(judged);
        ({ reply } = judged);
      } else ({ reply } = replyAnswerSchema.parse(answer));
    } catch {
      return "malformed";
    }
    if (!this.#isObjection) return null;
    const text = tidied(reply);
    if (text === "" && this.#question.ask === "judge") return null;
    if (!isFitReply(text, this.#facts)) return "refused";
    this.#listener.reply(text, true);
    return null;
  }

  #tell({ is_objection: isObjection, quote, type }: Verdict): void {
    this.#judged = true;
    this.#isObjection = isObjection;
    this.#listener.verdict({ type: isObjection ? type : null, quote });
  }
}
