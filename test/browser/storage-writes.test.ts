import { describe, expect, test } from "vitest";
import { useHarness } from "./fixture/harness.js";
import { BEGINNING, becoming, ENDING } from "./fixture/story.js";
import type { Tab } from "./fixture/tab.js";
import type { User } from "./fixture/tokens.js";

const harness = useHarness();

const writers = [
  { name: "the first tab", writer: 0 },
  { name: "the second tab", writer: 1 },
];

/** Two connected tabs, the one that writes first. */
async function openTabs(writer: number): Promise<[writer: Tab, other: Tab]> {
  const [one, two] = await harness.connectedTabs(["one", "two"]);
  if (!one || !two) throw new Error("There are two tabs.");
  return writer === 0 ? [one, two] : [two, one];
}

describe.each(writers)("F9 in two tabs, written in $name:", ({ writer }) => {
  const sets = [
    { how: "login()", set: (tab: Tab, token: string) => tab.login(token) },
    { how: "raw setItem()", set: (tab: Tab, token: string) => tab.setItem(token) },
  ];
  for (const { how, set } of sets) {
    test.each<User>(writer === 0 ? ["ada", "grace"] : ["grace"])(
      `F9 ${how} of a new token of %s rotates both tabs`,
      async (user) => {
        const tabs = await openTabs(writer);
        const next = await harness.server.tokens.issue(user);
        await set(tabs[0], next.value);
        for (const tab of tabs) {
          await tab.untilConnectedBy(next.label);
          expect(await tab.ask("marker")).toBe(next.label);
          expect(harness.server.log.story(tab.name)).toEqual([...becoming(next), `ask marker ${next.label}`]);
          expect((await tab.history()).filter((state) => state.startsWith("rotating"))).toHaveLength(1);
        }
      },
    );
  }

  const removals = [
    { how: "logout()", remove: (tab: Tab) => tab.logout() },
    { how: "raw removeItem()", remove: (tab: Tab) => tab.removeItem() },
    { how: "raw clear()", remove: (tab: Tab) => tab.clear() },
  ];
  test.each(removals)(
    "F9 $how tears down both tabs, and the next sign-in connects both",
    async ({ remove }) => {
      const tabs = await openTabs(writer);
      await remove(tabs[0]);
      for (const tab of tabs) {
        await tab.untilGone();
        await tab.untilState("loggedOut.signedOut");
        expect(harness.server.log.story(tab.name)).toEqual(ENDING);
      }
      const grace = await harness.server.tokens.issue("grace");
      await tabs[0].setItem(grace.value);
      for (const tab of tabs) {
        await tab.untilConnectedBy(grace.label);
        // Nothing was tried in between.
        expect(harness.server.log.story(tab.name)).toEqual(becoming(grace));
      }
    },
  );

  test("F9 an identical value causes nothing in either tab", async () => {
    const tabs = await openTabs(writer);
    const histories = await Promise.all(tabs.map((tab) => tab.history()));
    await tabs[0].setItem(harness.first.value);
    for (const [index, tab] of tabs.entries()) {
      await tab.untilItLookedAgain();
      expect(await tab.ask("marker")).toBe(harness.first.label);
      expect(harness.server.log.story(tab.name)).toEqual([...BEGINNING, "ask marker ada 1"]);
      expect(await tab.history()).toEqual(histories[index]);
    }
  });

  test("F9 login() with the same token is a new handshake in its tab only", async () => {
    const [signedIn, other] = await openTabs(writer);
    await signedIn.login(harness.first.value);
    const { log } = harness.server;
    await log.until("a second connection", () => log.story(signedIn.name).length === 5);
    await signedIn.untilState("connected.steady");
    expect(log.story(signedIn.name)).toEqual(becoming(harness.first));
    await other.untilItLookedAgain();
    expect(await other.ask("marker")).toBe(harness.first.label);
    expect(log.story(other.name)).toEqual([...BEGINNING, "ask marker ada 1"]);
  });
});

test("F9 by default a tab connects by polling and upgrades to a websocket", async () => {
  const { log } = harness.server;
  await harness.connectedTabs(["one"]);
  await log.until("the upgrade", () => log.entries.some(({ what }) => what === "upgrade"));
  expect(log.entries.map(({ what, transport }) => [what, transport])).toEqual([
    ["handshake", "polling"],
    ["connect", undefined],
    ["upgrade", "websocket"],
  ]);
});

/**
 * From the probe's answer to the end of the upgrade, about 100 ms later, engine.io-client can neither write nor
 * close. A change in that time must not leave the old user's socket on the server beside the new one's.
 */
test.each(["grace", "nobody"] as const)(
  "F4 F9 in the middle of a transport upgrade the user becomes %s",
  async (user) => {
    const { log, tokens } = harness.server;
    const next = user === "grace" ? await tokens.issue(user) : undefined;
    const tab = await harness.tab("one");
    await tab.setItem(harness.first.value);
    await tab.page.evaluate((token) => {
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (data) {
        // The first message of all is the probe. It waits for the server's acceptance, so that nothing else is on its
        // way; its answer is heard by engine.io-client first, and by us next.
        WebSocket.prototype.send = send;
        const { connection } = window.rotor;
        const change = () => (token === undefined ? connection.logout() : connection.login(token));
        this.addEventListener("message", () => setTimeout(change), { once: true });
        void connection.whenConnected().then(() => send.call(this, data));
      };
    }, next?.value);
    await tab.open({ pollInterval: Number.POSITIVE_INFINITY });
    if (next === undefined) {
      await tab.untilState("loggedOut.signedOut");
      await tab.untilGone();
      expect(log.story("one")).toEqual(ENDING);
      return;
    }
    await log.until("connected", () => log.story("one").includes(`connect ${next.label}`));
    await tab.untilConnectedBy(next.label);
    expect(log.story("one")).toEqual(becoming(next));
  },
);
