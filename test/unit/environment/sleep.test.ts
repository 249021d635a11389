import { browserEnvironment } from "socket-rotor";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const LOOK = 10_000;
const THROTTLED = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  expect(vi.getTimerCount(), "timers that are left").toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A subscription, what it was told, and a machine that can sleep: time passes, and timers stand still. */
function follow() {
  const signals: string[] = [];
  const end = browserEnvironment().subscribe((signal) => signals.push(signal));
  const sleep = (milliseconds: number): void => void vi.setSystemTime(Date.now() + milliseconds);
  return { signals, end, sleep };
}

describe("F24 the sleep of a machine", () => {
  test("of minutes is told once it is over, once", () => {
    const { signals, end, sleep } = follow();
    vi.advanceTimersByTime(3 * LOOK);
    sleep(8 * 3_600_000);
    vi.advanceTimersByTime(LOOK);
    expect(signals).toEqual(["page.resumed"]);
    vi.advanceTimersByTime(100 * LOOK);
    expect(signals).toEqual(["page.resumed"]);
    sleep(THROTTLED + 1);
    vi.advanceTimersByTime(LOOK);
    expect(signals).toEqual(["page.resumed", "page.resumed"]);
    end();
  });

  test("is not what a page that is throttled in the background does, however long", () => {
    const { signals, end, sleep } = follow();
    for (let minutes = 0; minutes < 60; minutes += 1) {
      sleep(THROTTLED);
      vi.advanceTimersByTime(LOOK);
    }
    expect(signals).toEqual([]);
    end();
  });

  test("is not a clock that is set back, and a sleep after that is told", () => {
    const { signals, end, sleep } = follow();
    sleep(-24 * 3_600_000);
    vi.advanceTimersByTime(LOOK);
    expect(signals).toEqual([]);
    sleep(THROTTLED + 1);
    vi.advanceTimersByTime(LOOK);
    expect(signals).toEqual(["page.resumed"]);
    end();
  });

  test("G9 is not told after the end", () => {
    const { signals, end, sleep } = follow();
    end();
    expect(vi.getTimerCount()).toBe(0);
    sleep(3_600_000);
    vi.advanceTimersByTime(10 * LOOK);
    expect(signals).toEqual([]);
  });
});

describe("the timer that notices it", () => {
  test("G9 does not keep a Node process alive", () => {
    vi.useRealTimers();
    const setInterval = vi.spyOn(globalThis, "setInterval");
    const end = browserEnvironment().subscribe(() => {});
    const timer = setInterval.mock.results[0]?.value;
    expect([setInterval.mock.calls.length, timer?.hasRef()]).toEqual([1, false]);
    end();
    vi.useFakeTimers();
  });

  test("G10 works where a timer is a number, as in a browser, or an object without unref", () => {
    const { setInterval, clearInterval } = globalThis;
    for (const handle of [42, {}]) {
      const cleared: unknown[] = [];
      const replaced = { setInterval: () => handle, clearInterval: (timer: unknown) => cleared.push(timer) };
      Object.assign(globalThis, replaced);
      const end = browserEnvironment().subscribe(() => {});
      end();
      Object.assign(globalThis, { setInterval, clearInterval });
      expect(cleared).toEqual([handle]);
    }
  });
});
