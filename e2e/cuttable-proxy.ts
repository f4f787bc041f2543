import { createServer, connect, type Server, type Socket } from "node:net";

/**
 * A TCP connection between browser and server that can break in the ways real ones do: cut with RST,
 * silently dead (open, and nothing comes through), slow, or refused.
 */
export class CuttableProxy {
  readonly #server: Server;
  readonly #pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();
  #targetPort: number;
  #mode: "through" | "refused" | "stalled" = "through";
  #delayMs = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    // Half-open is kept: the proxy ends nothing by itself.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      this.#accept(near);
    });
  }

  static async to(url: string): Promise<CuttableProxy> {
    const proxy = new CuttableProxy(Number(new URL(url).port));
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /** A server that came back elsewhere. */
  retarget(url: string): void {
    this.#targetPort = Number(new URL(url).port);
  }

  /** RST on every connection now; new ones get one at once, as from a router without a route. */
  cut(): void {
    this.#mode = "refused";
    this.reset();
  }

  /** RST on every connection now, and new ones go through: the network changed. */
  reset(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  /** Nothing comes through any more and nobody is told; new connections are accepted and stay dumb. */
  stall(): void {
    this.#mode = "stalled";
    for (const { near, far } of this.#pairs) {
      near.pause();
      far.pause();
    }
  }

  /** New connections go through. What was stalled stays dead, as after a change of address. */
  restore(): void {
    this.#mode = "through";
  }

  /** What was stalled goes on, as after a sleep too short for anybody's time-out. */
  resume(): void {
    this.#mode = "through";
    for (const { near, far } of this.#pairs) {
      near.resume();
      far.resume();
    }
  }

  /** Each piece arrives that much later, in both directions. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(near: Socket): void {
    if (this.#mode === "refused") {
      near.on("error", () => undefined);
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: this.#targetPort, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    const pair = { near, far };
    this.#pairs.add(pair);
    this.#forward(near, far, pair);
    this.#forward(far, near, pair);
    if (this.#mode === "stalled") {
      near.pause();
      far.pause();
    }
  }

  #forward(from: Socket, to: Socket, pair: { readonly near: Socket; readonly far: Socket }): void {
    const later = (run: () => void): void => {
      if (this.#delayMs === 0) run();
      else setTimeout(run, this.#delayMs);
    };
    from.on("data", (chunk) => {
      later(() => {
        if (!to.destroyed) to.write(chunk);
      });
    });
    from.on("end", () => {
      later(() => {
        if (!to.destroyed) to.end();
      });
    });
    from.on("error", () => {
      to.destroy();
    });
    from.on("close", () => {
      this.#pairs.delete(pair);
      later(() => to.destroy());
    });
  }
}
