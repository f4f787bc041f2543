import { isIPv4 } from "node:net";

/** What a `Host` header or the authority of an address names, in one spelling. */
export interface HostName {
  /** Lower case, IPv6 in brackets and shortest form, no trailing dot. */
  readonly name: string;
  /** Null: the default of the scheme. */
  readonly port: number | null;
}

const namePattern =
  /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)\.?(?::(\d{1,5}))?$/;

/** Null for what is not `name`, `name:port`, `[ipv6]` or `[ipv6]:port`: lists, users, blanks, other scripts. */
export function parseHost(text: string): HostName | null {
  if (text.length > 300) return null;
  const match = namePattern.exec(text.toLowerCase());
  const [, name, portText] = match ?? [];
  if (name === undefined) return null;
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65_535)) return null;
  if (!name.startsWith("[")) return { name, port };
  const address = `http://${name}/`;
  return URL.canParse(address) ? { name: new URL(address).hostname, port } : null;
}

/** localhost, 127.0.0.0/8 in full decimal notation, ::1. */
export function isLoopback(host: HostName): boolean {
  return (
    host.name === "localhost" || host.name === "[::1]" || (isIPv4(host.name) && host.name.startsWith("127."))
  );
}

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Whether both name the same host and port, each missing port being the one of `scheme` (`http:` or `https:`). */
export function sameHost(a: HostName, b: HostName, scheme: string): boolean {
  const fallback = defaultPorts[scheme] ?? null;
  return a.name === b.name && (a.port ?? fallback) === (b.port ?? fallback);
}
