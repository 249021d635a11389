import { webStorage } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { countListeners, setVisibility } from "../../support/page-signals.js";
import { usePage } from "./use-page.js";

const KEY = "accessToken";

usePage();

/** What another tab's write looks like in this one. */
function dispatchStorage(key: string | null): void {
  window.dispatchEvent(new StorageEvent("storage", { key, storageArea: localStorage }));
}

/** A subscription, and how often it was called back. */
function follow(storage = webStorage(KEY)) {
  const onMaybeChanged = vi.fn();
  return { storage, onMaybeChanged, end: storage.subscribe(onMaybeChanged) };
}

describe("the area:", () => {
  test.each(["local", "session"] as const)(
    "F9 the %s area is read and written, the other one is not",
    (area) => {
      const storage = webStorage(KEY, { area });
      const [own, other] = area === "local" ? [localStorage, sessionStorage] : [sessionStorage, localStorage];
      other.setItem(KEY, "the other's");
      expect(storage.read()).toBeNull();
      void storage.write?.("a token");
      expect(storage.read()).toBe("a token");
      expect(own.getItem(KEY)).toBe("a token");
      void storage.write?.(null);
      expect(own.getItem(KEY)).toBeNull();
      expect(other.getItem(KEY)).toBe("the other's");
    },
  );

  test("by default it is localStorage, and only the given key counts", () => {
    localStorage.setItem(KEY, "a token");
    localStorage.setItem("another", "something else");
    expect(webStorage(KEY).read()).toBe("a token");
  });
});

describe("events of other tabs:", () => {
  test("F9 an event of the key calls back", () => {
    const { onMaybeChanged } = follow();
    dispatchStorage(KEY);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });

  test("F9 an event with a null key, which is what clear() makes, calls back", () => {
    const { onMaybeChanged } = follow();
    dispatchStorage(null);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });

  test("F9 an event of another key does not call back", () => {
    const { onMaybeChanged } = follow();
    dispatchStorage("another");
    expect(onMaybeChanged).not.toHaveBeenCalled();
  });
});

describe("writes in the same tab:", () => {
  test("F9 write() calls back every subscription of the adapter, and not those that ended", () => {
    const { storage, onMaybeChanged, end } = follow();
    const second = follow(storage);
    void storage.write?.("a token");
    expect(onMaybeChanged).toHaveBeenCalledOnce();
    expect(second.onMaybeChanged).toHaveBeenCalledOnce();
    end();
    void storage.write?.(null);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
    expect(second.onMaybeChanged).toHaveBeenCalledTimes(2);
  });

  test("a subscription that ends another one while it is called back does no harm", () => {
    const storage = webStorage(KEY);
    const ends: Array<() => void> = [];
    const last = vi.fn();
    ends.push(
      storage.subscribe(() => ends[1]?.()),
      storage.subscribe(vi.fn()),
      storage.subscribe(last),
    );
    void storage.write?.("a token");
    expect(last).toHaveBeenCalledOnce();
  });

  const changes = [
    { how: "setItem", change: () => localStorage.setItem(KEY, "new") },
    { how: "removeItem", change: () => localStorage.removeItem(KEY) },
    { how: "clear", change: () => localStorage.clear() },
  ];
  test.each(changes)("F9 a raw $how is found by the next poll, once", ({ change }) => {
    localStorage.setItem(KEY, "old");
    const { onMaybeChanged } = follow();
    change();
    vi.advanceTimersByTime(999);
    expect(onMaybeChanged).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(10_000);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });

  test("F9 an identical value is never reported by the poll", () => {
    localStorage.setItem(KEY, "same");
    const { onMaybeChanged } = follow();
    localStorage.setItem(KEY, "same");
    vi.advanceTimersByTime(10_000);
    expect(onMaybeChanged).not.toHaveBeenCalled();
  });

  test("what a signal has reported is not reported again by the poll", () => {
    const { storage, onMaybeChanged } = follow();
    void storage.write?.("a token");
    localStorage.setItem(KEY, "from another tab");
    dispatchStorage(KEY);
    expect(onMaybeChanged).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10_000);
    expect(onMaybeChanged).toHaveBeenCalledTimes(2);
  });

  test("the interval of the poll is the option's", () => {
    const { onMaybeChanged } = follow(webStorage(KEY, { pollInterval: 50 }));
    localStorage.setItem(KEY, "new");
    vi.advanceTimersByTime(50);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });

  test("a pollInterval of Infinity starts no timer", () => {
    const { onMaybeChanged } = follow(webStorage(KEY, { pollInterval: Number.POSITIVE_INFINITY }));
    expect(vi.getTimerCount()).toBe(0);
    localStorage.setItem(KEY, "new");
    vi.advanceTimersByTime(100_000);
    expect(onMaybeChanged).not.toHaveBeenCalled();
  });
});

describe("focus and visibility:", () => {
  test("F9 focus calls back", () => {
    const { onMaybeChanged } = follow();
    window.dispatchEvent(new Event("focus"));
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });

  test("F9 becoming visible calls back, becoming hidden does not", () => {
    const { onMaybeChanged } = follow();
    setVisibility("hidden");
    expect(onMaybeChanged).not.toHaveBeenCalled();
    setVisibility("visible");
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });

  test("F9 a hidden page does not poll, and finds the change when it is seen again", () => {
    const { onMaybeChanged } = follow();
    setVisibility("hidden");
    localStorage.setItem(KEY, "new");
    const read = vi.spyOn(Storage.prototype, "getItem");
    vi.advanceTimersByTime(60_000);
    expect(read).not.toHaveBeenCalled();
    expect(onMaybeChanged).not.toHaveBeenCalled();
    setVisibility("visible");
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });
});

test("G9 after the end of a subscription there is no listener and no timer, and nothing calls back", () => {
  const listeners = countListeners();
  const { storage, onMaybeChanged, end } = follow();
  expect(listeners()).toBeGreaterThan(0);
  expect(vi.getTimerCount()).toBe(1);
  end();
  expect(listeners()).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  void storage.write?.("a token");
  dispatchStorage(null);
  window.dispatchEvent(new Event("focus"));
  document.dispatchEvent(new Event("visibilitychange"));
  vi.advanceTimersByTime(10_000);
  expect(onMaybeChanged).not.toHaveBeenCalled();
  expect(end).not.toThrow();
});
