import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { launchChromium } from "../../support/chromium.js";
import { startServer } from "./fixture/server.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** Three tabs of a signed-in user, connected. */
async function start() {
  const server = await startServer("interceptor");
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const pages = await Promise.all([1, 2, 3].map(() => context.newPage()));
  for (const page of pages) {
    await page.goto(server.url);
    await page.waitForFunction(() => window.interceptor !== undefined);
  }
  await pages[0]?.evaluate(() => window.interceptor.signIn());
  const until = (state: string) =>
    Promise.all(
      pages.map((page) => page.waitForFunction((wanted) => window.interceptor.state() === wanted, state)),
    );
  await until("connected.steady");
  return {
    ...server,
    until,
    ask: () => Promise.all(pages.map((page) => page.evaluate(() => window.interceptor.ask()))),
  };
}
const ALL = (status: number | string) => Array(3).fill(Array(4).fill(status));

test("F50 interceptors of axios and fetch, and the socket, in three tabs make one refresh", async () => {
  const { ask, until, families, tokens, kick, live } = await start();
  expect(await ask()).toEqual(ALL(200));
  tokens.expire();
  kick();
  expect(await ask()).toEqual(ALL(200));
  await until("connected.steady");
  expect(families.calls.map(({ outcome }) => outcome)).toEqual(["rotated"]);
  expect(live()).toEqual(Array(3).fill("undefined: ada 2"));
});

test("F50 a refresh that is refused signs out the three tabs after one call, and one that fails does not", async () => {
  const { ask, until, families, tokens } = await start();
  families.isDown = true;
  tokens.expire();
  expect(await ask()).toEqual(ALL("ERR_REFRESH_FAILED"));
  await until("connected.steady");
  families.isDown = false;
  families.revoke();
  const before = families.calls.length;
  const answers = (await ask()).flat();
  await until("loggedOut.signedOut");
  expect(families.calls.slice(before).map(({ outcome }) => outcome)).toEqual(["revoked"]);
  // A tab that hears of it before it has asked sends its request as nobody.
  expect(answers.filter((answer) => answer !== "ERR_LOGGED_OUT" && answer !== 401)).toEqual([]);
});
