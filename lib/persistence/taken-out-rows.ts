import type { CallWrite } from "../call/stored-call.ts";
import { noteTraces } from "./call-removal.ts";
import type { Database } from "./database.ts";

const segmentEvents = `
  UPDATE call_events SET payload_json = json_set(payload_json, '$.text', ?, '$.words', json(?))
  WHERE call_id = ? AND type = 'transcript_update' AND payload_json ->> '$.segment_id' = ?`;

const toldObjection = `
  UPDATE call_events SET payload_json = json_set(payload_json, '$.text', ?, '$.evidence', json(?))
  WHERE call_id = ? AND type = 'objection_detected' AND payload_json ->> '$.objection_id' = ?`;

/** Raised on the words as they were and retracted since: what they said is not known to be harmless. */
const otherObjectionEvents = `
  UPDATE call_events SET payload_json = json_set(payload_json, '$.text', '')
  WHERE call_id = ? AND type = 'objection_detected' AND payload_json ->> '$.segment_id' = ?
    AND payload_json ->> '$.objection_id' NOT IN (SELECT value FROM json_each(?))
    AND instr(?, payload_json ->> '$.text') = 0`;

const otherObjections = `
  UPDATE objections SET text = ''
  WHERE call_id = ? AND segment_id = ? AND objection_id NOT IN (SELECT value FROM json_each(?))
    AND instr(?, text) = 0`;

/** A signal that says more than its segment does now. */
const insightEvents = `
  UPDATE call_events SET payload_json = json_set(json_remove(payload_json, '$.when'), '$.text', '')
  WHERE call_id = ? AND type = 'insight' AND payload_json ->> '$.segment_id' = ?
    AND instr(?, payload_json ->> '$.text') = 0`;

const insightRows = `
  UPDATE insights SET payload_json = json_set(json_remove(payload_json, '$.when'), '$.text', '')
  WHERE call_id = ? AND segment_id = ? AND instr(?, payload_json ->> '$.text') = 0`;

/**
 * Segments of this write have lost words that earlier events of the call still tell: those are rewritten, under
 * their numbers, as the segments are now. Callers hold a transaction, and have the files scrubbed behind it.
 */
export async function takeOutOfEvents(database: Database, write: CallWrite): Promise<void> {
  const { callId } = write;
  const told = JSON.stringify(write.objections.map(({ objectionId }) => objectionId));
  for (const segmentId of write.takenOut ?? []) {
    const segment = write.segments.findLast((one) => one.segmentId === segmentId);
    const event = write.events.findLast(
      (one) => one.type === "transcript_update" && one.data.segment_id === segmentId,
    );
    if (segment === undefined || event?.type !== "transcript_update") continue;
    const words = JSON.stringify(event.data.words);
    await database.$executeRawUnsafe(segmentEvents, segment.text, words, callId, segmentId);
    for (const objection of write.objections.filter((one) => one.segmentId === segmentId)) {
      const evidence = JSON.stringify(objection.evidence);
      await database.$executeRawUnsafe(
        toldObjection,
        objection.text,
        evidence,
        callId,
        objection.objectionId,
      );
    }
    await database.$executeRawUnsafe(otherObjectionEvents, callId, segmentId, told, segment.text);
    await database.$executeRawUnsafe(otherObjections, callId, segmentId, told, segment.text);
    await database.$executeRawUnsafe(insightEvents, callId, segmentId, segment.text);
    await database.$executeRawUnsafe(insightRows, callId, segmentId, segment.text);
  }
  // A process that dies before the pass over the files leaves word for the next one.
  await noteTraces(database, true);
}
