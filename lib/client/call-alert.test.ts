import { describe, expect, it } from "vitest";
import { callAlertOf, type CallAlert } from "./call-alert.ts";
import { untroubled, type CaptureCondition } from "./capture-condition.ts";
import { emptyLiveCall } from "./live-call.ts";

type Snapshot = Parameters<typeof callAlertOf>[0];

function alertOf(condition: Partial<CaptureCondition>, change: Partial<Snapshot> = {}): CallAlert | null {
  const sound = { kind: "flowing", condition: { ...untroubled, ...condition }, isStalled: false } as const;
  return callAlertOf({
    view: emptyLiveCall,
    connection: { kind: "open" },
    sound,
    isStopping: false,
    ...change,
  });
}

describe("the alert of a call", () => {
  it("says nothing of a call in order, or of one that is being ended", () => {
    expect(alertOf({})).toBe(null);
    expect(alertOf({ isHalted: true }, { isStopping: true })).toBe(null);
  });

  it("names what is the matter", () => {
    expect(alertOf({ inputLoss: "unplugged" })).toBe("input");
    expect(alertOf({ hasSharingEnded: true })).toBe("sharing");
    expect(alertOf({ isInputMuted: true })).toBe("muted");
    expect(alertOf({ silentChannel: 1 })).toBe("silent");
    expect(alertOf({ quietMinutes: 11 })).toBe("quiet");
    expect(alertOf({ isBlocked: true })).toBe("stopped");
    expect(alertOf({ isBroken: true })).toBe("stopped");
    expect(
      alertOf({}, { connection: { kind: "reconnecting", sinceMs: 0, attempt: 1, isRestarting: false } }),
    ).toBe("offline");
    expect(alertOf({}, { connection: { kind: "taken_over" }, sound: { kind: "ended" } })).toBe("over");
  });

  it("puts what loses more before what loses less", () => {
    expect(alertOf({ inputLoss: "unplugged", hasSharingEnded: true, isHalted: true })).toBe("stopped");
    expect(alertOf({ inputLoss: "permission", silentChannel: 1, quietMinutes: 12 })).toBe("input");
    expect(
      alertOf(
        { silentChannel: 1 },
        { connection: { kind: "reconnecting", sinceMs: 0, attempt: 1, isRestarting: false } },
      ),
    ).toBe("silent");
  });
});
