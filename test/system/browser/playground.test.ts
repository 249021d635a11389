import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Playground, startPlayground } from "../../../docs/playground/playground.js";
import { launchChromium } from "./fixture/chromium.js";
import { PlaygroundTab } from "./fixture/playground-tab.js";
import { findSecrets } from "./fixture/secrets.js";

let browser: Browser;
let folder: string;
let playground: Playground;
let context: BrowserContext;
/** Used again in each test: a server on another port is another origin, with an empty storage. */
let pages: Page[];
let tabs: PlaygroundTab[];
/** Whatever was in the storage at some time, and would be a secret. */
let secrets: string[];
/** What the browser itself says of requests that a test makes fail. */
let expectedErrors: RegExp[];

const start = (tokenLifetime = 60_000): Promise<Playground> =>
  startPlayground({ port: 0, keyFile: join(folder, "key.json"), tokenLifetime });

beforeAll(async () => {
  browser = await launchChromium();
  context = await browser.newContext({ reducedMotion: "reduce" });
  pages = [await context.newPage(), await context.newPage()];
  folder = await mkdtemp(join(tmpdir(), "playground-test-"));
});
beforeEach(() => {
  tabs = [];
  secrets = [];
  expectedErrors = [];
});
afterEach(async () => {
  const shown = await Promise.all(tabs.map((tab) => tab.everything()));
  const issued = await Promise.all(tabs.flatMap((tab) => tab.issued));
  for (const { value } of await context.cookies()) secrets.push(value);
  for (const body of issued) secrets.push(JSON.parse(body).accessToken);
  await Promise.all(tabs.map((tab) => tab.leave()));
  await context.clearCookies();
  await playground.close();
  expect(issued.length, "tokens that the server has issued").toBeGreaterThan(0);
  expect(findSecrets(shown.join("\n"), secrets), "tokens in page, console or addresses").toEqual([]);
  const errors = tabs.flatMap(({ console }) => console.errors);
  expect(errors.filter((error) => !expectedErrors.some((expected) => expected.test(error)))).toEqual([]);
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

async function openTab(settings = ""): Promise<PlaygroundTab> {
  const page = pages[tabs.length];
  if (page === undefined) throw new Error("A test has two tabs at most.");
  const tab = new PlaygroundTab(page);
  tabs.push(tab);
  await tab.page.goto(`${playground.url}/${settings}`);
  return tab;
}

/** Two tabs, both connected as Ada, who signed in in the first. */
async function openTabs(): Promise<[first: PlaygroundTab, second: PlaygroundTab]> {
  playground = await start();
  const first = await openTab();
  const second = await openTab();
  await first.until("status", "loggedOut.signedOut");
  await first.press("Sign in as Ada");
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
  return [first, second];
}

/** Garbage is often gone again before this tab looks, after a second: the other one hears of it at once. */
async function untilAnyTabSays(said: RegExp): Promise<void> {
  const errors = () => Promise.all(tabs.map((tab) => tab.text("last-error")));
  await expect.poll(async () => (await errors()).join(), { timeout: 15_000 }).toMatch(said);
}

test("F9 two tabs: sign in, refresh, switch the user, sign out in the other one", async () => {
  const [first, second] = await openTabs();
  const adas = await first.text("token-served");
  expect(await second.text("token-served")).toBe(adas);

  await first.press("Refresh now");
  for (const tab of [first, second]) {
    await expect.poll(() => tab.text("token-served"), { timeout: 15_000 }).not.toBe(adas);
    await tab.untilConnectedAs("Ada");
  }
  await second.send("Hello from Ada");
  await expect
    .poll(async () => (await first.messages("Hello from Ada")).join(), { timeout: 15_000 })
    .toContain("from socket");

  await second.press("Sign in as Grace");
  for (const tab of [first, second]) await tab.untilConnectedAs("Grace");

  await second.press("Sign out");
  for (const tab of [first, second]) {
    await tab.until("status", "loggedOut.signedOut");
    await tab.until("session-user", "Nobody is signed in.");
    await tab.until("token-served", "none");
  }
  expect(await first.text("notice")).toBe("");
});

test("F9 by hand: raw setItem, removeItem and clear in one tab, followed by both", async () => {
  const [first, second] = await openTabs();
  await first.press('setItem("accessToken", a token of Grace)');
  for (const tab of [first, second]) await tab.untilConnectedAs("Grace");
  await second.press('removeItem("accessToken")');
  for (const tab of [first, second]) await tab.until("status", "loggedOut.signedOut");
  await second.press('setItem("accessToken", a token of Ada)');
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
  await first.press("clear()");
  for (const tab of [first, second]) await tab.until("status", "loggedOut.signedOut");
});

test("F16 the server is stopped and started again on the same port: connected by itself, the message leaves once", async () => {
  expectedErrors = [
    /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED/,
  ];
  const [first, second] = await openTabs();
  const token = await first.text("token-served");
  await playground.close();
  for (const tab of [first, second]) await tab.until("status", "connecting");
  await first.until(
    "last-error",
    /ERR_TRANSPORT The server could not be reached|ERR_DISCONNECTED The connection was lost/,
  );
  await first.send("Sent while it was away");
  playground = await startPlayground({ port: playground.port, keyFile: join(folder, "key.json") });
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
  expect(await first.text("token-served"), "the key has survived, and so has the token").toBe(token);
  await expect
    .poll(async () => (await first.messages("Sent while it was away")).join(), { timeout: 15_000 })
    .toContain("answered in");
  // The line that was sent, and the one that came back: the other tab may not have been there yet.
  await expect.poll(() => first.messages("Sent while it was away"), { timeout: 15_000 }).toHaveLength(2);
});

test("F17 kicked by the server: connected again by itself, with another socket", async () => {
  const [first, second] = await openTabs();
  const before = await Promise.all([first.socketId(), second.socketId()]);
  await first.press("Kick me");
  await first.untilAnotherSocket(before[0]);
  await second.untilAnotherSocket(before[1]);
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
  await first.until("last-error", "ERR_DISCONNECTED The server ended the connection. It is tried again.");
});

test("garbage in the storage is refused in words, and a signed-in session gets a good token in its place", async () => {
  const [first] = await openTabs();
  await first.press('setItem("accessToken", garbage)');
  secrets.push(await first.page.evaluate(() => localStorage.getItem("accessToken") ?? ""));
  await untilAnyTabSays(/ERR_REFUSED invalid_token The token was not accepted\./);
  for (const tab of tabs) await tab.untilConnectedAs("Ada");
});

test("garbage without a session is refused in words, and ends signed out", async () => {
  // The refresh is answered with 401, and Chromium writes a line of its own for that.
  expectedErrors = [/the server responded with a status of 401/];
  const [first, second] = await openTabs();
  await first.press("Sign out");
  for (const tab of [first, second]) await tab.until("status", "loggedOut.signedOut");
  const garbage = "not-a-token-but-somebody-typed-it";
  secrets.push(garbage);
  await first.page.getByLabel("Or any text").fill(garbage);
  await first.press("setItem");
  await untilAnyTabSays(/ERR_REFUSED invalid_token The token was not accepted\./);
  for (const tab of [first, second]) await tab.until("status", "loggedOut.signedOut");
});

/** One tab, connected as Ada. */
async function openOne(settings = ""): Promise<PlaygroundTab> {
  playground = await start();
  const tab = await openTab(settings);
  await tab.press("Sign in as Ada");
  await tab.untilConnectedAs("Ada");
  return tab;
}

/** Waits until the server knows another token than before. */
async function untilAnotherToken(tab: PlaygroundTab, than: string): Promise<void> {
  await expect.poll(() => tab.text("token-served"), { timeout: 15_000 }).toMatch(/^[0-9a-f]{8} Ada$/);
  await expect.poll(() => tab.text("token-served"), { timeout: 15_000 }).not.toBe(than);
}

test("F14 a plain server ends the link with its token, and the tab is connected again without anybody's doing", async () => {
  playground = await start(1_000);
  const tab = await openTab("?server=plain");
  await tab.press("Sign in as Ada");
  await tab.untilConnectedAs("Ada");
  const socket = await tab.socketId();
  await expect.poll(() => tab.issued.length, { timeout: 15_000 }).toBeGreaterThan(1);
  await tab.untilAnotherSocket(socket);
  await tab.until("status", "connected.steady");
  expect(await tab.text("notice")).toBe("");
});

test("a token is refreshed before it runs out, and takes effect on the same link", async () => {
  playground = await start(4_000);
  const tab = await openTab();
  await tab.press("Sign in as Ada");
  await tab.untilConnectedAs("Ada");
  const [token, socket] = [await tab.text("token-served"), await tab.socketId()];
  await untilAnotherToken(tab, token);
  await tab.untilTransition(/connected\.refreshing → rotating\.reauthenticating\.asking/);
  expect(await tab.socketId()).toBe(socket);
  expect(await tab.text("last-error")).toBe("None so far.");
});

test.each(["Expire now", "Wrong audience"])(
  "F14 %s: the server refuses the token, the link stays, and a refreshed one takes effect on it",
  async (button) => {
    const tab = await openOne();
    const [token, socket] = [await tab.text("token-served"), await tab.socketId()];
    await tab.press(button);
    await tab.untilTransition(/rotating\.reauthenticating\.asking → rotating\.refreshing/);
    await tab.until("last-error", "ERR_REFUSED invalid_token The token was not accepted.");
    await untilAnotherToken(tab, token);
    await tab.untilConnectedAs("Ada");
    expect(await tab.socketId()).toBe(socket);
    expect(tab.issued.length, "signed in, the bad one, the refreshed one").toBe(3);
  },
);

test("F14 the signing key is rotated: old tokens are refused, and every tab refreshes", async () => {
  const [first, second] = await openTabs();
  const token = await first.text("token-served");
  await first.press("Rotate the key");
  await untilAnyTabSays(/ERR_REFUSED invalid_token The token was not accepted\./);
  for (const tab of [first, second]) {
    await untilAnotherToken(tab, token);
    await tab.untilConnectedAs("Ada");
  }
});

test("F17 a revoked user is told so in every tab, and stays out until a token that was issued later", async () => {
  const [first, second] = await openTabs();
  await first.press("Revoke me");
  for (const tab of [first, second]) {
    await tab.until("status", "loggedOut.rejected");
    await tab.until("last-error", "ERR_REFUSED access_denied Every token of this user was revoked.");
  }
  await first.press("Refresh now");
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
});

test("F20 a server that drains sends everybody away, and they come back to another one", async () => {
  const [first, second] = await openTabs();
  const before = await Promise.all([first.socketId(), second.socketId()]);
  await first.press("Drain");
  for (const tab of [first, second]) {
    await tab.until("last-error", "ERR_REFUSED temporarily_unavailable The server is shutting down.");
  }
  await first.untilAnotherSocket(before[0]);
  await second.untilAnotherSocket(before[1]);
  for (const tab of [first, second]) await tab.untilConnectedAs("Ada");
});

test.each([
  ["auto", "half", /rotating\.reauthenticating\.asking/],
  ["replace", "half", /rotating\.replacing\.settling/],
  ["auto", "plain", /rotating\.replacing\.settling/],
  ["overlap", "plain", /rotating\.overlapping\.presenting/],
] as const)("rotation %s on a %s server is chosen on the page", async (rotation, server, way) => {
  const tab = await openOne();
  // Each choice loads the page anew.
  for (const [name, value] of [
    ["rotation", rotation],
    ["server", server],
  ] as const) {
    if ((await tab.page.locator(`#${name}`).inputValue()) === value) continue;
    await tab.page.locator(`#${name}`).selectOption(value);
    await tab.page.waitForURL((url) => url.searchParams.get(name) === value);
  }
  await tab.untilConnectedAs("Ada");
  const [token, link] = [await tab.text("token-served"), await tab.socketId()];
  await tab.press("Refresh now");
  await tab.untilTransition(way);
  await untilAnotherToken(tab, token);
  await tab.untilConnectedAs("Ada");
  expect((await tab.socketId()) === link).toBe(way.source.includes("reauthenticating"));
});
