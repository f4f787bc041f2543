/** Being the host of a call, of all pages of this browser the only one. */
export interface HostClaim {
  release(): void;
}

export interface HostClaims {
  /** True while another page of this browser is the call's host. */
  isHeldElsewhere(callId: string): Promise<boolean>;
  /**
   * The newest wins: whoever held it is asked to let go (`onYield`, which may take a moment to put away
   * what it has), and loses it anyway when it does not answer, for example because it is frozen.
   */
  claim(callId: string, onYield: () => Promise<void>): Promise<HostClaim>;
}

const yieldWithinMs = 2500;
const nameOf = (callId: string): string => `call-host.${callId}`;

/** Where the page is not served securely there are no locks, and no microphone either. */
const unlocked: HostClaims = {
  isHeldElsewhere: () => Promise.resolve(false),
  claim: () => Promise.resolve({ release: () => undefined }),
};

/** Web Locks say who is host and outlive no page; a broadcast channel asks the old one to let go. */
export function browserHostClaims(): HostClaims {
  const { locks } = navigator as { readonly locks?: LockManager };
  if (locks === undefined) return unlocked;

  /** Resolves with what lets go of the lock, or null when it could not be had. */
  const take = (name: string, options: LockOptions, onLost: () => void): Promise<(() => void) | null> =>
    new Promise((resolve) => {
      let isHeld = false;
      locks
        .request(name, options, (lock) => {
          if (lock === null) {
            resolve(null);
            return undefined;
          }
          isHeld = true;
          return new Promise<void>((release) => {
            resolve(release);
          });
        })
        .catch(() => {
          // Aborted while waiting, or stolen while held.
          if (isHeld) onLost();
          else resolve(null);
        });
    });

  return {
    isHeldElsewhere: async (callId) => {
      const { held } = await locks.query();
      return held?.some((lock) => lock.name === nameOf(callId)) ?? false;
    },
    claim: async (callId, onYield) => {
      const name = nameOf(callId);
      const channel = new BroadcastChannel(name);
      let isOver = false;
      let letGo: (() => void) | null = null;
      const release = (): void => {
        isOver = true;
        channel.close();
        letGo?.();
      };
      const yieldNow = (): void => {
        if (isOver) return;
        isOver = true;
        void onYield().finally(release);
      };
      letGo = await take(name, { ifAvailable: true }, yieldNow);
      if (letGo === null) {
        channel.postMessage("yield");
        letGo = await take(name, { signal: AbortSignal.timeout(yieldWithinMs) }, yieldNow);
      }
      letGo ??= await take(name, { steal: true }, yieldNow);
      channel.onmessage = yieldNow;
      return { release };
    },
  };
}
