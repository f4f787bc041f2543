import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallError } from "../call/errors.ts";
import { callPatchSchema, sessionStartRequestSchema, tokenRequestSchema } from "../contract/rest.ts";
import { maxBodyBytes, readJsonBody } from "./request-body.ts";

function post(
  body: BodyInit | null,
  headers: Record<string, string> = { "content-type": "application/json" },
): Request {
  return new Request("http://localhost/x", { method: "POST", body, headers, ...{ duplex: "half" } });
}

async function refusal(request: Request): Promise<CallError> {
  const error: unknown = await readJsonBody(request, sessionStartRequestSchema).catch(
    (reason: unknown) => reason,
  );
  if (error instanceof CallError) return error;
  throw new Error("the body was accepted");
}

describe("a JSON body", () => {
  it("is read as its schema says", async () => {
    expect(
      await readJsonBody(post('{"language":"en","customer":{"name":"Ñandú"}}'), sessionStartRequestSchema),
    ).toEqual({ language: "en", customer: { name: "Ñandú" } });
    const headers = { "content-type": "Application/JSON; charset=UTF-8" };
    expect(await readJsonBody(post('{"role":"observer"}', headers), tokenRequestSchema)).toEqual({
      role: "observer",
    });
  });

  it("may be missing, whatever its type says, where the route allows that", async () => {
    const empty = { mayBeEmpty: true };
    expect(await readJsonBody(post(null, {}), sessionStartRequestSchema, empty)).toEqual({});
    expect(await readJsonBody(post(""), sessionStartRequestSchema, empty)).toEqual({});
    expect(
      await readJsonBody(post("", { "content-type": "text/plain" }), sessionStartRequestSchema, empty),
    ).toEqual({});
    expect((await refusal(post(""))).code).toBe("malformed");
  });

  it.each(["{", "nope", "{'a':1}", '{"a":1}x', "[]", "null", "1", '"text"', "  ", "\ufeff\ufeff{}"])(
    "is malformed when it is %j",
    async (text) => {
      expect((await refusal(post(text))).code).toBe("malformed");
    },
  );

  it("is malformed when it is not UTF-8", async () => {
    expect((await refusal(post(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))).code).toBe(
      "malformed",
    );
  });

  it("has its unknown and wrong parts named, each by its path", async () => {
    const error = await refusal(
      post(
        '{"language":"fr","lang":"es","customer":{"name":1,"age":3},"sample_rate":7999.5,"coach_enabled":"yes"}',
      ),
    );
    expect(error.code).toBe("invalid");
    expect(new Set(error.issues?.map((issue) => issue.path))).toEqual(
      new Set(["language", "lang", "customer.name", "customer.age", "sample_rate", "coach_enabled"]),
    );
  });

  it.each(['{"__proto__":{"a":1}}', '{"constructor":1}', '{"customer":{"__proto__":{"name":"x"}}}'])(
    "is refused when it reaches for the prototype: %s",
    async (text) => {
      const error = await refusal(post(text));
      expect(error.code).toBe("invalid");
      expect(error.issues?.[0]?.path).toMatch(/__proto__|constructor/);
      expect({}).not.toHaveProperty("a");
    },
  );

  it("is refused with a NUL character in a text", async () => {
    const error = await refusal(post('{"title":"a\\u0000b"}'));
    expect(error.issues).toEqual([{ path: "title", message: "must not contain the NUL character" }]);
  });

  it.each([
    ["text/plain", {}],
    ["application/jsonx", {}],
    ["application/x-www-form-urlencoded", {}],
    ["application/json; charset=latin1", {}],
    ["application/json", { "content-encoding": "gzip" }],
  ])("is of the wrong type as %s with %j", async (type, more) => {
    expect((await refusal(post("{}", { "content-type": type, ...more }))).code).toBe("unsupported_type");
  });

  it("is refused as soon as it passes the limit, however it is sent", async () => {
    const text = JSON.stringify({ notes: "x".repeat(maxBodyBytes) });
    expect((await refusal(post(text))).code).toBe("too_large");
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16 * 1024).fill(0x20));
      },
    });
    expect((await refusal(post(endless))).code).toBe("too_large");
    expect(pulled).toBeLessThan(10);
  });

  it("survives a depth that would overflow a stack", async () => {
    const text = `{"title":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
    expect((await refusal(post(text))).code).toMatch(/invalid|malformed/);
  });

  it("never fails with anything but an error of ours", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        await readJsonBody(post(text), callPatchSchema).catch((error: unknown) => {
          expect(error).toBeInstanceOf(CallError);
        });
      }),
    );
  });
});
