import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import { errorCodes } from "../contract/error-codes.ts";
import { problemSchema } from "../contract/rest.ts";
import { answer } from "./answer.ts";
import { attachment } from "./content-disposition.ts";
import { problemOf } from "./problem.ts";
import { socketAddress } from "./socket-address.ts";

describe("a problem", () => {
  it.each(errorCodes)("of %s has the members of RFC 9457 and a status that fits", (code) => {
    const { status, headers, problem } = problemOf(new CallError(code, "what happened"));
    expect(problemSchema.parse(problem)).toEqual(problem);
    expect(problem.status).toBe(status);
    expect(headers["Content-Type"]).toContain("application/problem+json");
    expect("Retry-After" in headers).toBe(status === 429 || status === 503);
    expect("WWW-Authenticate" in headers).toBe(status === 401);
  });

  it("knows an error of ours that another bundle's copy of the class has made", () => {
    class CopiedCallError extends Error {
      override readonly name = "CallError";
      constructor(readonly code: string) {
        super("there is none");
      }
    }
    expect(problemOf(new CopiedCallError("call_not_found"))).toMatchObject({
      status: 404,
      problem: { code: "call_not_found", detail: "there is none" },
    });
    expect(problemOf(new CopiedCallError("toString")).status).toBe(500);
    expect(problemOf(Object.assign(new Error("SECRET"), { code: "not_found" })).status).toBe(500);
  });

  it("tells the time to wait that the error names, in whole seconds", () => {
    expect(
      problemOf(new CallError("too_many_calls", "x", { retryAfterSec: 0.2 })).headers["Retry-After"],
    ).toBe("1");
    expect(
      problemOf(new CallError("too_many_calls", "x", { retryAfterSec: 30.5 })).headers["Retry-After"],
    ).toBe("31");
  });

  it("names each fault", () => {
    const issues = [{ path: "title", message: "is too long" }];
    expect(problemOf(new CallError("invalid", "x", { issues })).problem.errors).toEqual(issues);
  });

  it("tells nothing of what goes wrong inside", () => {
    for (const error of [
      new Error("SQL near SECRET"),
      "SECRET",
      new CallError("storage_failed", "disk SECRET full"),
    ]) {
      expect(JSON.stringify(problemOf(error))).not.toContain("SECRET");
    }
    expect(problemOf(new Error("x")).status).toBe(500);
  });
});

describe("an answer", () => {
  it("logs what nobody foresaw and does not tell it", async () => {
    const logged: unknown[] = [];
    const log = (fields: object): void => void logged.push(fields);
    const logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
    const response = await answer(logger, () => {
      throw new Error("SECRET");
    });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("SECRET");
    expect(logged).toHaveLength(1);
    const refused = await answer(logger, () => {
      throw new CallError("call_not_found", "there is none");
    });
    expect(refused.status).toBe(404);
    expect(logged).toHaveLength(1);
  });
});

describe("the name of a download", () => {
  it.each([
    ["call.txt", 'attachment; filename="call.txt"'],
    [
      "Señor Núñez.txt",
      "attachment; filename=\"Senor Nunez.txt\"; filename*=UTF-8''Se%C3%B1or%20N%C3%BA%C3%B1ez.txt",
    ],
    [
      'a"b\r\nX-Evil: 1/..\\c.txt',
      "attachment; filename=\"a_b__X-Evil_ 1_.._c.txt\"; filename*=UTF-8''a%22b__X-Evil%3A%201_.._c.txt",
    ],
    ["\u202Etxt.exe", 'attachment; filename="_txt.exe"'],
    ["", 'attachment; filename="download"'],
  ])("%j becomes %s", (name, header) => {
    expect(attachment(name)).toBe(header);
  });
});

describe("the address of a call's socket", () => {
  const publicUrl = new URL("https://coach.example.com");
  const base = { callId: "call_12345678", token: "a.b", publicUrl: null };

  it("is on the host that was asked", () => {
    expect(socketAddress({ ...base, host: "localhost:8123" })).toBe(
      "ws://localhost:8123/ws/call_12345678?token=a.b",
    );
    expect(socketAddress({ ...base, host: "[::1]:8000" })).toBe("ws://[::1]:8000/ws/call_12345678?token=a.b");
  });

  it("is encrypted where PUBLIC_URL is and was asked", () => {
    expect(socketAddress({ ...base, publicUrl, host: "coach.example.com" })).toBe(
      "wss://coach.example.com/ws/call_12345678?token=a.b",
    );
    expect(socketAddress({ ...base, publicUrl, host: "127.0.0.1:8000" })).toBe(
      "ws://127.0.0.1:8000/ws/call_12345678?token=a.b",
    );
  });
});
