import { describe, expect, test } from "vitest";
import { useLivingHarness } from "./fixture/living-harness.js";
import type { Tab } from "./fixture/tab.js";
import type { Token } from "./fixture/tokens.js";

const harness = useLivingHarness();

const BEFORE = "before the freeze";

/** A tab that is frozen, and says something as soon as it goes on, before the library has heard of that. */
async function frozenTab(transport: "websocket" | "polling"): Promise<Tab> {
  const tab = await harness.tab("one");
  const first = await harness.server.tokens.issue("ada");
  await tab.setItem(first.value);
  await tab.page.evaluate(() => window.rotor.sayOnResume(["early"]));
  await tab.open({ transports: [transport] });
  await tab.untilConnectedBy(first.label);
  expect(await tab.ask(BEFORE)).toBe(first.label);
  await tab.freeze();
  return tab;
}

/**
 * Another tab, without a connection, writes the storage as code does that does not know the library. The browser lets
 * the frozen one know a little later, which on a busy machine may be after it goes on: until then nobody in it can tell.
 */
async function changeElsewhere(frozen: Tab, token: Token | undefined): Promise<void> {
  const other = await harness.tab("two");
  if (token) await other.setItem(token.value);
  else await other.removeItem();
  await expect
    .poll(() => frozen.page.evaluate(() => window.rotor.labelInStorage()))
    .toBe(token?.label ?? "none");
}

/** What the server has heard of the tab since the freeze, less the end of its old socket. */
const storySince = (): string[] => {
  const story = harness.server.log.story("one");
  return story.slice(story.indexOf(`ask ${BEFORE} ada 1`) + 1).filter((line) => line !== "disconnect ada 1");
};

describe.each(["websocket", "polling"] as const)("F24 a frozen tab on %s, resumed after", (transport) => {
  test("a newer token of the same user: the first handshake carries it, and what is said waits for it", async () => {
    const tab = await frozenTab(transport);
    const newer = await harness.server.tokens.issue("ada");
    await changeElsewhere(tab, newer);
    await tab.resume();
    await tab.until("connected.steady", newer.label);
    expect(await tab.ask("marker")).toBe(newer.label);
    expect(storySince()).toEqual(["handshake ada 2", "connect ada 2", "say early ada 2", "ask marker ada 2"]);
    expect(await tab.dropped()).toEqual([]);
  });

  test("a sign-in as another user: nothing is sent as the old one, and what was said is dropped", async () => {
    const tab = await frozenTab(transport);
    const grace = await harness.server.tokens.issue("grace");
    await changeElsewhere(tab, grace);
    await tab.resume();
    await tab.untilConnectedBy(grace.label);
    expect(await tab.ask("marker")).toBe(grace.label);
    expect(storySince()).toEqual(["handshake grace 1", "connect grace 1", "ask marker grace 1"]);
    expect(await tab.dropped()).toEqual(["say ERR_IDENTITY_CHANGED"]);
  });

  test("a sign-out: nothing is sent any more, and the server's socket ends", async () => {
    const tab = await frozenTab(transport);
    await changeElsewhere(tab, undefined);
    await tab.resume();
    await tab.untilState("loggedOut.signedOut");
    await tab.untilGone();
    expect(await tab.ask("marker")).toBe("ERR_LOGGED_OUT");
    expect(storySince()).toEqual([]);
    expect(await tab.dropped()).toEqual(["say ERR_LOGGED_OUT"]);
  });

  test("nothing: it is connected by the same token, and what is said arrives once", async () => {
    const tab = await frozenTab(transport);
    await tab.resume();
    await tab.untilState("connected.steady");
    expect(await tab.ask("marker")).toBe("ada 1");
    expect(storySince().filter((line) => line.startsWith("ask"))).toEqual(["ask marker ada 1"]);
    expect(storySince().every((line) => line.endsWith("ada 1"))).toBe(true);
  });
});
