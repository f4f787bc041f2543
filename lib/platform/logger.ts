import { pino, stdSerializers, type DestinationStream } from "pino";
import type { LogFields, Logger } from "../call/ports.ts";
import type { AppConfig } from "./config.ts";

const secretKey = /token|authorization|cookie|secret|password|api_?key|sec-websocket-protocol/i;
const addressKey = /^(url|path|target|referer|ws_?url)$/i;
const censored = "[redacted]";

/** Text as it may be logged: no query strings, no call tokens. */
function safeText(text: string): string {
  return (
    text
      .replace(/(\b(?:https?|wss?):\/\/[^\s?"']*)\?[^\s"']*/gi, "$1")
      .replace(/([?&](?:token|key|secret)=)[^&\s"']*/gi, `$1${censored}`)
      // A call token by its looks, wherever it turns up: claims are a JSON object in base64url.
      .replace(/\beyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g, censored)
      .replace(/\btoken\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, `token.${censored}`)
  );
}

/** Copies `value` with secrets and query strings taken out; at most 6 levels deep. */
function safe(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return safeText(value);
  if (value instanceof Error) return safe({ ...stdSerializers.err(value) }, depth);
  if (value instanceof URL) return value.origin + value.pathname;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= 6) return "[deep]";
  if (Array.isArray(value)) return value.map((entry) => safe(entry, depth + 1));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (secretKey.test(key)) return [key, censored];
      if (addressKey.test(key) && typeof entry === "string")
        return [key, safeText(entry.split("?", 1)[0] ?? "")];
      return [key, safe(entry, depth + 1)];
    }),
  );
}

function safeFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).length === 0 ? [] : Object.entries(safe(fields) ?? {}));
}

/** What waits to be written, in UTF-16 units, where nothing can be; more is dropped. */
const mostWaiting = 1_000_000;

/**
 * A log that cannot be written (its reader is gone, its disk is full) is no reason to end anything, nor to stay: what is
 * flushed at exit is tried again for ever by sonic-boom, so that there is no such flush while writing fails.
 */
function standardOutput(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: false, maxLength: mostWaiting });
  const flushSync = destination.flushSync.bind(destination);
  let isFailing = false;
  destination.on("error", () => {
    isFailing = true;
  });
  destination.on("write", () => {
    isFailing = false;
  });
  destination.flushSync = () => {
    if (!isFailing) flushSync();
  };
  return destination;
}

/** One JSON object a line. Secrets and query strings are taken out of every field and message. */
export function createLogger(options: {
  readonly level: AppConfig["logLevel"];
  /** Default: standard output, written behind the caller's back and flushed at exit. */
  readonly destination?: DestinationStream;
}): Logger {
  const destination = options.destination ?? standardOutput();
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => error },
    },
    destination,
  );
  const wrap = (target: typeof root): Logger => {
    const write =
      (level: "debug" | "info" | "warn" | "error") =>
      (fields: LogFields, message: string): void => {
        if (target.isLevelEnabled(level)) target[level](safeFields(fields), safeText(message));
      };
    return {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
      child: (fields) => wrap(target.child(safeFields(fields))),
    };
  };
  return wrap(root);
}
