import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { launchChromium } from "../../support/chromium.js";
import "./fixture/page-api.js";
import { startServer } from "./fixture/server.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

const TABS = ["a", "b", "c"];

/** A provider and three tabs of one profile, signed in where `isShared` by the first for all. */
async function start(client: string, { isShared = true, lifetime = 3_600_000, isHeld = false } = {}) {
  const server = await startServer(client, { lifetime });
  server.families.isHeld = isHeld;
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const tabs: Page[] = [];
  for (const name of TABS) {
    const page = await context.newPage();
    await page.goto(server.url);
    await page.waitForFunction(() => window.auth !== undefined);
    if (!isShared || tabs.length === 0) await page.evaluate(() => window.auth.signIn());
    tabs.push(page);
    await page.evaluate((tab) => window.auth.open(tab), name);
  }
  const until = (state: string) =>
    Promise.all(tabs.map((page) => page.waitForFunction((wanted) => window.auth.state() === wanted, state)));
  return { ...server, tabs, until };
}
type At = Awaited<ReturnType<typeof start>>;
const outcomesOf = ({ families }: At): string[] => families.calls.map(({ outcome }) => outcome);
const refreshIn = (page: Page | undefined) => page?.evaluate(() => window.auth.refresh());
const signedIn = ({ tabs }: At) =>
  Promise.all(tabs.map((page) => page.evaluate(() => window.auth.isSignedIn())));

/** Lets tokens expire so often: one call is made each time, when every tab is about to refresh. */
async function expire(at: At, times: number): Promise<void> {
  for (let round = 1; round <= times; round += 1) {
    await at.until("connected.refreshing");
    await expect.poll(() => at.families.calls.length).toBe(round);
    at.families.calls.at(-1)?.answer();
    await at.until("connected.steady");
  }
}

describe.each(["oidc", "supabase"])("F50 %s, whose session the tabs share", (client) => {
  test("each expiry is one call, and no refresh token is presented twice", async () => {
    const at = await start(client, { lifetime: 1_000, isHeld: true });
    await expire(at, 2);
    expect(outcomesOf(at).slice(0, 2)).toEqual(["rotated", "rotated"]);
    await expect.poll(at.live).toEqual(TABS.map((tab) => `${tab}: ada 3`));
  });

  test("a session that is revoked signs out every tab after one call, for after a reload too", async () => {
    const at = await start(client);
    await at.until("connected.steady");
    at.families.revoke();
    expect(await refreshIn(at.tabs[1])).toBe("ERR_LOGGED_OUT");
    await at.until("loggedOut.signedOut");
    expect([outcomesOf(at), await signedIn(at)]).toEqual([["revoked"], [false, false, false]]);
  });
});

describe("F50 keycloak-js, whose session is the tab's own", () => {
  test("each tab refreshes by itself, and no refresh token is presented twice", async () => {
    const at = await start("keycloak", { isShared: false, lifetime: 1_000 });
    await expect.poll(() => at.families.calls.length).toBeGreaterThanOrEqual(6);
    expect(new Set(outcomesOf(at))).toEqual(new Set(["rotated"]));
    expect(at.live().map((line) => line.slice(0, 2))).toEqual(["a:", "b:", "c:"]);
  });

  test("a session that is revoked signs out each tab that refreshes", async () => {
    const at = await start("keycloak", { isShared: false });
    await at.until("connected.steady");
    at.families.revoke();
    expect(await Promise.all(at.tabs.map(refreshIn))).toEqual(Array(3).fill("ERR_LOGGED_OUT"));
    await at.until("loggedOut.signedOut");
    expect([outcomesOf(at).length, await signedIn(at)]).toEqual([3, [false, false, false]]);
  });
});

test.each(["oidc", "supabase", "keycloak"])(
  "F50 an outage of the provider signs nobody out: %s",
  async (client) => {
    const at = await start(client, { isShared: client !== "keycloak" });
    await at.until("connected.steady");
    at.families.isDown = true;
    expect(await refreshIn(at.tabs[0])).toBe("ERR_REFRESH_FAILED");
    expect(await signedIn(at)).toEqual([true, true, true]);
    await at.until("connected.steady");
  },
);
