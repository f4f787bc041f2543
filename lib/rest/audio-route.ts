import type { IncomingMessage, ServerResponse } from "node:http";
import type { CallAccess } from "../call/call-access.ts";
import { CallError } from "../call/errors.ts";
import type { Clock } from "../call/ports.ts";
import { audioChannelViewSchema, type AudioChannelView } from "../contract/vocabulary.ts";
import { sendBytes, type ByteSource } from "./byte-reply.ts";
import { attachment } from "./content-disposition.ts";

/** One channel of a recording as a WAV, addressable by byte. Throws `no_such_channel`. */
export type OpenWavView = (options: {
  readonly view: AudioChannelView;
  readonly sampleRateHz: number;
  /** The channel of the rep in stereo, null in mono. */
  readonly repChannel: 0 | 1 | null;
  readonly samples: number;
  readonly read: (firstSample: number, samples: number) => Promise<Uint8Array>;
}) => Pick<ByteSource, "byteLength" | "read">;

/** `GET|HEAD /calls/{id}/audio/{view}.wav`: what is durable now, although the call may go on. */
export async function serveAudio(
  request: IncomingMessage,
  response: ServerResponse,
  options: {
    readonly access: Pick<CallAccess, "recording">;
    readonly wavView: OpenWavView;
    readonly clock: Clock;
    readonly callId: string;
    readonly view: string;
  },
): Promise<void> {
  const { access, wavView, clock, callId } = options;
  const view = audioChannelViewSchema.safeParse(options.view);
  if (!view.success) throw new CallError("not_found", "the audio of a call is mix.wav, mic.wav or loop.wav");

  const snapshot = await access.recording(callId, view.data);
  try {
    const wav = wavView({
      view: view.data,
      sampleRateHz: snapshot.format.sampleRateHz,
      repChannel: snapshot.repChannel,
      samples: snapshot.samples,
      read: (firstSample, samples) => snapshot.read(firstSample, samples),
    });
    const source: ByteSource = {
      byteLength: wav.byteLength,
      etag: `"${snapshot.samples}"`,
      read: (start, end) => wav.read(start, end),
    };
    const headers = {
      "Content-Type": "audio/wav",
      "Content-Disposition": attachment(`${callId}-${view.data}.wav`),
      "Cache-Control": "private, no-store",
    };
    await sendBytes(request, response, source, { headers, clock });
  } finally {
    await snapshot.close();
  }
}
