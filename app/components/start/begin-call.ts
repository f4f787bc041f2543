import type { AudioCapture } from "../../../lib/client/audio-capture.ts";
import { captureRateHz } from "../../../lib/client/capture-protocol.ts";
import { saveHostSeat, type SavedSource } from "../../../lib/client/host-seats.ts";
import { liveRegistry } from "../../../lib/client/live-registry.ts";
import { openSession } from "../../../lib/client/open-session.ts";
import { startSession } from "../../../lib/client/rest-client.ts";
import type { Consent, Customer } from "../../../lib/contract/rest.ts";
import type { Language, StereoLayout } from "../../../lib/contract/vocabulary.ts";

export interface CallChoice {
  readonly capture: AudioCapture;
  readonly source: SavedSource;
  readonly language: Language;
  readonly layout: StereoLayout;
  readonly isCoachEnabled: boolean;
  /** Null: the default one. */
  readonly playbook: string | null;
  readonly title: string;
  readonly customer: Customer;
  readonly consent: Consent | null;
}

/** Starts the call on the server and its sound in this tab; returns its id. Rejects with `RestError`. */
export async function beginCall(choice: CallChoice): Promise<string> {
  const { capture, language, layout, title } = choice;
  const started = await startSession({
    language,
    audio_mode: capture.channels === 1 ? "mono" : "stereo",
    ...(capture.channels === 2 ? { stereo_layout: layout } : {}),
    sample_rate: captureRateHz,
    coach_enabled: choice.isCoachEnabled,
    ...(choice.playbook === null ? {} : { playbook: choice.playbook }),
    ...(title === "" ? {} : { title }),
    ...(Object.keys(choice.customer).length === 0 ? {} : { customer: choice.customer }),
    ...(choice.consent === null ? {} : { consent: choice.consent }),
  });
  const seat = {
    callId: started.call_id,
    token: started.token,
    socketPath: started.socket.path,
    title,
    language,
    layout,
    channels: capture.channels,
    source: choice.source,
  };
  saveHostSeat(seat, sessionStorage);
  const session = openSession({
    origin: location.origin,
    socketPath: seat.socketPath,
    callId: seat.callId,
    token: seat.token,
    role: "host",
    channels: seat.channels,
    newSeat: seat,
  });
  liveRegistry.add(session);
  await session.attach(capture);
  return seat.callId;
}
