import { z } from "zod";
import { callIdSchema, languageSchema, stereoLayoutSchema } from "../contract/vocabulary.ts";

const hostSeatSchema = z.object({
  callId: callIdSchema,
  token: z.string(),
  socketPath: z.string(),
  title: z.string(),
  language: languageSchema,
  layout: stereoLayoutSchema,
  channels: z.union([z.literal(1), z.literal(2)]),
  /** How to have the sound again after a reload; a chosen file has to be chosen again. */
  source: z.discriminatedUnion("kind", [
    z.object({
      kind: z.enum(["microphone", "tab"]),
      deviceId: z.string().nullable(),
      processing: z.object({
        echoCancellation: z.boolean(),
        noiseSuppression: z.boolean(),
        autoGainControl: z.boolean(),
      }),
    }),
    z.object({ kind: z.literal("two_channel"), deviceId: z.string().nullable() }),
    z.object({ kind: z.literal("file"), name: z.string() }),
    z.object({ kind: z.literal("recorded"), name: z.string(), file: z.string() }),
  ]),
});
/** What this tab needs to be the host of a call again after a reload. */
export type HostSeat = z.infer<typeof hostSeatSchema>;
export type SavedSource = HostSeat["source"];

const keyOf = (callId: string): string => `host-seat.${callId}`;

/** Kept in the tab's session storage: it survives a reload and is gone with the tab. */
export function saveHostSeat(seat: HostSeat, storage: Storage): void {
  storage.setItem(keyOf(seat.callId), JSON.stringify(seat));
}

export function loadHostSeat(callId: string, storage: Storage): HostSeat | null {
  const saved = storage.getItem(keyOf(callId));
  if (saved === null) return null;
  try {
    return parseHostSeat(JSON.parse(saved));
  } catch {
    return null;
  }
}

/** A seat as it was kept somewhere; null for anything else. */
export function parseHostSeat(kept: unknown): HostSeat | null {
  return hostSeatSchema.safeParse(kept).data ?? null;
}

export function forgetHostSeat(callId: string, storage: Storage): void {
  storage.removeItem(keyOf(callId));
}
