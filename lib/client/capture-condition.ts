/** Why an input went away: pulled out (or taken by the system), or the browser's permission was withdrawn. */
export type InputLoss = "unplugged" | "permission";

/** What is the matter with a capture's sound; all of it can be at the same time. Never changed, only replaced. */
export interface CaptureCondition {
  /** The browser holds the sound back until the person does something on the page. */
  readonly isBlocked: boolean;
  /** The sound path broke and could not be made anew; a click tries once more. */
  readonly isBroken: boolean;
  /** The microphone or two-channel input is gone; its channels are silence. */
  readonly inputLoss: InputLoss | null;
  /** The system or a switch on the device has muted the input. */
  readonly isInputMuted: boolean;
  /** The name of the device that took over by itself from one that went away. */
  readonly movedTo: string | null;
  /** "Stop sharing" was pressed, or the shared tab is gone; its channel is silence. */
  readonly hasSharingEnded: boolean;
  /** No source is left: nothing is captured, and the call's axis stands still. */
  readonly isHalted: boolean;
  /** This channel carries nothing while somebody speaks on the other. */
  readonly silentChannel: 0 | 1 | null;
  /** Whole minutes without a word on any channel, from ten on; 0 before. */
  readonly quietMinutes: number;
}

export const untroubled: CaptureCondition = {
  isBlocked: false,
  isBroken: false,
  inputLoss: null,
  isInputMuted: false,
  movedTo: null,
  hasSharingEnded: false,
  isHalted: false,
  silentChannel: null,
  quietMinutes: 0,
};
