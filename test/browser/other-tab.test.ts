import { describe, expect, test } from "vitest";
import { useHarness } from "./fixture/harness.js";
import { becoming, ENDING } from "./fixture/story.js";
import type { Tab } from "./fixture/tab.js";

const harness = useHarness();

async function openTabs(): Promise<[one: Tab, two: Tab]> {
  const [one, two] = await harness.connectedTabs(["one", "two"]);
  if (!one || !two) throw new Error("There are two tabs.");
  return [one, two];
}

test("F9 a sign-out in the other tab closes the socket, and nothing is sent any more", async () => {
  const [one, two] = await openTabs();
  await two.logout();
  await one.untilGone();
  await one.untilState("loggedOut.signedOut");
  expect(await one.ask("is anybody there")).toBe("ERR_LOGGED_OUT");
  expect(harness.server.log.story("one")).toEqual(ENDING);
});

describe("F9 a change in the other tab while messages wait here:", () => {
  /** The first tab is cut off, with two messages in its outbox, and a promise in the page for the second. */
  async function queueMessages(tab: Tab): Promise<() => void> {
    const unpark = harness.server.park();
    harness.server.kick(tab.name);
    await expect.poll(() => harness.server.parked).toBe(1);
    await tab.page.evaluate(() => {
      const { connection, ask } = window.rotor;
      connection.socket.emit("say", "queued");
      void ask("queued").then((answer) => window.rotor.told.push(answer));
    });
    return unpark;
  }
  const answered = (tab: Tab) =>
    expect.poll(() => tab.page.evaluate(() => window.rotor.told), { timeout: 15_000, interval: 20 });

  test("F9 another user: they are dropped, told so, and nothing of them arrives", async () => {
    const [one, two] = await openTabs();
    const unpark = await queueMessages(one);
    const grace = await harness.server.tokens.issue("grace");
    await two.setItem(grace.value);
    await answered(one).toEqual(["ERR_IDENTITY_CHANGED"]);
    unpark();
    await one.untilConnectedBy(grace.label);
    expect(await one.ask("marker")).toBe(grace.label);
    expect(harness.server.log.story("one")).toEqual([...becoming(grace), "ask marker grace 1"]);
    expect(await one.dropped()).toEqual(["say ERR_IDENTITY_CHANGED"]);
  });

  test("F9 a newer token of the same user: they arrive once, in order", async () => {
    const [one, two] = await openTabs();
    const unpark = await queueMessages(one);
    const newer = await harness.server.tokens.issue("ada");
    await two.setItem(newer.value);
    await expect.poll(() => one.page.evaluate(() => window.rotor.labelInStorage())).toBe(newer.label);
    unpark();
    await answered(one).toEqual([newer.label]);
    expect(harness.server.log.story("one")).toEqual([
      ...becoming(newer),
      "say queued ada 2",
      "ask queued ada 2",
    ]);
    expect(await one.dropped()).toEqual([]);
  });

  test("F9 a sign-out: they are dropped, and do not come back with the next sign-in", async () => {
    const [one, two] = await openTabs();
    const unpark = await queueMessages(one);
    await two.logout();
    await answered(one).toEqual(["ERR_LOGGED_OUT"]);
    unpark();
    const newer = await harness.server.tokens.issue("ada");
    await two.login(newer.value);
    await one.untilConnectedBy(newer.label);
    expect(await one.ask("marker")).toBe(newer.label);
    expect(harness.server.log.story("one")).toEqual([...becoming(newer), "ask marker ada 2"]);
    expect(await one.dropped()).toEqual(["say ERR_LOGGED_OUT"]);
  });
});

test("F9 a refresh by one tab is followed by the other, with the same token and no refresh of its own", async () => {
  const [one, two] = await openTabs();
  await one.page.evaluate(() => window.rotor.connection.refresh());
  for (const tab of [one, two]) {
    await tab.untilConnectedBy("ada 2");
    expect(await tab.ask("marker")).toBe("ada 2");
    expect(harness.server.log.story(tab.name)).toEqual([
      ...ENDING,
      "handshake ada 2",
      "connect ada 2",
      "ask marker ada 2",
    ]);
  }
  expect(harness.server.log.story("-")).toEqual(["refresh ada 2"]);
});

test("F9 while the other tab switches users back and forth, no message arrives under the wrong one", async () => {
  const [one, two] = await openTabs();
  // Each message says which token was in the storage in the very task that sent it.
  await one.page.evaluate(() => {
    setInterval(() => {
      window.rotor.connection.socket.emit("say", `as ${window.rotor.labelInStorage()}`);
    }, 1);
  });
  for (let round = 0; round < 3; round += 1) {
    for (const user of ["grace", "ada"] as const) {
      const next = await harness.server.tokens.issue(user);
      await two.setItem(next.value);
      await one.untilConnectedBy(next.label);
      await harness.server.log.until(`a message by ${next.label}`, () => saidBy(next.label).length > 0);
    }
  }
  const said = harness.server.log.entries.filter(({ what }) => what === "say");
  for (const { text = "", token } of said) {
    expect(text.split(" ")[1], `"${text}" arrived by ${token}`).toBe(token.split(" ")[0]);
  }
});

const saidBy = (label: string) =>
  harness.server.log.entries.filter(({ what, token }) => what === "say" && token === label);
