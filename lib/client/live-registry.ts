import type { LiveSession } from "./live-session.ts";

/** The calls this tab is connected to; they outlive the page that shows them. */
class LiveRegistry {
  readonly #sessions = new Map<string, LiveSession>();
  readonly #subscribers = new Set<() => void>();
  /** Call id of the call this tab is host of; replaced, so that it can be compared. */
  #hostedCallId: string | null = null;

  readonly subscribe = (run: () => void): (() => void) => {
    this.#subscribers.add(run);
    return () => this.#subscribers.delete(run);
  };

  readonly hostedCallId = (): string | null => this.#hostedCallId;

  get(callId: string): LiveSession | null {
    return this.#sessions.get(callId) ?? null;
  }

  add(session: LiveSession): void {
    this.#sessions.set(session.callId, session);
    this.#changed();
  }

  async remove(callId: string): Promise<void> {
    const session = this.#sessions.get(callId);
    this.#sessions.delete(callId);
    this.#changed();
    await session?.close();
  }

  #changed(): void {
    this.#hostedCallId =
      [...this.#sessions.values()].find((session) => session.role === "host")?.callId ?? null;
    for (const subscriber of this.#subscribers) subscriber();
  }
}

export const liveRegistry = new LiveRegistry();
