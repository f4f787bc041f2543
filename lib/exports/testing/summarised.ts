import type { SpeechReader } from "../../call/ports.ts";
import type { StoredCall } from "../../call/stored-call.ts";
import { summarise } from "../../call/summary.ts";
import { emptyReading } from "../../call/testing/empty-reading.ts";
import type { Summary } from "../../contract/summary.ts";

/** It finds nothing in what was said. */
const deafReader: SpeechReader = { read: () => emptyReading };

/** The summary of a call in which nobody takes anything on. */
export function summarised(stored: StoredCall): Summary {
  return summarise(stored, stored.call.language, deafReader);
}
