import { browserEnvironment, webStorage } from "socket-rotor";
import { expect, test, vi } from "vitest";

test("G10 there is no DOM here", () => {
  expect(Reflect.has(globalThis, "window")).toBe(false);
  expect(Reflect.has(globalThis, "document")).toBe(false);
});

test("G10 without a DOM browserEnvironment tells nothing at first, and ends without complaint", () => {
  const onSignal = vi.fn();
  const end = browserEnvironment().subscribe(onSignal);
  expect(end).not.toThrow();
  expect(onSignal).not.toHaveBeenCalled();
});

test("F26 without a DOM webStorage can be made and followed, and says on read what is missing", () => {
  vi.useFakeTimers();
  const storage = webStorage("accessToken");
  const onMaybeChanged = vi.fn();
  const end = storage.subscribe(onMaybeChanged);
  vi.advanceTimersByTime(10_000);
  end();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  expect(onMaybeChanged).not.toHaveBeenCalled();
  expect(() => storage.read()).toThrow(
    expect.objectContaining({
      code: "ERR_STORAGE_UNAVAILABLE",
      message: expect.stringContaining("localStorage: this runtime has none"),
    }),
  );
});
