import { describe, expect, it } from "vitest";
import { ManualClock } from "../call/testing/manual-clock.ts";
import type { Logger } from "../call/ports.ts";
import type { ReplyOutcomes } from "../call/playbook-ports.ts";
import { createOutcomeReader } from "./outcome-reader.ts";

const used: ReplyOutcomes = { a: { shown: 1, used: 1, said: 0, dismissed: 0, wrong: 0 } };

function reader() {
  const clock = new ManualClock();
  const asked: string[] = [];
  const state = { isFailing: false };
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    child: () => logger,
  };
  const read = createOutcomeReader({
    clock,
    logger,
    store: {
      replyOutcomes: (name) => {
        asked.push(name);
        return state.isFailing ? Promise.reject(new Error("locked")) : Promise.resolve(used);
      },
    },
  });
  return { clock, asked, state, read };
}

describe("what became of the replies of a playbook", () => {
  it("is read once a minute, however many ask at once, for each playbook", async () => {
    const { asked, clock, read } = reader();
    expect(await Promise.all([read("a"), read("a"), read("b")])).toEqual([used, used, used]);
    await clock.advance(59_000);
    await read("a");
    expect(asked).toEqual(["a", "b"]);
    await clock.advance(2000);
    await read("a");
    expect(asked).toEqual(["a", "b", "a"]);
  });

  it("is what it was where it cannot be read, or nothing, and is tried again by the next one", async () => {
    const { asked, clock, read, state } = reader();
    state.isFailing = true;
    expect(await read("a")).toEqual({});
    state.isFailing = false;
    expect(await read("a")).toEqual(used);
    state.isFailing = true;
    await clock.advance(61_000);
    expect(await read("a")).toEqual(used);
    expect(asked).toEqual(["a", "a", "a"]);
  });
});
