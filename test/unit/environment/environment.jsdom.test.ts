import { browserEnvironment, type EnvironmentSignal } from "socket-rotor";
import { afterEach, describe, expect, test, vi } from "vitest";
import { countListeners, setVisibility } from "../../support/page-signals.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A subscription, and what it was told. */
function follow() {
  const signals: EnvironmentSignal[] = [];
  const end = browserEnvironment().subscribe((signal) => signals.push(signal));
  return { signals, end };
}

function showPage(persisted: boolean): void {
  window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted }));
}

const cases: Array<{ what: string; happen: () => void; signals: EnvironmentSignal[] }> = [
  { what: "online", happen: () => window.dispatchEvent(new Event("online")), signals: ["network.online"] },
  { what: "offline", happen: () => window.dispatchEvent(new Event("offline")), signals: ["network.offline"] },
  {
    what: "F24 a page that becomes visible",
    happen: () => setVisibility("visible"),
    signals: ["page.resumed"],
  },
  { what: "a page that becomes hidden", happen: () => setVisibility("hidden"), signals: [] },
  {
    what: "F24 the end of a freeze",
    happen: () => document.dispatchEvent(new Event("resume")),
    signals: ["page.resumed"],
  },
  { what: "F24 a page from the back/forward cache", happen: () => showPage(true), signals: ["page.resumed"] },
  { what: "a page that was loaded", happen: () => showPage(false), signals: [] },
];

describe("browserEnvironment tells of", () => {
  test.each(cases)("$what: $signals", ({ happen, signals }) => {
    const followed = follow();
    happen();
    expect(followed.signals).toEqual(signals);
    followed.end();
  });
});

test.each(cases)("G9 after its end it is silent about $what", ({ happen }) => {
  const { signals, end } = follow();
  end();
  happen();
  expect(signals).toEqual([]);
});

test("G9 every listener is gone after the end, and two subscriptions do not disturb each other", () => {
  const count = countListeners();
  const first = follow();
  const ofOne = count();
  expect(ofOne).toBe(5);
  const second = follow();
  expect(count()).toBe(2 * ofOne);
  first.end();
  window.dispatchEvent(new Event("online"));
  expect(first.signals).toEqual([]);
  expect(second.signals).toEqual(["network.online"]);
  second.end();
  expect(count()).toBe(0);
});

test("G10 making it adds no listener", () => {
  const count = countListeners();
  browserEnvironment();
  expect(count()).toBe(0);
});

test("G10 it is silent where there is a window without events, as in React Native", () => {
  vi.stubGlobal("window", {});
  const { signals, end } = follow();
  expect(end).not.toThrow();
  expect(signals).toEqual([]);
});

test("G10 it does without a document", () => {
  const target = new EventTarget();
  vi.stubGlobal("window", target);
  const { signals, end } = follow();
  target.dispatchEvent(new Event("online"));
  end();
  target.dispatchEvent(new Event("offline"));
  expect(signals).toEqual(["network.online"]);
});
