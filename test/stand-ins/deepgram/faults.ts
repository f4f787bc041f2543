import { z } from "zod";

const times = z.int().min(1).optional();
const afterAudioMs = z.number().min(0).default(0);

const unansweredSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("refuse"),
    status: z.int().min(400).max(599),
    /** In place of the service's own words for the status. */
    message: z.string().optional(),
    code: z.string().optional(),
    times,
  }),
  z.strictObject({ kind: z.literal("hang"), times }),
  /** The connection is cut before an answer. */
  z.strictObject({ kind: z.literal("cut"), times }),
]);
export type Unanswered = z.infer<typeof unansweredSchema>;

/**
 * What goes wrong. Each is off where it is left out; `{}` is a service that works. Faults of streams are
 * for those that are open as well; with `times`, for so many and then no more.
 */
export const faultsSchema = z.strictObject({
  /** What becomes of handshakes, and of recorded files. */
  handshake: unansweredSchema.optional(),
  recorded: unansweredSchema.optional(),
  /** A stream ends by itself once so much audio of it was read. */
  drop: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("close"),
        code: z.int().min(1000).max(4999),
        reason: z.string().max(120).default(""),
        afterAudioMs,
        times,
      }),
      /** TCP reset. */
      z.strictObject({ kind: z.literal("reset"), afterAudioMs, times }),
      /** The connection ends without a closing frame: 1006 at the client. */
      z.strictObject({ kind: z.literal("cut"), afterAudioMs, times }),
    ])
    .optional(),
  /** Nothing more is read from a stream, pings included, and nothing sent; the connection stays. */
  stall: z.strictObject({ afterAudioMs, times }).optional(),
  /** Audio is read and pings are answered, but nothing is said any more. */
  mute: z.strictObject({ afterAudioMs, times }).optional(),
  /** Nothing accepts connections for so long, then again on the same port. */
  refuseConnectionsMs: z.int().min(1).optional(),
  /** Results of a channel are so much late: [channel 0, channel 1, …]. */
  channelDelaysMs: z.array(z.number().min(0)).optional(),
  /** Every message is late by a time drawn from this; those of one channel stay in order. */
  jitterMs: z.number().min(0).optional(),
  /** UtteranceEnd after the next turn has begun, or with `last_word_end: -1`. */
  utteranceEnds: z.enum(["late", "minus_one"]).optional(),
  /** Interims mishear their last words, or lack them. */
  reviseInterims: z.boolean().optional(),
  /** An Error message, which is not fatal, before each so-manieth result. */
  errorEvery: z.int().min(1).optional(),
  /** CloseStream is read and nothing comes of it. */
  ignoreCloseStream: z.boolean().optional(),
  /** Finalize is read and nothing comes of it. */
  ignoreFinalize: z.boolean().optional(),
});
export type Faults = z.infer<typeof faultsSchema>;
/** As written by who sets them. */
export type FaultSwitches = z.input<typeof faultsSchema>;

interface Counted {
  readonly times?: number | undefined;
}

/** The switches as they are now. Setting them begins the count of `times` anew. */
export class FaultBoard {
  #faults: Faults = {};
  readonly #taken = new WeakMap<Counted, number>();

  get now(): Faults {
    return this.#faults;
  }

  /** Throws a ZodError on what is no fault. */
  set(switches: unknown): Faults {
    this.#faults = faultsSchema.parse(switches);
    return this.#faults;
  }

  /** The fault, unless it has happened often enough; counted as happening now. */
  take<Fault extends Counted>(fault: Fault | undefined): Fault | null {
    if (fault === undefined) return null;
    const taken = this.#taken.get(fault) ?? 0;
    if (taken >= (fault.times ?? Infinity)) return null;
    this.#taken.set(fault, taken + 1);
    return fault;
  }
}
