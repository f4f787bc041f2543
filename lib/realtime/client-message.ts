import type { ClientMessage, ClientMessageType } from "../contract/client-messages.ts";
import {
  clientMessageSchemas,
  messagesWithoutRequiredData,
  observerMessages,
} from "../contract/client-messages.ts";
import type { ConnectionRole } from "../contract/vocabulary.ts";
import { CallError } from "../call/errors.ts";

function isMessageType(type: string): type is ClientMessageType {
  return Object.hasOwn(clientMessageSchemas, type);
}

/**
 * Checks one message of a client; unknown keys are ignored. Throws `CallError`: `unknown_message`,
 * `malformed` with the faulty paths, never the values.
 */
export function parseClientMessage(type: unknown, data: unknown): ClientMessage {
  if (typeof type !== "string") throw new CallError("malformed", "a message needs a type");
  if (!isMessageType(type)) throw new CallError("unknown_message", "there is no message of this type");
  const given = (data ?? undefined) === undefined && messagesWithoutRequiredData.has(type) ? {} : data;
  const parsed = clientMessageSchemas[type].safeParse(given);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({
      path: ["data", ...issue.path].join("."),
      message: issue.message,
    }));
    const faults = issues.slice(0, 5).map((issue) => `${issue.path}: ${issue.message}`);
    throw new CallError("malformed", `${type}: ${faults.join("; ")}`, { issues });
  }
  // The schema is that of `type`; the compiler cannot follow the pairing through the lookup.
  return { type, data: parsed.data } as ClientMessage;
}

/** The type and data of a text frame. Throws `CallError("malformed")`. */
export function parseTextFrame(text: string): { readonly type: unknown; readonly data: unknown } {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    throw new CallError("malformed", "a text frame must be JSON");
  }
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
    throw new CallError("malformed", "a text frame must be an object with type and data");
  }
  return {
    type: "type" in frame ? frame.type : undefined,
    data: "data" in frame ? frame.data : undefined,
  };
}

/** Who may send what. `givesFeedback`: an observer who is a manager. */
export function maySend(role: ConnectionRole, type: ClientMessageType, givesFeedback: boolean): boolean {
  if (role === "host" || observerMessages.has(type)) return true;
  return type === "suggestion_feedback" && givesFeedback;
}
