import { describe, expect, it } from "vitest";
import { createLogger } from "./logger.ts";

function logging(level: "info" | "warn" = "info") {
  const lines: string[] = [];
  return { logger: createLogger({ level, destination: { write: (line) => void lines.push(line) } }), lines };
}

describe("the log", () => {
  it("writes one JSON object a line with time, level, fields and message", () => {
    const { logger, lines } = logging();
    logger.child({ callId: "call_1" }).info({ samples: 3 }, "stored");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      callId: "call_1",
      samples: 3,
      msg: "stored",
    });
  });

  it("leaves out what is below its level", () => {
    const { logger, lines } = logging("warn");
    logger.info({}, "quiet");
    expect(lines).toEqual([]);
  });

  it("never writes tokens, keys, cookies or query strings, wherever they stand", () => {
    const { logger, lines } = logging();
    const failure = new Error("fetch of ws://localhost:8000/ws/call_1?token=SECRET1 failed", {
      cause: new Error("GET /x?a=1&token=SECRET2"),
    });
    logger.error(
      {
        err: failure,
        url: "/ws/call_1?token=SECRET3",
        ws_url: "ws://localhost/ws/x?token=SECRET4",
        headers: {
          authorization: "Bearer SECRET5",
          Cookie: "SECRET6",
          "sec-websocket-protocol": "token.SECRET7",
        },
        list: [{ token: "SECRET8" }],
        page: new URL("http://localhost/?q=SECRET9"),
      },
      "refused token.abcDEF.SECRET10",
    );
    logger.child({ apiKey: "SECRET11" }).info({}, "see https://a.example/x?key=SECRET12");
    expect(lines.join("")).not.toContain("SECRET");
    expect(lines.join("")).toContain("/ws/call_1");
  });

  it("does not choke on cycles, bytes or odd values", () => {
    const { logger, lines } = logging();
    const cycle: Record<string, unknown> = { n: 1n.toString(), bytes: new Uint8Array(5), none: undefined };
    cycle.self = cycle;
    logger.info({ cycle }, "odd");
    expect(lines[0]).toContain("[5 bytes]");
  });
});
