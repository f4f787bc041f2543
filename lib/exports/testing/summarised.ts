import type { SpeechReader } from "../../call/ports.ts";
import type { StoredCall } from "../../call/stored-call.ts";
import { summarise } from "../../call/summary.ts";
import type { Summary } from "../../contract/summary.ts";

/** It finds nothing in what was said. */
const deafReader: SpeechReader = {
  read: () => ({
    words: 0,
    fillers: 0,
    questions: 0,
    isBackchannel: false,
    signals: [],
    asked: [],
    answer: {
      topics: [],
      statementWords: 0,
      saysYesOrNo: false,
      givesQuantity: false,
      isPutOff: false,
      changesSubject: false,
    },
  }),
};

/** The summary of a call in which nobody takes anything on. */
export function summarised(stored: StoredCall): Summary {
  return summarise(stored, stored.call.language, deafReader);
}
