import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import { createSignInThrottle, type SignInThrottle } from "./sign-in-throttle.ts";

const from = (address: string) => ({
  headers: { "x-forwarded-for": address },
  socket: Object.defineProperty(new Socket(), "remoteAddress", { value: "127.0.0.1" }),
});

async function tries(
  throttle: SignInThrottle,
  name: string,
  address: string,
  count: number,
): Promise<number> {
  let admitted = 0;
  for (let i = 0; i < count; i += 1) {
    try {
      await throttle.admit(name, from(address));
      admitted += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: "rate_limited" });
      if (error instanceof CallError) expect(error.retryAfterSec).toBeGreaterThan(0);
    }
  }
  return admitted;
}

describe("the throttle of sign-ins", () => {
  it("admits five wrong passwords for a name, in whatever spelling, from one address", async () => {
    const throttle = createSignInThrottle({ behindProxy: true });
    expect(await tries(throttle, "ana", "192.0.2.1", 3)).toBe(3);
    expect(await tries(throttle, "ANA", "192.0.2.1", 5)).toBe(2);
    expect(await tries(throttle, "eva", "192.0.2.1", 1)).toBe(1);
    expect(await tries(throttle, "ana", "192.0.2.2", 1)).toBe(1);
  });

  it("does not count a right password, and forgets the wrong ones before it", async () => {
    const throttle = createSignInThrottle({ behindProxy: true });
    for (let round = 0; round < 5; round += 1) {
      expect(await tries(throttle, "ana", "192.0.2.1", 4)).toBe(4);
      const wasRight = await throttle.admit("ana", from("192.0.2.1"));
      await wasRight();
    }
    for (let right = 0; right < 200; right += 1) {
      const wasRight = await throttle.admit("eva", from("192.0.2.1"));
      await wasRight();
    }
  });

  it("bounds the tries for one name from many addresses, and for many names from one", async () => {
    const throttle = createSignInThrottle({ behindProxy: true });
    let admitted = 0;
    for (let i = 1; i <= 60; i += 1) admitted += await tries(throttle, "ana", `198.51.100.${i}`, 1);
    expect(admitted).toBe(50);
    admitted = 0;
    for (let i = 0; i < 110; i += 1) admitted += await tries(throttle, `user${i}`, "203.0.113.9", 1);
    expect(admitted).toBe(100);
  });
});
