import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { clientAddress } from "./client-address.ts";

function from(peer: string | undefined, forwarded?: string, behindProxy = false) {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: peer });
  const request = new IncomingMessage(socket);
  if (forwarded !== undefined) request.headers["x-forwarded-for"] = forwarded;
  return clientAddress(request, { behindProxy });
}

describe("the address of a client", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1", true],
    ["127.9.9.9", "127.9.9.9", true],
    ["::1", "0:0:0:0::/64", true],
    ["::ffff:127.0.0.1", "127.0.0.1", true],
    ["::ffff:192.0.2.7", "192.0.2.7", false],
    ["192.0.2.7", "192.0.2.7", false],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", false],
    ["2001:db8:1:2:ffff::9", "2001:db8:1:2::/64", false],
    ["2001:DB8::9", "2001:db8:0:0::/64", false],
    ["fe80::1%eth0", "fe80:0:0:0::/64", false],
    [undefined, "unknown", false],
  ])("of the peer %j is %j", (peer, key, isLocal) => {
    expect(from(peer)).toEqual({ key, isLocal });
  });

  test("is the peer's own, whatever it says, unless a proxy on this machine stands before the server", () => {
    expect(from("192.0.2.7", "10.0.0.1")).toEqual({ key: "192.0.2.7", isLocal: false });
    expect(from("192.0.2.7", "10.0.0.1", true)).toEqual({ key: "192.0.2.7", isLocal: false });
    expect(from("127.0.0.1", "10.0.0.1")).toEqual({ key: "127.0.0.1", isLocal: true });
    expect(from("127.0.0.1", undefined, true)).toEqual({ key: "127.0.0.1", isLocal: true });
  });

  test.each([
    ["203.0.113.9", "203.0.113.9"],
    ["1.1.1.1, 203.0.113.9", "203.0.113.9"],
    ["127.0.0.1, 203.0.113.9:55123", "203.0.113.9"],
    ["x, [2001:db8:a:b:c:d:e:f]:443", "2001:db8:a:b::/64"],
    ["127.0.0.1", "127.0.0.1"],
    ["203.0.113.9,", "unknown"],
    ["<script>", "unknown"],
  ])("behind the proxy is the last entry of %j and never local", (forwarded, key) => {
    expect(from("::1", forwarded, true)).toEqual({ key, isLocal: false });
  });
});
