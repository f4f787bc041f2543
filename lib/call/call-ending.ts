import type { CallCompleted, Status } from "../contract/events.ts";
import type { CompletionReason } from "../contract/vocabulary.ts";
import { samplesToMs } from "./audio-axis.ts";
import type { CallPipeline } from "./call-pipeline.ts";
import type { CallSpeech } from "./call-speech.ts";
import { completionOf, eraseCall } from "./completion.ts";
import { CallError } from "./errors.ts";
import type { EventStream } from "./event-stream.ts";
import { retried } from "./retry.ts";
import type { SessionOptions } from "./session-options.ts";
import { summarise, summariseInTurns } from "./summary.ts";
import type { CallRecord } from "./stored-call.ts";
import { publishStatus } from "./trouble-details.ts";

export interface CallEndingOptions extends SessionOptions {
  readonly reason: CompletionReason;
  readonly events: EventStream;
  readonly speech: CallSpeech;
  /** As it is by now: it changes until the end. */
  readonly current: () => CallRecord;
  readonly nextSample: () => number;
  /** Null for a call that nobody ever started. */
  readonly openPipeline: (() => Promise<CallPipeline>) | null;
  readonly tell: (state: Status["state"], reason: string, detail: string) => void;
  /** The call vanishes from here on: nobody may join it. */
  readonly onVanishing: () => void;
  readonly isReleased: () => boolean;
}

export interface EndedCall {
  readonly event: CallCompleted;
  /** False: nothing had been recorded, and nothing is left of the call. */
  readonly published: boolean;
}

/**
 * Ends a call in order: what was taken durable, all of it heard, the summary written and told (SPEC S8). However that
 * goes, nobody listens to what is said in it any more.
 */
export async function endCall(options: CallEndingOptions): Promise<EndedCall> {
  try {
    return await endInOrder(options);
  } finally {
    options.speech.close();
  }
}

async function endInOrder(options: CallEndingOptions): Promise<EndedCall> {
  const { events, openPipeline, reason, speech } = options;
  let heardUntilSample = options.current().settledSample;
  if (openPipeline !== null) {
    const pipeline = await openPipeline();
    const onProgress = (secondsLeft: number): void => {
      options.tell("completing", reason, `${secondsLeft}`);
    };
    const finished = await pipeline.finish(onProgress, () => speech.end());
    refuseWhenReleased(options);
    ({ heardUntilSample } = finished);
    tellWhatIsMissing(options, finished);
  }
  await events.saved();
  const facts = {
    reason,
    samples: options.nextSample(),
    heardUntilSample,
    endedAtMs: options.clock.nowMs(),
  };
  const retrying = { ...options, isGivenUp: options.isReleased };
  if (facts.samples === 0) {
    options.onVanishing();
    await retried(retrying, () => eraseCall(options.call.callId, options));
    events.close();
    const call = options.current();
    const summary = summarise({ segments: [], objections: [] }, call.language, options.speechReader);
    const { event } = completionOf({ ...facts, call, stored: null, summary, seq: events.lastSeq + 1 });
    return { event, published: false };
  }
  const stored = await retried(retrying, () => options.repository.load(options.call.callId));
  const summary = await summariseInTurns(
    stored ?? { segments: [], objections: [] },
    options.current().language,
    options.speechReader,
  );
  refuseWhenReleased(options);
  const call = options.current();
  const { event, changes } = completionOf({ ...facts, call, stored, summary, seq: events.lastSeq + 1 });
  events.publish((head) => ({ type: "call_completed", data: { ...event, ...head } }), {
    stored: true,
    changes,
  });
  await events.saved();
  if (stored !== null) options.prose?.write(call, stored, event.summary, facts.samples);
  return { event, published: true };
}

function refuseWhenReleased({ isReleased }: CallEndingOptions): void {
  if (isReleased()) throw new CallError("draining", "The server goes down; the next one completes the call.");
}

/** A transcript or a recording that lacks something says so, in the call's own events. */
function tellWhatIsMissing(
  { call, events, logger, nextSample, telemetry }: CallEndingOptions,
  finished: { readonly unwrittenSamples: number; readonly heardUntilSample: number },
): void {
  const say = (reason: string, detail: string): void => {
    publishStatus(events, { state: "degraded", reason, detail });
  };
  const { unwrittenSamples, heardUntilSample } = finished;
  if (unwrittenSamples > 0) {
    const lostMs = samplesToMs(unwrittenSamples, call.sampleRateHz);
    telemetry.count("audio_lost_seconds", lostMs / 1000);
    logger.error({ lost_ms: lostMs }, "the disk did not take the last audio of a call");
    say("storage", `The disk did not take the last ${lostMs} ms of audio; they were never acknowledged.`);
  }
  if (heardUntilSample < nextSample()) {
    const ms = samplesToMs(heardUntilSample, call.sampleRateHz);
    logger.error({ heard_until_ms: ms }, "the engine did not hear a call to its end");
    say(
      "transcript_incomplete",
      `The engine did not answer: the transcript is complete up to ${ms} ms. The recording is complete.`,
    );
  }
}
