import type { ListenEnd } from "./listen-connection.ts";
import type { RecordedAudioError } from "./recorded-audio.ts";

type Refusal = Pick<Extract<ListenEnd, { kind: "refused" }>, "status" | "code" | "reason" | "requestId">;

/** What to do about what will not get better by itself. */
const remedies: Readonly<Record<number, string>> = {
  400: "A setting that begins with DEEPGRAM_ asks for what Deepgram does not take; correct it and start again.",
  401: "Deepgram does not know the key: check DEEPGRAM_API_KEY.",
  402: "The Deepgram account has no credit left: add some in its console.",
  403: "The key may not do this: give it the right to transcribe, or choose a model of its plan, in Deepgram's console.",
};

/** Worth another attempt are no answer at all, too many requests, and the service's own failures. */
export function isFinal({ status }: Pick<Refusal, "status">): boolean {
  return status !== null && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}

function refusalWords(refusal: Refusal): string {
  const { status, code, reason, requestId } = refusal;
  if (status === null) return `Deepgram cannot be reached: ${reason}.`;
  const said = [code, reason].filter((part) => part !== null && part !== "").join(": ");
  const remedy = remedies[status];
  return [
    `Deepgram refuses the call (${status} ${said}${requestPart(requestId)}).`,
    ...(remedy === undefined ? [] : [remedy]),
  ].join(" ");
}

const stallWords = {
  no_answer: "it does not answer any more",
  not_read: "it does not take any more audio",
  no_results: "it hears a voice and says nothing",
} as const;

/** Why a connection is gone, in words for people. */
export function endWords(end: ListenEnd): string {
  switch (end.kind) {
    case "refused":
      return refusalWords(end);
    case "stalled":
      return `Deepgram has stalled: ${stallWords[end.sign]}${requestPart(end.requestId)}.`;
    case "dropped":
      return `The connection to Deepgram was lost (${[end.closeCode, networkCause(end)].filter((part) => part !== "").join(" ")}${requestPart(end.requestId)}).`;
    case "closed":
      return "Deepgram has ended the stream.";
  }
}

/** Names of the service's time-outs stay as they are: support asks for them. */
function networkCause({ closeCode, reason }: Extract<ListenEnd, { kind: "dropped" }>): string {
  const named = /net-?000\d/i.exec(reason)?.[0];
  if (named !== undefined) return named.toUpperCase().replace(/^NET-?/, "NET-");
  return closeCode === 1006 ? "without a goodbye" : reason;
}

function requestPart(requestId: string | null): string {
  return requestId === null ? "" : `, request ${requestId}`;
}

export function recordedWords({ code, message, requestId, status }: RecordedAudioError): string {
  return refusalWords({ status, code, reason: message, requestId });
}
