import { createServer, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createGuard, type GuardedRequest, type OriginGuard } from "./origin-guard.ts";

const isPage = (path: string): boolean => path === "/" || path.startsWith("/history");
const local = createGuard({ publicUrl: null, corsOrigins: ["https://crm.example.com"], isPage });
const published = createGuard({
  publicUrl: new URL("https://coach.example.com"),
  corsOrigins: [],
  isPage,
});

function request(changes: Partial<GuardedRequest> = {}): GuardedRequest {
  return {
    method: "GET",
    target: "/calls",
    hosts: ["localhost:8000"],
    origins: [],
    secFetchSite: undefined,
    secFetchMode: undefined,
    secFetchDest: undefined,
    ...changes,
  };
}

describe("the host rule", () => {
  it.each([
    "localhost",
    "localhost:8000",
    "LOCALHOST:1",
    "localhost.",
    "localhost.:8000",
    "127.0.0.1",
    "127.0.0.1:65535",
    "127.255.0.9:80",
    "[::1]",
    "[::1]:8000",
    "[0:0:0:0:0:0:0:1]:8000",
  ])("takes %s for this machine", (host) => {
    expect(local.judge(request({ hosts: [host] }))).toBeNull();
  });

  it.each([
    "",
    "evil.example.com",
    "evil.example.com:8000",
    "localhost.evil.example.com",
    "127.0.0.1.evil.example.com",
    "127.0.0.1.nip.io",
    "xlocalhost",
    "sub.localhost",
    "localhost..",
    "128.0.0.1",
    "127.1",
    "127.0.0.01",
    "0.0.0.0",
    "2130706433",
    "0x7f.0.0.1",
    "[::]",
    "[::2]:8000",
    "[::1",
    "::1",
    "user@localhost",
    "localhost@evil.example.com",
    "evil.example.com#@localhost",
    "localhost:0",
    "localhost:99999",
    "localhost:80a",
    "localhost:",
    "localhost, evil.example.com",
    "localhost evil.example.com",
    "localhost/evil",
    "lоcalhost",
    "coach.example.com",
  ])("refuses %j", (host) => {
    expect(local.judge(request({ hosts: [host] }))).toBe("foreign_host");
  });

  it("refuses a request without Host or with two", () => {
    expect(local.judge(request({ hosts: [] }))).toBe("foreign_host");
    expect(local.judge(request({ hosts: ["localhost", "localhost"] }))).toBe("foreign_host");
  });

  it("takes PUBLIC_URL's host, whose port may be left out where it is the scheme's", () => {
    expect(published.judge(request({ hosts: ["coach.example.com"] }))).toBeNull();
    expect(published.judge(request({ hosts: ["Coach.Example.com:443"] }))).toBeNull();
    expect(published.judge(request({ hosts: ["coach.example.com:8000"] }))).toBe("foreign_host");
    expect(published.judge(request({ hosts: ["127.0.0.1:8000"] }))).toBeNull();
  });

  it("holds an absolute request target to the same place as Host", () => {
    const target = (text: string) => local.judge(request({ target: text }));
    expect(target("http://localhost:8000/calls")).toBeNull();
    expect(target("http://evil.example.com/calls")).toBe("foreign_host");
    expect(target("http://localhost:9000/calls")).toBe("foreign_host");
    expect(target("http://x@localhost:8000/calls")).toBe("foreign_host");
    expect(target("//evil.example.com/calls")).toBeNull();
  });
});

describe("the origin rule", () => {
  it.each(["http://localhost:8000", "https://crm.example.com"])("takes %s", (origin) => {
    expect(local.judge(request({ origins: [origin] }))).toBeNull();
  });

  it.each([
    "null",
    "",
    "http://localhost",
    "http://localhost:3000",
    "http://127.0.0.1:8000",
    "https://crm.example.com:8443",
    "http://crm.example.com",
    "https://evil.example.com",
    "https://crm.example.com.evil.com",
    "http://localhost:8000/",
    "http://localhost:8000.evil.com",
    "http://localhost:8000@evil.com",
    "http://evil.com, http://localhost:8000",
    "chrome-extension://abc",
    "file://",
  ])("refuses %j", (origin) => {
    expect(local.judge(request({ origins: [origin] }))).toBe("foreign_origin");
  });

  it("leaves default ports out of the comparison", () => {
    expect(local.judge(request({ hosts: ["localhost"], origins: ["http://localhost"] }))).toBeNull();
    expect(local.judge(request({ hosts: ["localhost:80"], origins: ["http://localhost"] }))).toBeNull();
    expect(local.judge(request({ hosts: ["[::1]:8000"], origins: ["http://[::1]:8000"] }))).toBeNull();
  });

  it("takes PUBLIC_URL's origin in its own scheme only", () => {
    const from = (origin: string) =>
      published.judge(request({ hosts: ["coach.example.com"], origins: [origin] }));
    expect(from("https://coach.example.com")).toBeNull();
    expect(from("http://coach.example.com")).toBe("foreign_origin");
    expect(from("http://localhost:8000")).toBe("foreign_origin");
  });

  it("refuses two origins", () => {
    expect(local.judge(request({ origins: ["http://localhost:8000", "http://localhost:8000"] }))).toBe(
      "foreign_origin",
    );
  });
});

describe("the rule about other sites", () => {
  const navigation = { secFetchSite: "cross-site", secFetchMode: "navigate", secFetchDest: "document" };

  it("lets a person follow a link to a page", () => {
    expect(local.judge(request({ target: "/history/call_123?x=1", ...navigation }))).toBeNull();
  });

  it.each([
    ["a link into the API", { target: "/calls", ...navigation }],
    ["a form", { method: "POST", target: "/", ...navigation }],
    ["a frame", { target: "/", ...navigation, secFetchDest: "iframe" }],
    ["an image", { target: "/", secFetchSite: "cross-site", secFetchMode: "no-cors", secFetchDest: "image" }],
    ["a bare mark", { target: "/", secFetchSite: "cross-site" }],
    ["a mark in other letters", { target: "/", secFetchSite: " Cross-Site" }],
  ])("refuses %s from another site", (_what, changes) => {
    expect(local.judge(request(changes))).toBe("foreign_origin");
  });

  it.each(["same-origin", "same-site", "none"])("leaves %s requests alone", (site) => {
    expect(local.judge(request({ secFetchSite: site, secFetchMode: "cors" }))).toBeNull();
  });

  it("lets the scripts of an origin in CORS_ORIGINS through, which browsers mark cross-site", () => {
    const marked = { secFetchSite: "cross-site", secFetchMode: "cors", secFetchDest: "empty" };
    expect(local.judge(request({ origins: ["https://crm.example.com"], ...marked }))).toBeNull();
    expect(local.judge(request({ origins: ["http://localhost:8000"], ...marked }))).toBe("foreign_origin");
  });
});

describe("the guard on a real server", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function ask(guard: OriginGuard, head: string): Promise<string> {
    server = createServer((incoming, outgoing) => {
      outgoing.setHeader("Connection", "close");
      outgoing.end(guard.check(incoming) ?? "pass");
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    const { port } = listening.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      let text = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(head));
      socket.setTimeout(5000, () => socket.destroy(new Error("no answer")));
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.on("end", () => {
        resolve(text.split("\r\n\r\n")[1] ?? "");
      });
      socket.on("error", reject);
    });
  }

  it("reads headers whatever their case, and their repetitions", async () => {
    expect(await ask(local, "GET / HTTP/1.1\r\nhOsT: localhost\r\n\r\n")).toContain("pass");
    expect(
      await ask(local, "GET / HTTP/1.1\r\nHost: localhost\r\nORIGIN: http://evil.com\r\n\r\n"),
    ).toContain("foreign_origin");
    expect(
      await ask(
        local,
        "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: http://x.com\r\n\r\n",
      ),
    ).toContain("foreign_origin");
    expect(await ask(local, "GET / HTTP/1.0\r\n\r\n")).toContain("foreign_host");
    expect(await ask(local, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\n\r\n")).not.toContain(
      "pass",
    );
    expect(await ask(local, "GET http://evil.com/ HTTP/1.1\r\nHost: localhost\r\n\r\n")).toContain(
      "foreign_host",
    );
  });
});
