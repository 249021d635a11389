import { describe, expect, test } from "vitest";
import { useHarness } from "./fixture/harness.js";
import { BEGINNING, becoming, ENDING } from "./fixture/story.js";
import type { Tab } from "./fixture/tab.js";
import type { Token, User } from "./fixture/tokens.js";

const harness = useHarness();

/** Never polls: only the look before each write and each handshake can find a raw write in the same tab. */
const UNPOLLED = { pollInterval: Number.POSITIVE_INFINITY };

async function openTab(): Promise<Tab> {
  const [tab] = await harness.connectedTabs(["one"], UNPOLLED);
  if (!tab) throw new Error("There is one tab.");
  return tab;
}

/** In one task of the page: a raw `setItem` or `removeItem`, then an `emit` and an `emitWithAck` at once. */
function writeAndSend(tab: Tab, token: string | null): Promise<string> {
  return tab.page.evaluate((value) => {
    if (value === null) localStorage.removeItem("accessToken");
    else localStorage.setItem("accessToken", value);
    window.rotor.connection.socket.emit("say", "hello");
    return window.rotor.ask("how are you");
  }, token);
}

describe("F9 before each write the token is compared:", () => {
  test("F9 a message right after a raw write of another user's token goes to neither", async () => {
    const tab = await openTab();
    const grace = await harness.server.tokens.issue("grace");
    // The first message finds the change and is dropped; the second one is the new user's own.
    expect(await writeAndSend(tab, grace.value)).toBe(grace.label);
    expect(harness.server.log.story("one")).toEqual([...becoming(grace), "ask how are you grace 1"]);
    expect(await tab.dropped()).toEqual(["say ERR_IDENTITY_CHANGED"]);
  });

  test("F9 the first emitWithAck after a raw write of another user's token rejects", async () => {
    const tab = await openTab();
    const grace = await harness.server.tokens.issue("grace");
    const answer = await tab.page.evaluate((token) => {
      localStorage.setItem("accessToken", token);
      return window.rotor.ask("how are you");
    }, grace.value);
    expect(answer).toBe("ERR_IDENTITY_CHANGED");
    await tab.untilConnectedBy(grace.label);
    expect(await tab.ask("marker")).toBe(grace.label);
    expect(harness.server.log.story("one")).toEqual([...becoming(grace), "ask marker grace 1"]);
  });

  test("F9 messages right after a raw write of the same user's newer token arrive once, under it", async () => {
    const tab = await openTab();
    const newer = await harness.server.tokens.issue("ada");
    expect(await writeAndSend(tab, newer.value)).toBe(newer.label);
    expect(harness.server.log.story("one")).toEqual([
      ...becoming(newer),
      "say hello ada 2",
      "ask how are you ada 2",
    ]);
    expect(await tab.dropped()).toEqual([]);
  });

  test("F9 a message right after a raw removal is refused, and the socket is closed", async () => {
    const tab = await openTab();
    expect(await writeAndSend(tab, null)).toBe("ERR_LOGGED_OUT");
    await tab.untilGone();
    expect(harness.server.log.story("one")).toEqual(ENDING);
    expect(await tab.dropped()).toEqual(["say ERR_LOGGED_OUT"]);
  });
});

describe("F9 before each handshake the token is compared:", () => {
  test.each<User>(["ada", "grace"])(
    "F9 a raw write of a token of %s while a link opens is what the server gets",
    async (user) => {
      const tab = await harness.tab("one");
      await tab.setItem(harness.first.value);
      const unpark = harness.server.park();
      await tab.open(UNPOLLED);
      await expect.poll(() => harness.server.parked).toBe(1);
      const next = await harness.server.tokens.issue(user);
      await tab.setItem(next.value);
      unpark();
      await tab.untilConnectedBy(next.label);
      expect(await tab.ask("marker")).toBe(next.label);
      expect(harness.server.log.story("one")).toEqual([
        `handshake ${next.label}`,
        `connect ${next.label}`,
        `ask marker ${next.label}`,
      ]);
    },
  );

  test("F9 a raw removal while a link opens: the server gets no token at all", async () => {
    const tab = await harness.tab("one");
    await tab.setItem(harness.first.value);
    const unpark = harness.server.park();
    await tab.open(UNPOLLED);
    await expect.poll(() => harness.server.parked).toBe(1);
    await tab.removeItem();
    unpark();
    await tab.untilState("loggedOut.signedOut");
    const grace = await harness.server.tokens.issue("grace");
    await tab.login(grace.value);
    await tab.untilConnectedBy(grace.label);
    expect(harness.server.log.story("one")).toEqual(["handshake grace 1", "connect grace 1"]);
  });

  test("F9 a raw write while the server is away is in the first handshake afterwards", async () => {
    const tab = await openTab();
    const grace = await harness.server.tokens.issue("grace");
    await tab.page.evaluate((token) => {
      const { socket } = window.rotor.connection;
      socket.once("disconnect", () => localStorage.setItem("accessToken", token));
    }, grace.value);
    harness.server.kick("one");
    await tab.untilConnectedBy(grace.label);
    expect(harness.server.log.story("one")).toEqual(becoming(grace));
  });
});

describe("F9 another tab's raw write is heard without a poll:", () => {
  const changes = [
    { how: "setItem()", change: (tab: Tab, token: Token) => tab.setItem(token.value), isRemoval: false },
    { how: "removeItem()", change: (tab: Tab) => tab.removeItem(), isRemoval: true },
    { how: "clear()", change: (tab: Tab) => tab.clear(), isRemoval: true },
  ];
  test.each(changes)("F9 $how in another tab", async ({ change, isRemoval }) => {
    const tab = await openTab();
    const other = await harness.tab("two");
    const grace = await harness.server.tokens.issue("grace");
    await change(other, grace);
    if (isRemoval) {
      await tab.untilGone();
      await tab.untilState("loggedOut.signedOut");
    } else {
      await tab.untilConnectedBy(grace.label);
    }
    expect(harness.server.log.story("one")).toEqual(isRemoval ? ENDING : becoming(grace));
  });

  test("F9 an identical value, or another key, in another tab causes nothing", async () => {
    const tab = await openTab();
    const other = await harness.tab("two");
    const history = await tab.history();
    const looks = await tab.page.evaluate(() => window.rotor.looks);
    await other.setItem(harness.first.value);
    await other.page.evaluate(() => localStorage.setItem("marker", "written"));
    await tab.page.waitForFunction(() => localStorage.getItem("marker") === "written");
    expect(await tab.page.evaluate(() => window.rotor.looks)).toBe(looks);
    expect(await tab.ask("marker")).toBe(harness.first.label);
    expect(harness.server.log.story("one")).toEqual([...BEGINNING, "ask marker ada 1"]);
    expect(await tab.history()).toEqual(history);
  });
});
