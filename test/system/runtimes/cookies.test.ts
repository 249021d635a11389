import type { BrowserContext, Page } from "playwright";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { open, untilSeen, useHarness } from "./fixture/harness.js";

const harness = useHarness();
let context: BrowserContext;
let page: Page;

const issue = () => harness.server.tokens.issue("ada");
const setCookie = (on: Page, text: string) =>
  on.evaluate((text) => void Reflect.set(document, "cookie", text), text);
const untilConnectedBy = (label: string) =>
  harness.server.log.until(
    `connected by ${label}`,
    () => harness.server.log.story("cookieStorage").at(-1) === `connect ${label}`,
  );

beforeEach(async () => {
  context = await harness.browser.newContext();
  page = await context.newPage();
  await page.goto(`${harness.server.url}/page`);
});
afterEach(() => context.close());

/** A page that is connected by a cookie that other code has set. */
async function connected(attributes = ""): Promise<void> {
  const token = await issue();
  await setCookie(page, `accessToken=${token.value}${attributes}`);
  await open(page, "cookieStorage", harness.server);
  await untilConnectedBy(token.label);
}

describe("F9 cookies in Chromium: the connection follows", () => {
  test("F9 a cookie that code in this tab assigns", async () => {
    await connected();
    const token = await issue();
    await setCookie(page, `accessToken=${token.value}`);
    await untilConnectedBy(token.label);
  });

  test("F9 a cookie that another tab assigns", async () => {
    await connected();
    const token = await issue();
    const other = await context.newPage();
    await other.goto(harness.server.url);
    await setCookie(other, `accessToken=${token.value}`);
    await untilConnectedBy(token.label);
  });

  test("F9 a cookie that the server sets, and its removal by the server", async () => {
    await connected();
    const token = await issue();
    const answer = (cookie: string) =>
      harness.server.files.set("/cookie", { body: "", headers: { "Set-Cookie": cookie } });
    answer(`accessToken=${token.value}; Path=/; SameSite=Lax`);
    await page.evaluate(() => fetch("/cookie"));
    await untilConnectedBy(token.label);
    answer("accessToken=; Path=/; Max-Age=0");
    await page.evaluate(() => fetch("/cookie"));
    await untilSeen(page, "loggedOut.signedOut");
  });

  test("F9 a cookie that expires, of which the browser tells nobody", async () => {
    await connected("; Max-Age=2");
    await untilSeen(page, "loggedOut.signedOut");
  });
});

describe("writing cookies in Chromium", () => {
  test("login writes it, logout removes it, and other code can read it", async () => {
    await connected();
    const token = await issue();
    expect(await page.evaluate((value) => window.runtime.login(value), token.value)).toBe("done");
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({
      value: token.value,
      path: "/",
      sameSite: "Lax",
      expires: -1,
      secure: false,
    });
    await untilConnectedBy(token.label);
    expect(await page.evaluate(() => window.runtime.logout())).toBe("done");
    expect(await context.cookies()).toEqual([]);
  });

  test.each([
    ["that is too long", "cookieStorage", "x".repeat(4_096)],
    ["of a domain that is not the page's", "cookieOfAnother", "x"],
  ] as const)("a cookie %s is refused without a word, and login says so", async (_what, kind, token) => {
    await open(page, kind, harness.server);
    await untilSeen(page, "loggedOut.signedOut");
    expect(await page.evaluate((value) => window.runtime.login(value), token)).toBe("ERR_STORAGE_WRITE");
    expect(await context.cookies()).toEqual([]);
  });

  test("a cookie that is HttpOnly cannot be seen, and cannot be replaced", async () => {
    const { url } = harness.server;
    await context.addCookies([{ name: "accessToken", value: "hidden", url, httpOnly: true }]);
    await open(page, "cookieStorage", harness.server);
    await untilSeen(page, "loggedOut.signedOut");
    expect(await page.evaluate(() => window.runtime.login("x"))).toBe("ERR_STORAGE_WRITE");
    const [cookie] = await context.cookies();
    expect(cookie?.value).toBe("hidden");
  });
});
