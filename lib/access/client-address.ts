import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4 } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

export interface ClientAddress {
  /** One client: an IPv4 address, or the /64 network of an IPv6 one, of which a client may have all addresses. */
  readonly key: string;
  /** A program on this machine, not one that a proxy on it speaks for. */
  readonly isLocal: boolean;
}

/**
 * Who is at the other end. Only behind a proxy, that is with PUBLIC_URL, and only of a proxy on this machine is
 * `X-Forwarded-For` believed, and of it only the last entry: the one that this proxy wrote itself.
 */
export function clientAddress(
  request: Pick<IncomingMessage, "headers" | "socket">,
  options: { readonly behindProxy: boolean },
): ClientAddress {
  const peer = plainAddress(request.socket.remoteAddress ?? "");
  const isLocal = peer !== null && isLoopbackAddress(peer);
  if (options.behindProxy && isLocal) {
    const { "x-forwarded-for": forwarded } = request.headers;
    const chain = typeof forwarded === "string" ? forwarded : (forwarded?.at(-1) ?? "");
    if (chain !== "") {
      const last = plainAddress(chain.slice(chain.lastIndexOf(",") + 1).trim());
      return { key: last === null ? "unknown" : networkOf(last), isLocal: false };
    }
  }
  return { key: peer === null ? "unknown" : networkOf(peer), isLocal };
}

/** Without zone, port and the IPv6 clothes of an IPv4 address; null for what is none. */
function plainAddress(text: string): string | null {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1");
  const address = (bare.split("%", 1)[0] ?? "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  const plain = mapped ?? address;
  return isIP(plain) === 0 ? null : plain;
}

function isLoopbackAddress(address: string): boolean {
  return loopback.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = tail === undefined ? left : [...left, ...zeros(8 - left.length - right.length), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

function zeros(count: number): string[] {
  return Array.from({ length: Math.max(0, count) }, () => "0");
}
