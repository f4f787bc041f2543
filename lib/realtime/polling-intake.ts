import type { Socket } from "socket.io";

type EngineConnection = Socket["conn"];

const separator = "\u001e";
/** Packets taken in one turn of the event loop. */
const packetsPerTurn = 16;
/** Text that may wait for its turn: a few bodies of the largest size. */
const maxWaitingChars = 4 * 1024 * 1024;

/**
 * What a polling client posts at once may be a hundred thousand packets. Engine.IO takes them all in one go; this
 * takes a few in each turn of the event loop, in order, and none while reading is paused.
 */
export class PollingIntake {
  readonly #take: (text: string) => void;
  readonly #overflow: () => void;
  #waiting: string[] = [];
  #waitingChars = 0;
  #paused = false;
  #armed = false;
  #closed = false;

  private constructor(take: (text: string) => void, overflow: () => void) {
    this.#take = take;
    this.#overflow = overflow;
  }

  /** Puts itself between the connection's transport and its packets; null: it does not poll. */
  static of(conn: EngineConnection): PollingIntake | null {
    const { transport } = conn;
    if (transport.name !== "polling") return null;
    const original: unknown = Reflect.get(transport, "onData");
    if (typeof original !== "function") return null;
    const intake = new PollingIntake(
      (text) => {
        Reflect.apply(original, transport, [text]);
      },
      () => {
        conn.close(true);
      },
    );
    Reflect.set(transport, "onData", (text: unknown) => {
      intake.push(String(text));
    });
    return intake;
  }

  push(text: string): void {
    if (this.#closed) return;
    this.#waiting.push(text);
    this.#waitingChars += text.length;
    if (this.#waitingChars > maxWaitingChars) this.#overflow();
    else if (!this.#armed) this.#turn();
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#waitingChars = 0;
  }

  #arm(): void {
    if (this.#armed || this.#paused || this.#waiting.length === 0) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      this.#turn();
    });
  }

  #turn(): void {
    const [text] = this.#waiting;
    if (text === undefined || this.#paused || this.#closed) return;
    const end = endOfPackets(text);
    this.#waitingChars -= end;
    if (end >= text.length) this.#waiting.shift();
    else this.#waiting[0] = text.slice(end + 1);
    this.#take(text.slice(0, end));
    this.#arm();
  }
}

/** Where the first few packets of the text end. */
function endOfPackets(text: string): number {
  let end = -1;
  for (let packets = 0; packets < packetsPerTurn; packets += 1) {
    end = text.indexOf(separator, end + 1);
    if (end < 0) return text.length;
  }
  return end;
}
