import { DeepgramClient, DeepgramError } from "@deepgram/sdk";
import { environmentOf } from "./listen-connection.ts";
import { parseRecordedWords, type ServiceWord } from "./listen-messages.ts";
import type { ListenParameters } from "./listen-parameters.ts";
import { refusalBody } from "./listen-transport.ts";

/** A long file is answered within a fraction of its length; this is for a service that does not answer at all. */
const timeoutSec = 60;

export interface RecordedAudio {
  readonly apiKey: string;
  readonly baseUrl: URL | null;
  readonly parameters: ListenParameters;
  readonly wav: Uint8Array;
  readonly abortSignal: AbortSignal;
}

/** The service did not transcribe it. `status` null: there was no answer. */
export class RecordedAudioError extends Error {
  override readonly name = "RecordedAudioError";
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;

  constructor(
    reason: string,
    told: { readonly status: number | null; readonly code: string | null; readonly requestId: string | null },
  ) {
    super(reason);
    this.status = told.status;
    this.code = told.code;
    this.requestId = told.requestId;
  }
}

/** The words of a WAV file, by channel. Rejects with `RecordedAudioError`, which carries nothing that was sent. */
export async function transcribeRecorded(audio: RecordedAudio): Promise<readonly (readonly ServiceWord[])[]> {
  const client = new DeepgramClient({ apiKey: audio.apiKey, environment: environmentOf(audio.baseUrl) });
  try {
    const reply: unknown = await client.listen.v1.media.transcribeFile(
      { data: audio.wav, contentType: "audio/wav" },
      {},
      {
        queryParams: { ...audio.parameters },
        timeoutInSeconds: timeoutSec,
        maxRetries: 0,
        abortSignal: audio.abortSignal,
      },
    );
    return parseRecordedWords(reply);
  } catch (error) {
    throw toldBy(error);
  }
}

function toldBy(error: unknown): RecordedAudioError {
  if (!(error instanceof DeepgramError)) {
    return new RecordedAudioError("the answer could not be read", {
      status: null,
      code: null,
      requestId: null,
    });
  }
  const { code, reason, requestId } = refusalBody(error.body);
  const headerId = error.rawResponse?.headers.get("dg-request-id") ?? null;
  const status = error.statusCode ?? null;
  return new RecordedAudioError(reason ?? (status === null ? "there was no answer" : `HTTP ${status}`), {
    status,
    code,
    requestId: requestId ?? headerId,
  });
}
