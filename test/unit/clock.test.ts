import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../src/clock.js";

const DAY = 24 * 60 * 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("it fires once, after the delay", () => {
  const fired = vi.fn();
  systemClock().setTimeout(fired, 1_000);
  vi.advanceTimersByTime(999);
  expect(fired).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(fired).toHaveBeenCalledOnce();
});

test.each([2 ** 31 - 1, 2 ** 31, 30 * DAY, 60 * DAY, 400 * DAY])(
  "F21: a delay of %i ms fires then, and not before",
  (delay) => {
    // Node and browsers fire at once what is longer than 2^31-1; the fake timers would keep it.
    const armed = vi.spyOn(globalThis, "setTimeout");
    const fired = vi.fn();
    systemClock().setTimeout(fired, delay);
    vi.advanceTimersByTime(delay - 1);
    expect(fired).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fired).toHaveBeenCalledOnce();
    for (const [, milliseconds] of armed.mock.calls) expect(milliseconds).toBeLessThanOrEqual(2 ** 31 - 1);
    armed.mockRestore();
  },
);

test("Infinity never fires, and arms nothing", () => {
  const timer = systemClock().setTimeout(() => expect.fail("it fired"), Number.POSITIVE_INFINITY);
  expect(vi.getTimerCount()).toBe(0);
  systemClock().clearTimeout(timer);
});

test("a timer can be taken back at any time, after it was re-armed too", () => {
  const clock = systemClock();
  const fired = vi.fn();
  const [short, long] = [clock.setTimeout(fired, 10), clock.setTimeout(fired, 60 * DAY)];
  clock.clearTimeout(short);
  vi.advanceTimersByTime(50 * DAY);
  clock.clearTimeout(long);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(50 * DAY);
  expect(fired).not.toHaveBeenCalled();
});

test("what is no timer of it is ignored", () => {
  const clock = systemClock();
  for (const timer of [undefined, null, 42, "x", {}]) expect(() => clock.clearTimeout(timer)).not.toThrow();
});

test("the time is the system's", () => {
  vi.setSystemTime(1_234_567);
  expect(systemClock().now()).toBe(1_234_567);
});
