import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium, listenTo } from "../support/chromium.js";
import { type SessionServer, startSessionServer } from "./fixture/session-server.js";
import "./fixture/session-page-api.js";

let browser: Browser;
let context: BrowserContext;
let server: SessionServer;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startSessionServer();
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  await server.close();
  const credentials = server.sent.filter(
    (each) => each !== "{}" && !/^\/socket\.io\/\?EIO=4&transport=\w+(&t=\w+)?$/.test(each),
  );
  expect(credentials, "nothing but the cookie is sent").toEqual([]);
});

async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(server.url);
  await page.waitForFunction(() => window.session !== undefined);
  return page;
}

const post = (page: Page, path: string) => page.evaluate((to) => window.session.post(to), path);
const ask = (page: Page, text: string) => page.evaluate((what) => window.session.ask(what), text);
const history = (page: Page) => page.evaluate(() => window.session.history);
const untilIn = (page: Page, state: string) =>
  page.waitForFunction((wanted) => window.session.history.at(-1) === wanted, state);

/** A tab in which somebody has signed in, by script. */
async function openAs(user: string): Promise<Page> {
  const page = await open();
  await untilIn(page, "loggedOut.signedOut");
  await post(page, `/sign-in?user=${user}`);
  await page.evaluate(() => window.session.connection.login());
  await untilIn(page, "connected.steady");
  return page;
}

describe("the first load of a page", () => {
  test("signed in by a form and a redirect, with no marker: connects at once, without a word of being signed out", async () => {
    const page = await open();
    await untilIn(page, "loggedOut.signedOut");
    await page.evaluate(() => localStorage.clear());
    await page.click("button");
    await page.waitForFunction(() => window.session?.history.at(-1) === "connected.steady");
    expect(await history(page)).toEqual(["connecting.opening", "connected.steady"]);
    expect(await ask(page, "who")).toBe("ada");
  });

  test("signed out: one handshake, then signedOut and no error", async () => {
    const page = await open();
    await untilIn(page, "loggedOut.signedOut");
    expect(await history(page)).toEqual(["connecting.opening", "loggedOut.signedOut"]);
    expect(await page.evaluate(() => window.session.error())).toBeUndefined();
    expect(server.lines.filter((line) => line.startsWith("handshake / "))).toEqual(["handshake / nobody -"]);
    expect(await ask(page, "who")).toBe("ERR_LOGGED_OUT");
  });

  test("connect() asks once more, for a sign-in that no script was told of", async () => {
    const page = await open();
    await untilIn(page, "loggedOut.signedOut");
    await post(page, "/sign-in?user=ada");
    await page.evaluate(() => window.session.connection.connect());
    await untilIn(page, "connected.steady");
  });
});

describe("two tabs", () => {
  test("F9 a sign-in in one tab connects the other, and a sign-out closes both", async () => {
    const one = await open();
    const two = await open();
    for (const tab of [one, two]) await untilIn(tab, "loggedOut.signedOut");
    await post(one, "/sign-in?user=ada");
    await one.evaluate(() => window.session.connection.login());
    for (const tab of [one, two]) {
      await untilIn(tab, "connected.steady");
      expect(await ask(tab, "who")).toBe("ada");
    }
    await post(two, "/sign-out");
    await two.evaluate(() => window.session.connection.logout());
    for (const tab of [one, two]) await untilIn(tab, "loggedOut.signedOut");
    await server.until(() => server.live().length === 0);
  });

  test("F9 another user signs in in one tab: the other follows, and what it emits from then on is the new user's", async () => {
    const one = await openAs("ada");
    const two = await open();
    await untilIn(two, "connected.steady");
    const unpark = server.park();
    await post(two, "/sign-in?user=grace");
    await two.evaluate(() => window.session.connection.login());
    await untilIn(one, "rotating.replacing");
    // What is emitted from here on is the new user's.
    await one.evaluate(() => window.session.queue("after"));
    unpark();
    for (const tab of [one, two]) {
      await untilIn(tab, "connected.steady");
      expect(await ask(tab, "who")).toBe("grace");
    }
    expect(server.lines.filter((line) => line.startsWith("say"))).toEqual(["say after grace 2"]);
  });
});

describe("forms and redirects, so that no script calls login() or logout():", () => {
  /** Submits a form of the page, and waits until the page that follows is in this state. */
  async function submit(page: Page, button: string, state: string): Promise<void> {
    await Promise.all([page.waitForNavigation(), page.click(`#${button}`)]);
    await page.waitForFunction((wanted) => window.session?.history.at(-1) === wanted, state);
  }
  const handshakes = (): number => server.lines.filter((line) => line.startsWith("handshake / ")).length;

  test("F9 another user signs in in one tab, after the cookie has gone: the other tabs follow, and leave the last user", async () => {
    // An answer that is under way would bring the cookie back.
    await context.route("**/keep-alive", (route) => route.abort());
    const one = await openAs("ada");
    const two = await open();
    await untilIn(two, "connected.steady");
    await context.clearCookies();
    const three = await open();
    await untilIn(three, "loggedOut.signedOut");
    for (const tab of [one, two]) expect(await ask(tab, "still")).toBe("ada");
    const before = handshakes();
    await submit(three, "grace", "connected.steady");
    await server.until(() => server.live().filter((each) => each.startsWith("/ grace")).length === 3);
    await server.until(() => !server.live().some((each) => each.includes("ada")));
    for (const tab of [one, two, three]) expect(await ask(tab, "who")).toBe("grace");
    expect(handshakes() - before, "one handshake for each tab").toBe(3);
  });

  test("the same user signs out in one tab, and in again: the others are signed out and in with it", async () => {
    const one = await openAs("ada");
    const two = await open();
    await untilIn(two, "connected.steady");
    await submit(one, "out", "loggedOut.signedOut");
    await untilIn(two, "loggedOut.signedOut");
    await submit(one, "ada", "connected.steady");
    await untilIn(two, "connected.steady");
    expect(await ask(two, "who")).toBe("ada");
  });

  test("what is stored is short, and neither the user nor the server's word for the user is in it", async () => {
    const one = await openAs("ada");
    const stored = await one.evaluate(() => JSON.stringify(localStorage));
    expect(stored).toContain("#");
    expect(stored.length).toBeLessThan(110);
    expect(stored).not.toContain("ada");
  });

  test("a tab that loads as the same user makes no other tab begin anew", async () => {
    const one = await openAs("ada");
    const before = handshakes();
    const two = await open();
    await untilIn(two, "connected.steady");
    expect(await ask(one, "who")).toBe("ada");
    expect(handshakes() - before).toBe(1);
  });
});

describe("F31 session_changed while messages wait:", () => {
  /** The session changes on the server, no script is told of it, and messages are queued while the link is down. */
  async function change(page: Page, user: string): Promise<() => void> {
    const unpark = server.park();
    await post(page, `/sign-in?user=${user}`);
    server.disconnectWithReason("session_changed");
    await untilIn(page, "connecting.opening");
    await page.evaluate(() => window.session.queue("draft"));
    return unpark;
  }

  test("the same user: they are sent once, in order, on the new session", async () => {
    const page = await openAs("ada");
    const unpark = await change(page, "ada");
    unpark();
    await page.waitForFunction(() => window.session.answers.length === 1);
    expect(await page.evaluate(() => window.session.answers)).toEqual(["ada"]);
    expect(server.lines.filter((line) => /^(say|ask)/.test(line))).toEqual([
      "say draft ada 2",
      "ask draft ada 2",
    ]);
  });

  test("another user: they are dropped and told so, though no script knew of the change", async () => {
    const page = await openAs("ada");
    const unpark = await change(page, "grace");
    unpark();
    await page.waitForFunction(() => window.session.answers.length === 1);
    expect(await page.evaluate(() => window.session.answers)).toEqual(["ERR_IDENTITY_CHANGED"]);
    expect(await page.evaluate(() => window.session.dropped)).toEqual(["say ERR_IDENTITY_CHANGED"]);
    expect(await ask(page, "who")).toBe("grace");
    expect(server.lines.filter((line) => /^(say|ask)/.test(line))).toEqual(["ask who grace 2"]);
  });

  test("the new cookie is late: session_required is tried again, and is no sign-out", async () => {
    const page = await openAs("ada");
    server.refuseNext("session_required", 2);
    server.disconnectWithReason("session_changed");
    await page.waitForFunction(() => window.session.history.includes("connecting.waiting"));
    await untilIn(page, "connected.steady");
    expect((await history(page)).slice(3)).not.toContain("loggedOut.signedOut");
  });

  test("F13 every namespace is on the new session, and nothing on the old one", async () => {
    const page = await openAs("ada");
    await server.until(() => server.live().length === 2);
    await post(page, "/sign-in?user=ada");
    server.disconnectWithReason("session_changed");
    await server.until(() => server.live().sort().join() === "/ ada 2,/chat ada 2");
  });
});

test("session_ended signs out, and is told", async () => {
  const page = await openAs("ada");
  await post(page, "/sign-out");
  server.disconnectWithReason("session_ended");
  await untilIn(page, "loggedOut.signedOut");
  expect(await page.evaluate(() => window.session.reason())).toBe("session_ended");
});

test("another user's cookie, found by a reconnection under the same marker, gets nothing of what was queued", async () => {
  const page = await openAs("ada");
  const unpark = server.park();
  await post(page, "/sign-in?user=grace");
  server.disconnectWithReason("temporarily_unavailable");
  await page.waitForFunction(() => window.session.connection.status === "connecting");
  await page.evaluate(() => window.session.queue("draft"));
  unpark();
  await page.waitForFunction(() => window.session.answers.length === 1);
  expect(await page.evaluate(() => window.session.answers)).toEqual(["ERR_IDENTITY_CHANGED"]);
  expect(server.lines.filter((line) => line.startsWith("say"))).toEqual([]);
});

test("the keep-alive renews a rolling cookie while the page is there", async () => {
  const page = await openAs("ada");
  const [before] = await context.cookies();
  const asked = server.keptAlive.length;
  await server.until(() => server.keptAlive.length > asked && server.keptAlive.at(-1) === "ada");
  await expect.poll(async () => (await context.cookies())[0]?.expires).toBeGreaterThan(before?.expires ?? 0);
  await page.close();
});

test("F33 on a server that names nobody, one warning names shareSession", async () => {
  await server.close();
  server = await startSessionServer({ hasHalf: false });
  const page = await context.newPage();
  const { lines } = listenTo(page, server.url);
  await page.goto(server.url);
  await untilIn(page, "loggedOut.signedOut");
  for (const user of ["ada", "ada"]) {
    await post(page, `/sign-in?user=${user}`);
    await page.evaluate(() => window.session.connection.login());
    expect(await ask(page, "who")).toBe("ada");
  }
  expect(lines.filter((line) => line.includes("shareSession"))).toHaveLength(1);
});
