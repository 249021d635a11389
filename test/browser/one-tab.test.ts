import { describe, expect, test } from "vitest";
import { useHarness } from "./fixture/harness.js";
import { BEGINNING, becoming, ENDING } from "./fixture/story.js";
import type { Tab } from "./fixture/tab.js";
import type { Token } from "./fixture/tokens.js";

const harness = useHarness();

/** Never polls: what the tab notices, it notices in another way. */
const UNPOLLED = Number.POSITIVE_INFINITY;

async function openTab(options: { area?: "local" | "session"; pollInterval?: number }): Promise<Tab> {
  const [tab] = await harness.connectedTabs(["one"], options);
  if (!tab) throw new Error("There is one tab.");
  return tab;
}

/** The tab has moved to the token, and the server has seen nothing else. */
async function expectRotated(tab: Tab, token: Token): Promise<void> {
  await tab.untilConnectedBy(token.label);
  expect(await tab.ask("marker")).toBe(token.label);
  expect(harness.server.log.story(tab.name)).toEqual([...becoming(token), `ask marker ${token.label}`]);
}

async function expectTornDown(tab: Tab): Promise<void> {
  await tab.untilGone();
  await tab.untilState("loggedOut.signedOut");
  expect(await tab.ask("marker")).toBe("ERR_LOGGED_OUT");
  expect(harness.server.log.story(tab.name)).toEqual(ENDING);
}

describe("F9 in one tab, with sessionStorage:", () => {
  const sets = [
    { how: "login()", set: (tab: Tab, token: string) => tab.login(token) },
    { how: "raw setItem(), found by the poll,", set: (tab: Tab, token: string) => tab.setItem(token) },
  ];
  for (const { how, set } of sets) {
    test.each(["ada", "grace"] as const)(`F9 ${how} of a new token of %s rotates`, async (user) => {
      const tab = await openTab({ area: "session" });
      const next = await harness.server.tokens.issue(user);
      await set(tab, next.value);
      await expectRotated(tab, next);
    });
  }

  const removals = [
    { how: "logout()", remove: (tab: Tab) => tab.logout() },
    { how: "raw removeItem(), found by the poll,", remove: (tab: Tab) => tab.removeItem() },
    { how: "raw clear(), found by the poll,", remove: (tab: Tab) => tab.clear() },
  ];
  for (const { how, remove } of removals) {
    test(`F9 ${how} tears down`, async () => {
      const tab = await openTab({ area: "session" });
      await remove(tab);
      await expectTornDown(tab);
    });
  }

  test("F9 an identical value causes nothing, whatever makes the tab look", async () => {
    const tab = await openTab({ area: "session" });
    const history = await tab.history();
    await tab.setItem(harness.first.value);
    await tab.untilItLookedAgain();
    await tab.page.evaluate(() => {
      window.dispatchEvent(new StorageEvent("storage", { key: null }));
      window.dispatchEvent(new Event("focus"));
      document.dispatchEvent(new Event("visibilitychange"));
    });
    expect(await tab.ask("marker")).toBe(harness.first.label);
    expect(harness.server.log.story(tab.name)).toEqual([...BEGINNING, "ask marker ada 1"]);
    expect(await tab.history()).toEqual(history);
  });
});

test("F9 sessionStorage is each tab's own: the other one stays connected", async () => {
  const [one, two] = await harness.connectedTabs(["one", "two"], { area: "session" });
  if (!one || !two) throw new Error("There are two tabs.");
  await one.logout();
  await expectTornDown(one);
  await two.untilItLookedAgain();
  expect(await two.ask("marker")).toBe(harness.first.label);
  expect(harness.server.log.story("two")).toEqual([...BEGINNING, "ask marker ada 1"]);
});

test("F9 a frame that writes the tab's sessionStorage is heard without a poll", async () => {
  const tab = await openTab({ area: "session", pollInterval: UNPOLLED });
  const next = await harness.server.tokens.issue("grace");
  await tab.page.evaluate(async (token) => {
    const frame = document.createElement("iframe");
    frame.src = "/page.js";
    const isLoaded = new Promise((resolve) => frame.addEventListener("load", resolve));
    document.body.append(frame);
    await isLoaded;
    frame.contentWindow?.sessionStorage.setItem("accessToken", token);
  }, next.value);
  await expectRotated(tab, next);
});

test.each(["focus", "visibilitychange"])("F9 a raw write is found on %s without a poll", async (signal) => {
  const tab = await openTab({ pollInterval: UNPOLLED });
  const next = await harness.server.tokens.issue("grace");
  await tab.setItem(next.value);
  await tab.page.evaluate((type) => {
    (type === "focus" ? window : document).dispatchEvent(new Event(type));
  }, signal);
  await expectRotated(tab, next);
});

test("F9 a sign-in by one connection of a tab is followed by its other one without a poll", async () => {
  const tab = await harness.tab("one");
  await tab.setItem(harness.first.value);
  await tab.open({ pollInterval: UNPOLLED, isTwin: true });
  const { log, live } = harness.server;
  await log.until("both connected", () => [live("one"), live("one'")].every((tokens) => tokens.length === 1));
  await Promise.all([tab.untilUpgraded(), tab.untilUpgraded("one'")]);
  const next = await harness.server.tokens.issue("grace");
  await tab.login(next.value);
  await log.until("the twin follows", () => live("one'").join() === next.label);
  await tab.untilConnectedBy(next.label);
  await tab.logout();
  await log.until("the twin is gone", () => live("one'").length === 0);
  expect(log.story("one'")).toEqual([...becoming(next), `disconnect ${next.label}`]);
});
