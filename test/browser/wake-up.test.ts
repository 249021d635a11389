import { describe, expect, test } from "vitest";
import { useLivingHarness } from "./fixture/living-harness.js";
import type { Tab } from "./fixture/tab.js";
import type { User } from "./fixture/tokens.js";

const harness = useLivingHarness({ expectedErrors: /ERR_INTERNET_DISCONNECTED/ });

async function openTab(): Promise<Tab> {
  const tab = await harness.tab("one");
  const first = await harness.server.tokens.issue("ada");
  await tab.setItem(first.value);
  // Never polls: what it learns, it learns by waking up, or from another tab.
  await tab.open({ transports: ["websocket"], pollInterval: Number.POSITIVE_INFINITY });
  await tab.untilConnectedBy(first.label);
  return tab;
}

/** Says three things as soon as the page is shown again, when the library has heard of that. */
async function sayWhenShown(tab: Tab): Promise<void> {
  await tab.page.evaluate(() =>
    document.addEventListener("visibilitychange", () => {
      for (const text of ["1", "2", "3"]) window.rotor.connection.socket.emit("say", text);
    }),
  );
}

const BEGINNING = ["handshake ada 1", "connect ada 1"];
const by = (label: string): string[] => ["handshake", "connect"].map((what) => `${what} ${label}`);
const said = (label: string): string[] => ["1", "2", "3"].map((text) => `say ${text} ${label}`);
/** The end of the old socket is heard by a server that the network has not lost; when, does not matter. */
const story = (): string[] =>
  harness.server.log.story("one").filter((line) => !line.startsWith("disconnect"));

describe("F24 a page that is shown again", () => {
  test("with a dead link and a newer token: the first handshake carries it, and what is said leaves once, in order", async () => {
    const tab = await openTab();
    await harness.tab("two");
    const newer = await harness.server.tokens.issue("ada");
    harness.network.lose();
    await sayWhenShown(tab);
    await tab.setItem(newer.value);
    await tab.page.bringToFront();
    await harness.server.log.until("all is said", () => story().includes("say 3 ada 2"));
    await tab.until("connected.steady", newer.label);
    expect(story()).toEqual([...BEGINNING, ...by("ada 2"), ...said("ada 2")]);
  });

  test("with a dead link and the same token: what is said waits for the new link", async () => {
    const tab = await openTab();
    await harness.tab("two");
    harness.network.lose();
    await sayWhenShown(tab);
    await tab.page.bringToFront();
    await harness.server.log.until("all is said", () => story().includes("say 3 ada 1"));
    expect(story()).toEqual([...BEGINNING, ...by("ada 1"), ...said("ada 1")]);
  });

  test("with a live link: nothing is written until the server has answered, and there is no new handshake", async () => {
    const tab = await openTab();
    await harness.tab("two");
    const release = harness.network.holdAnswers();
    await tab.page.evaluate(() => {
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (data) {
        window.rotor.told.push(String(data));
        send.call(this, data);
      };
    });
    await sayWhenShown(tab);
    await tab.page.bringToFront();
    const written = () => tab.page.evaluate(() => window.rotor.told);
    await expect.poll(written).toContainEqual(expect.stringMatching(/^40\//));
    expect((await written()).filter((packet) => packet.startsWith("42"))).toEqual([]);
    release();
    await harness.server.log.until("all is said", () => story().includes("say 3 ada 1"));
    expect(story()).toEqual([...BEGINNING, ...said("ada 1")]);
    expect(await tab.history()).not.toContain("connecting.waiting");
  });
});

describe("F24 offline and online again with a token that changed meanwhile", () => {
  /** Says three things while it is offline, then the token is changed elsewhere, then it is online again. */
  async function goOffline(user: User): Promise<Tab> {
    const tab = await openTab();
    const other = await harness.tab("two");
    const next = await harness.server.tokens.issue(user);
    const context = tab.page.context();
    await context.setOffline(true);
    await tab.untilState("connecting.waiting");
    await tab.page.evaluate(() => {
      for (const text of ["1", "2", "3"]) window.rotor.connection.socket.emit("say", text);
    });
    await other.setItem(next.value);
    await tab.page.evaluate((label) => window.rotor.untilStored(label), next.label);
    await context.setOffline(false);
    await tab.until("connected.steady", next.label);
    expect(await tab.ask("marker")).toBe(next.label);
    return tab;
  }

  test("for the same user: the first handshake carries it, and what was said leaves once, in order", async () => {
    await goOffline("ada");
    expect(story()).toEqual([...BEGINNING, ...by("ada 2"), ...said("ada 2"), "ask marker ada 2"]);
  });

  test("for another user: the first handshake carries it, and what was said is dropped", async () => {
    const tab = await goOffline("grace");
    expect(story()).toEqual([...BEGINNING, ...by("grace 1"), "ask marker grace 1"]);
    expect(await tab.dropped()).toEqual(Array(3).fill("say ERR_IDENTITY_CHANGED"));
  });
});

test("F24 a page that comes back from the back/forward cache: its websocket is closed, and it connects by the newest token", async () => {
  const tab = await openTab();
  await tab.page.evaluate(() => Object.assign(window, { isKept: true }));
  await tab.page.goto(`${harness.network.url}/elsewhere`);
  const other = await harness.tab("two");
  const { label, value } = await harness.server.tokens.issue("ada");
  await other.setItem(value);
  await other.page.close();
  // Playwright waits for a load, and there is none.
  await tab.page.evaluate(() => history.back());
  await expect.poll(() => tab.page.evaluate(() => "isKept" in window).catch(() => false)).toBe(true);
  await tab.until("connected.steady", label);
  expect(await tab.ask("marker")).toBe(label);
  expect(story()).toEqual([...BEGINNING, ...by(label), `ask marker ${label}`]);
});

test("F24 a machine that slept for an hour: the first handshake carries the newest token", async () => {
  const tab = await harness.tab("one");
  await tab.page.clock.install();
  await tab.load();
  const first = await harness.server.tokens.issue("ada");
  await tab.setItem(first.value);
  await tab.open({ transports: ["websocket"], pollInterval: Number.POSITIVE_INFINITY });
  await tab.untilConnectedBy(first.label);
  harness.network.lose();
  const newer = await harness.server.tokens.issue("ada");
  await tab.setItem(newer.value);
  await tab.page.clock.fastForward("01:00:00");
  await tab.until("connected.steady", newer.label);
  expect(await tab.ask("marker")).toBe(newer.label);
  expect(story()).toEqual([...BEGINNING, ...by("ada 2"), "ask marker ada 2"]);
});
