import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What the server was asked, as it came. */
export interface AskedQuestion {
  readonly authorization: string | null;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly response_format?: unknown;
    readonly stream?: boolean;
  };
}

export type Behaviour =
  /** `text` is the content of the answer, in pieces of so many letters, each after a while. */
  | {
      readonly kind: "answer";
      readonly text: string;
      readonly pieceLetters?: number;
      readonly firstMs?: number;
      readonly betweenMs?: number;
      readonly countsTokens?: boolean;
    }
  | { readonly kind: "status"; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Takes the question and says nothing. */
  | { readonly kind: "silent" }
  /** A reply that never ends. */
  | { readonly kind: "endless" }
  /** Megabytes in one line. */
  | { readonly kind: "huge" }
  /** Not a stream, not even JSON. */
  | { readonly kind: "babble" }
  /** Half an answer, then the connection is gone. */
  | { readonly kind: "reset" };

export interface OpenAiStandIn {
  /** For `OPENAI_BASE_URL`. */
  readonly url: string;
  readonly asked: AskedQuestion[];
  behave: (question: AskedQuestion) => Behaviour;
  /** Questions whose connection was closed by who asked. */
  left: number;
  close(): Promise<void>;
}

/** An answer that says yes, with a reply. */
export function judged(type: string, quote: string, reply: string): string {
  return JSON.stringify({ is_objection: true, type, quote, reply });
}

/** A server of chat completions that behaves as it is told to, on a port of its own. */
export async function startOpenAiStandIn(behave: OpenAiStandIn["behave"]): Promise<OpenAiStandIn> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const question: AskedQuestion = {
      authorization: request.headers.authorization ?? null,
      body: JSON.parse(Buffer.concat(chunks).toString("utf8")) as AskedQuestion["body"],
    };
    standIn.asked.push(question);
    response.once("close", () => {
      if (!response.writableFinished) standIn.left += 1;
    });
    await play(standIn.behave(question), response);
  }

  const standIn: OpenAiStandIn = {
    url: `http://127.0.0.1:${port}/v1`,
    asked: [],
    behave,
    left: 0,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return standIn;
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

function event(content: string): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }];
  return `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", choices })}\n\n`;
}

async function play(behaviour: Behaviour, response: ServerResponse): Promise<void> {
  if (behaviour.kind === "silent") return;
  if (behaviour.kind === "status") {
    const message = "the server repeats what it was asked: es muy caro";
    response.writeHead(behaviour.status, { "content-type": "application/json", ...behaviour.headers });
    response.end(JSON.stringify({ error: { message, type: "error" } }));
    return;
  }
  if (behaviour.kind === "babble") {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<html>502 Bad Gateway</html>");
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  switch (behaviour.kind) {
    case "endless":
      response.write(event('{"is_objection":true,"type":"price","quote":"","reply":"'));
      for (let at = 0; !response.destroyed; at += 1) {
        response.write(event(`entiendo que para usted ${at === 0 ? "es" : "y"} `));
        await pause(1);
      }
      return;
    case "huge":
      response.write("data: ");
      for (let at = 0; at < 64 && !response.destroyed; at += 1) {
        response.write("x".repeat(1024 * 1024));
        await pause(0);
      }
      response.end();
      return;
    case "reset":
      response.write(
        event('{"is_objection":true,"type":"price","quote":"","reply":"Entiendo que para usted '),
      );
      await pause(20);
      response.destroy();
      return;
    case "answer":
      await stream(behaviour, response);
  }
}

async function stream(
  {
    betweenMs = 0,
    countsTokens = true,
    firstMs = 0,
    pieceLetters = 7,
    text,
  }: Extract<Behaviour, { kind: "answer" }>,
  response: ServerResponse,
): Promise<void> {
  response.flushHeaders();
  if (firstMs > 0) await pause(firstMs);
  for (let at = 0; at < text.length && !response.destroyed; at += pieceLetters) {
    response.write(event(text.slice(at, at + pieceLetters)));
    if (betweenMs > 0) await pause(betweenMs);
  }
  if (countsTokens) {
    const usage = { prompt_tokens: 321, completion_tokens: 21, total_tokens: 342 };
    response.write(`data: ${JSON.stringify({ id: "c1", choices: [], usage })}\n\n`);
  }
  response.end("data: [DONE]\n\n");
}
