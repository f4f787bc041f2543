import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { CallError } from "../call/errors.ts";
import type { Principal } from "../call/principal.ts";
import { createRateLimits, rateLimits, type LimitedAction } from "./rate-limits.ts";

const rep = (id: string): Principal => ({ id, name: id, role: "rep" });

function limits() {
  const counted: string[] = [];
  const made = createRateLimits({
    behindProxy: false,
    telemetry: { count: (name, _by, labels) => counted.push(`${name} ${labels?.type ?? ""}`) },
  });
  /** How many of `times` got through, and what the first refusal was. */
  const tries = async (
    action: LimitedAction,
    times: number,
    peer: string,
    principal: Principal | null = null,
  ): Promise<{ passed: number; refusal: unknown }> => {
    const socket = new Socket();
    Object.defineProperty(socket, "remoteAddress", { value: peer });
    const request = new IncomingMessage(socket);
    let passed = 0;
    let refusal: unknown = null;
    for (let i = 0; i < times; i += 1) {
      await made.count(action, request, principal).then(
        () => (passed += 1),
        (error: unknown) => (refusal ??= error),
      );
    }
    return { passed, refusal };
  };
  return { tries, counted };
}

describe("the limits of a client", () => {
  test("let so many through, then tell how long to wait, and are counted", async () => {
    const { tries, counted } = limits();
    const { address } = rateLimits.start;
    const { passed, refusal } = await tries("start", address + 3, "192.0.2.1");
    expect(passed).toBe(address);
    expect(refusal).toBeInstanceOf(CallError);
    expect(refusal).toMatchObject({ code: "rate_limited", retryable: true });
    const wait = refusal instanceof CallError ? (refusal.retryAfterSec ?? 0) : 0;
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(60);
    expect(counted).toEqual(Array.from({ length: 3 }, () => "rate_limited start"));
  });

  test("are each client's and each action's own", async () => {
    const { tries } = limits();
    await tries("token", 1000, "192.0.2.1");
    expect((await tries("token", 10, "192.0.2.2")).passed).toBe(10);
    expect((await tries("export", 10, "192.0.2.1")).passed).toBe(10);
  });

  test("are a person's own too, from however many addresses", async () => {
    const { tries } = limits();
    let passed = 0;
    for (let i = 0; i < 20; i += 1) passed += (await tries("start", 10, `192.0.2.${i}`, rep("ana"))).passed;
    expect(passed).toBe(rateLimits.start.principal);
    expect((await tries("start", 5, "192.0.2.1", rep("ben"))).passed).toBe(5);
  });

  test("are one for a whole IPv6 network", async () => {
    const { tries } = limits();
    let passed = 0;
    for (let i = 0; i < 40; i += 1)
      passed += (await tries("failure", 1, `2001:db8::${i.toString(16)}`)).passed;
    expect(passed).toBe(rateLimits.failure.address);
  });

  test("let a program on this machine open 500 sockets at once and start 100 calls in a row", async () => {
    const { tries } = limits();
    expect((await tries("socket", 500, "127.0.0.1")).passed).toBe(500);
    expect((await tries("start", 100, "::1")).passed).toBe(100);
  });
});
