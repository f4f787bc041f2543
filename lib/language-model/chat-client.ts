import OpenAI from "openai";
import type { z } from "zod";
import { strictJsonSchema } from "./answers.ts";
import type { Prompt } from "./instructions.ts";

/** No answer that is of any use is longer; what a server sends beyond it is not read. */
const mostReplyBytes = 256 * 1024;
const mostAnswerLetters = 8 * 1024;
const mostAnswerTokens = 400;

export interface ChatServer {
  readonly model: string;
  readonly apiKey: string | null;
  /** Null: OpenAI's own. */
  readonly baseUrl: URL | null;
}

export interface ChatRequest {
  readonly prompt: Prompt;
  readonly name: string;
  readonly schema: z.ZodType;
  readonly signal: AbortSignal;
  /** All of the answer so far. */
  readonly onText: (json: string) => void;
}

export interface ChatTokens {
  readonly prompt: number;
  readonly completion: number;
}

/** What came to its end. `tokens` null: the server did not say. */
export interface ChatReply {
  readonly json: string;
  readonly tokens: ChatTokens | null;
}

/** `fault`: it is the server's; `retryAfterMs`: it asks to be left alone for so long. */
export class ChatError extends Error {
  override readonly name = "ChatError";
  readonly kind: "fault" | "malformed";
  readonly status: number | null;
  readonly retryAfterMs: number | null;

  constructor(
    kind: ChatError["kind"],
    options: {
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(kind === "fault" ? "the language model server failed" : "the answer is not what was asked for", {
      cause: options.cause,
    });
    this.kind = kind;
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

export type Chat = (request: ChatRequest) => Promise<ChatReply>;

/** Chat completions, streamed, over the SDK. Rejects with `ChatError`, or with the reason of the signal. */
export function createChat({ apiKey, baseUrl, model }: ChatServer): Chat {
  const client = new OpenAI({
    // Local servers want none, the SDK one.
    apiKey: apiKey ?? "none",
    baseURL: baseUrl === null ? "https://api.openai.com/v1" : baseUrl.href.replace(/\/+$/u, ""),
    // Everything is given here: the SDK reads the environment otherwise, and would log what people say.
    organization: null,
    project: null,
    logLevel: "off",
    maxRetries: 0,
    fetch: boundedFetch,
  });
  return async ({ name, onText, prompt, schema, signal }) => {
    try {
      const stream = await client.chat.completions.create(
        {
          model,
          messages: [
            { role: "system", content: prompt.instructions },
            { role: "user", content: prompt.material },
          ],
          response_format: {
            type: "json_schema",
            json_schema: { name, strict: true, schema: strictJsonSchema(schema) },
          },
          max_completion_tokens: mostAnswerTokens,
          stream: true,
          stream_options: { include_usage: true },
        },
        { signal },
      );
      let json = "";
      let tokens: ChatTokens | null = null;
      for await (const chunk of stream) {
        // A server of another make may leave out anything.
        const part = chunk as LoosePart;
        const text = part.choices?.[0]?.delta?.content;
        if (typeof text === "string" && text !== "") {
          json += text;
          if (json.length > mostAnswerLetters) throw new ChatError("malformed");
          onText(json);
        }
        tokens = tokensOf(part.usage) ?? tokens;
      }
      signal.throwIfAborted();
      return { json, tokens };
    } catch (error) {
      signal.throwIfAborted();
      throw chatErrorOf(error);
    }
  };
}

interface LoosePart {
  readonly choices?: readonly { readonly delta?: { readonly content?: unknown } }[];
  readonly usage?: unknown;
}

function tokensOf(usage: unknown): ChatTokens | null {
  if (typeof usage !== "object" || usage === null) return null;
  const { prompt_tokens: prompt, completion_tokens: completion } = usage as Record<string, unknown>;
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  return isCount(prompt) && isCount(completion) ? { prompt, completion } : null;
}

function chatErrorOf(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  if (error instanceof OpenAI.APIError) {
    const headers: unknown = error.headers;
    const asked = headers instanceof Headers ? Number(headers.get("retry-after")) : Number.NaN;
    return new ChatError("fault", {
      status: typeof error.status === "number" ? error.status : undefined,
      retryAfterMs: error.status === 429 && asked > 0 ? asked * 1000 : null,
      cause: error,
    });
  }
  return new ChatError(error instanceof SyntaxError ? "malformed" : "fault", { cause: error });
}

/** Never follows to another address, which would get key and words, and reads no more than an answer can be. */
async function boundedFetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: "error" });
  if (response.body === null) return response;
  let bytes = 0;
  const bounded = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes > mostReplyBytes) controller.error(new ChatError("malformed"));
        else controller.enqueue(chunk);
      },
    }),
  );
  const { headers, status, statusText } = response;
  return new Response(bounded, { headers, status, statusText });
}
