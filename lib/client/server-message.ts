import {
  callEventSchemas,
  connectionEventSchemas,
  type CallEvent,
  type ServerMessage,
} from "../contract/events.ts";

const schemas = { ...callEventSchemas, ...connectionEventSchemas };

function isKnownType(type: string): type is keyof typeof schemas {
  return Object.hasOwn(schemas, type);
}

/** Names of all messages the server sends. */
export const serverMessageTypes = Object.keys(schemas).filter(isKnownType);

/** The message, or null for one that this client does not know or that is not as the contract says. */
export function parseServerMessage(type: string, payload: unknown): ServerMessage | null {
  if (!isKnownType(type)) return null;
  const parsed = schemas[type].safeParse(payload);
  // The schema was looked up by the same type, which the compiler cannot follow.
  return parsed.success ? ({ type, data: parsed.data } as ServerMessage) : null;
}

export function isCallEvent(message: ServerMessage): message is CallEvent {
  return Object.hasOwn(callEventSchemas, message.type);
}
