import { afterEach } from "vitest";
import type { RealtimeOptions } from "../realtime.ts";
import type { TestClient, TransportUnderTest } from "./test-client.ts";
import type { TestServer } from "./test-server.ts";
import { startTestServer, tokenFor } from "./test-server.ts";

export const callId = "call_conformance";

export interface Bench {
  /** A server with one call; it is stopped after the test. */
  readonly serve: (options?: Partial<RealtimeOptions>) => Promise<TestServer>;
  readonly enter: (
    server: TestServer,
    role?: "host" | "observer",
    given?: { readonly callId?: string; readonly token?: string | null },
  ) => TestClient;
  /** A client whose `start_transcription` has been handled. */
  readonly started: (server: TestServer, role?: "host" | "observer") => Promise<TestClient>;
}

/** Messages are handled in order, so a pong means that all before it was handled. */
export async function alive(client: TestClient): Promise<void> {
  client.send("ping", {});
  await client.next("pong");
}

export function call(server: TestServer): ReturnType<TestServer["door"]["add"]> {
  const found = server.door.calls.get(callId);
  if (found === undefined) throw new Error("no call");
  return found;
}

/** To be called within `describe`: it cleans up after each test. */
export function bench(connect: TransportUnderTest["connect"]): Bench {
  const cleanup: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of cleanup.splice(0).reverse()) await step();
  });

  const enter: Bench["enter"] = (server, role = "host", given = {}) => {
    const token = given.token === undefined ? tokenFor(role, given.callId ?? callId) : given.token;
    const client = connect({ port: server.port, callId: given.callId ?? callId, token });
    cleanup.push(() => {
      client.close();
    });
    return client;
  };

  return {
    serve: async (options = {}) => {
      const server = await startTestServer(options);
      server.door.add(callId);
      cleanup.push(() => server.stop());
      return server;
    },
    enter,
    started: async (server, role = "host") => {
      const client = enter(server, role);
      await client.next("session_started");
      client.send("start_transcription");
      await alive(client);
      return client;
    },
  };
}
