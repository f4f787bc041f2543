import type { SpeechReading } from "../ports.ts";

/** A line in which there is nothing. */
export const emptyReading: SpeechReading = {
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
};
