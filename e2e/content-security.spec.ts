import { expect, launchWith, test } from "./product.ts";

test.use({ launchOptions: launchWith([]) });

const pages = ["/", "/history", "/live/call_that_is_not_there", "/history/call_that_is_not_there", "/docs"];

test("every page runs under its policy, with a nonce that is never used twice", async ({
  page,
  server,
  faults,
}) => {
  const nonces = new Set<string>();
  for (const path of [...pages, "/"]) {
    const reply = await page.goto(`${server.url}${path}`);
    const policy = reply?.headers()["content-security-policy"] ?? "";
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).not.toMatch(/script-src[^;]*'unsafe-/u);
    expect(policy, path).not.toMatch(/style-src [^;]*'unsafe-/u);
    const nonce = /script-src[^;]*'nonce-([\w+/=]{24})'/u.exec(policy)?.[1];
    if (path !== "/docs") nonces.add(nonce ?? "none");
    await page.waitForLoadState("networkidle");
  }
  expect(nonces.size).toBe(pages.length);
  expect(nonces).not.toContain("none");
  // A call that is not there is told in words; the browser's own line about the reply is no fault.
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("status of 404")));
});

test("injected scripts, handlers, frames, forms and bases do nothing", async ({ page, server, faults }) => {
  await page.goto(`${server.url}/history`);
  await page.waitForLoadState("networkidle");
  expect(faults).toEqual([]);
  await page.evaluate(() => {
    const put = (html: string): void => {
      const part = document.createRange().createContextualFragment(html);
      document.body.append(part);
    };
    put("<script>window.injected = 'inline'</script>");
    put("<script nonce='guessed'>window.injected = 'nonce'</script>");
    put("<script src='data:text/javascript,window.injected=1'></script>");
    put("<script src='https://evil.example.com/x.js'></script>");
    put("<img src='/no-such-picture' onerror='window.injected = 1'>");
    put("<iframe srcdoc='<script>parent.injected = 1</script>'></iframe>");
    put("<iframe src='https://evil.example.com/'></iframe>");
    put("<object data='/icon.svg'></object>");
    put("<base href='https://evil.example.com/'>");
    put("<style>body { outline: 7px solid red }</style>");
    const link = document.createElement("a");
    link.href = "javascript:window.injected = 1";
    document.body.append(link);
    link.click();
    void fetch("https://evil.example.com/").catch(() => undefined);
  });
  const expected = [
    "base-uri",
    "connect-src",
    "frame-src",
    "object-src",
    "script-src-attr",
    "script-src-elem",
    "style-src-elem",
  ];
  const blocked = (): string[] => [
    ...new Set(faults.flatMap((fault) => /^([a-z-]+) blocked /u.exec(fault)?.[1] ?? [])),
  ];
  await expect.poll(() => blocked().sort()).toEqual(expected);
  expect(await page.evaluate(() => String(Reflect.get(window, "injected")))).toBe("undefined");
  expect(await page.evaluate(() => document.baseURI.startsWith(location.origin))).toBe(true);
  expect(await page.evaluate(() => getComputedStyle(document.body).outlineStyle)).toBe("none");
  faults.length = 0;
});

test("an address with markup in it is text", async ({ page, server, faults }) => {
  const markup = encodeURIComponent("<script>window.injected = 1</script>");
  await page.goto(`${server.url}/history?q=${markup}&objection=${markup}`);
  await page.goto(`${server.url}/live/${markup}`);
  await page.goto(`${server.url}/${markup}`);
  expect(await page.evaluate(() => String(Reflect.get(window, "injected")))).toBe("undefined");
  faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("status of 404")));
});
