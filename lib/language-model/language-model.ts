import type { z } from "zod";
import type {
  CallFact,
  LanguageModel,
  ModelAnswer,
  ModelListener,
  ModelQuestion,
  ModelSilence,
} from "../call/language-model-ports.ts";
import type { Clock, Logger, Telemetry } from "../call/ports.ts";
import type { Language } from "../contract/vocabulary.ts";
import { judgedAnswerSchema, proseAnswerSchema, replyAnswerSchema } from "./answers.ts";
import { ChatError, type Chat, type ChatReply } from "./chat-client.ts";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { promptOf, prosePromptOf, type Prompt } from "./instructions.ts";
import { groundedProse } from "./prose-check.ts";
import { ReplyReading } from "./reply-reading.ts";
import { RequestGate } from "./request-gate.ts";

/** Requests at once over all calls, and how many may wait for a place, inside their own time. */
const mostAtOnce = 4;
const mostWaiting = 8;
/** Nobody waits for prose on a call that is over: one at a time, beside the questions of live calls. */
const proseAtOnce = 1;
const proseTimeoutMs = 20_000;

export interface LanguageModelOptions {
  readonly chat: Chat;
  /** From the question to the first words, and once more to the last. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

const nothingSpent = { requests: 0, promptTokens: 0, completionTokens: 0, unmetered: 0 } as const;

type Outcome =
  | { readonly reply: ChatReply; readonly silence: null }
  | { readonly reply: null; readonly silence: ModelSilence; readonly wasSent: boolean };

/** What a request tells of the server's health. */
type Sign = "answered" | "late" | "failed" | "undecided";

/** The way of one kind of request to the server. */
interface Lane {
  readonly gate: RequestGate;
  readonly admits: () => boolean;
  readonly tells: (sign: Sign, retryAfterMs?: number | null) => void;
}

class Late extends Error {
  override readonly name = "Late";
}

class Refused extends Error {
  override readonly name = "Refused";
}

/** A language model behind a gate, a breaker and checks: what comes out may be shown, or is a silence. */
export function createLanguageModel(options: LanguageModelOptions): LanguageModel {
  const { chat, clock, logger, telemetry, timeoutMs } = options;
  const watchers = new Set<(isAway: boolean) => void>();
  const breaker = new CircuitBreaker({
    clock,
    onChange: (isAway) => {
      if (isAway) logger.warn({}, "the language model fails; it is left alone for a while");
      else logger.info({}, "the language model is back");
      telemetry.count("model_switches", 1, { reason: isAway ? "away" : "back" });
      for (const watcher of watchers) watcher(isAway);
    },
  });

  const questions: Lane = {
    gate: new RequestGate({ most: mostAtOnce, mostWaiting }),
    admits: () => breaker.admits(),
    tells: (sign, retryAfterMs = null) => {
      if (sign === "answered") breaker.succeeded();
      else if (sign === "undecided") breaker.undecided();
      else breaker.failed(retryAfterMs);
    },
  };
  /** Long texts say little about short ones: it finds out nothing, and only what a server refuses counts. */
  const prose: Lane = {
    gate: new RequestGate({ most: proseAtOnce, mostWaiting }),
    admits: () => !breaker.isAway,
    tells: (sign, retryAfterMs = null) => {
      if (sign === "failed") breaker.failed(retryAfterMs);
    },
  };

  async function send(
    lane: Lane,
    request: { readonly name: string; readonly prompt: Prompt; readonly schema: z.ZodType },
    limits: { readonly firstMs: number; readonly wholeMs: number },
    signal: AbortSignal,
    onText: (json: string, begun: () => void) => void,
  ): Promise<Outcome> {
    const own = new AbortController();
    const both = AbortSignal.any([signal, own.signal]);
    const late = (): void => {
      own.abort(new Late());
    };
    let cancelTimer = clock.after(limits.firstMs, late);
    let hasBegun = false;
    const begun = (): void => {
      if (hasBegun) return;
      hasBegun = true;
      cancelTimer();
      cancelTimer = clock.after(limits.wholeMs - limits.firstMs, late);
    };
    const leave = await lane.gate.enter(both);
    try {
      if (leave === null) {
        return {
          reply: null,
          silence: signal.aborted ? "aborted" : own.signal.aborted ? "late" : "busy",
          wasSent: false,
        };
      }
      if (!lane.admits()) return { reply: null, silence: "open", wasSent: false };
      try {
        const reply = await chat({
          ...request,
          signal: both,
          onText: (json) => {
            try {
              onText(json, begun);
            } catch (error) {
              own.abort(error);
            }
          },
        });
        return { reply, silence: null };
      } catch (error) {
        return { reply: null, silence: silenceOf(lane, error, signal), wasSent: true };
      }
    } finally {
      cancelTimer();
      leave?.();
    }
  }

  function silenceOf(lane: Lane, error: unknown, signal: AbortSignal): ModelSilence {
    if (signal.aborted) {
      lane.tells("undecided");
      return "aborted";
    }
    if (error instanceof Refused) {
      lane.tells("answered");
      return "refused";
    }
    const fault = error instanceof ChatError ? error : null;
    const isLate = error instanceof Late;
    // Never the error itself: servers repeat what they were asked.
    logger.debug({ status: fault?.status ?? null, late: isLate }, "a language model did not answer");
    lane.tells(isLate ? "late" : "failed", fault?.retryAfterMs);
    if (isLate) return "late";
    return fault?.kind === "malformed" ? "malformed" : "failed";
  }

  /** `silence`: what is wrong with an answer that came to its end. */
  function told(lane: Lane, outcome: Outcome, silence: ModelSilence | null): ModelAnswer {
    if (outcome.reply !== null) lane.tells(silence === "malformed" ? "failed" : "answered");
    telemetry.count("model_requests", 1, { reason: silence ?? "answered" });
    if (outcome.reply === null && !outcome.wasSent) return { silence, usage: nothingSpent };
    const tokens = outcome.reply?.tokens ?? null;
    if (tokens === null) return { silence, usage: { ...nothingSpent, requests: 1, unmetered: 1 } };
    telemetry.count("model_tokens", tokens.prompt, { type: "prompt" });
    telemetry.count("model_tokens", tokens.completion, { type: "completion" });
    const usage = {
      requests: 1,
      promptTokens: tokens.prompt,
      completionTokens: tokens.completion,
      unmetered: 0,
    };
    return { silence, usage };
  }

  return {
    get isAway() {
      return breaker.isAway;
    },
    watch: (onAway) => {
      watchers.add(onAway);
      return () => void watchers.delete(onAway);
    },
    ask: async (question: ModelQuestion, listener: ModelListener, signal: AbortSignal) => {
      const prompt = promptOf(question);
      const schema = question.ask === "judge" ? judgedAnswerSchema : replyAnswerSchema;
      const reading = new ReplyReading(question, prompt.instructions, listener);
      const limits = { firstMs: timeoutMs, wholeMs: 2 * timeoutMs };
      const request = { name: question.ask, prompt, schema };
      const outcome = await send(questions, request, limits, signal, (json, begun) => {
        if (reading.take(json) === "refused") throw new Refused();
        if (reading.hasSpoken) begun();
      });
      return told(questions, outcome, outcome.silence ?? reading.end(outcome.reply.json));
    },
    writeUp: async (facts: readonly CallFact[], language: Language, signal: AbortSignal) => {
      const request = { name: "summary", prompt: prosePromptOf(facts, language), schema: proseAnswerSchema };
      const limits = { firstMs: proseTimeoutMs, wholeMs: proseTimeoutMs };
      const outcome = await send(prose, request, limits, signal, () => undefined);
      if (outcome.silence !== null) return { ...told(prose, outcome, outcome.silence), text: null };
      const answer = parsed(outcome.reply.json, proseAnswerSchema);
      if (answer === null) return { ...told(prose, outcome, "malformed"), text: null };
      const text = groundedProse(answer, facts, language);
      return { ...told(prose, outcome, text === null ? "refused" : null), text };
    },
  };
}

function parsed<T>(json: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    return null;
  }
}
