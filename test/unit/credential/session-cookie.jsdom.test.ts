import { isConnectionError, sessionCookie } from "socket-rotor";
import { type StorageHarness, storageContract } from "socket-rotor/testing";
import { afterEach, describe, expect, test, vi } from "vitest";

const KEY = "socket-rotor.session";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.restoreAllMocks();
  localStorage.clear();
});

/** Another tab's write, as it looks in this one. */
function setElsewhere(value: string | null, key = KEY): void {
  if (value === null) localStorage.removeItem(key);
  else localStorage.setItem(key, value);
  window.dispatchEvent(new StorageEvent("storage", { key, storageArea: localStorage }));
}

describe("sessionCookie keeps the contract, once the page has looked for the first time:", () => {
  const create = (): StorageHarness => {
    const adapter = sessionCookie();
    // The first look of a page finds something to try with, whatever is stored.
    void adapter.read();
    return { adapter, set: (token) => setElsewhere(token), dispose: () => localStorage.clear() };
  };
  for (const { name, run } of storageContract(create)) test(name, () => run({ skip() {} }));
});

describe("the marker:", () => {
  test("the first look of a page finds one, and the next ones what is stored", () => {
    const storage = sessionCookie();
    const first = storage.read();
    expect(first).toEqual(expect.any(String));
    expect(localStorage.getItem(KEY)).toBe(first);
    setElsewhere(null);
    expect(storage.read()).toBeNull();
  });

  test("two pages that look for the first time find the same one, so that neither follows the other", () => {
    const [one, two] = [sessionCookie(), sessionCookie()];
    const first = one.read();
    expect(two.read()).toBe(first);
    expect(one.read()).toBe(first);
  });

  test("a page that begins after a sign-out tries, and one that has begun does not", () => {
    const old = sessionCookie();
    void old.read();
    void old.write?.(null);
    expect(old.read()).toBeNull();
    expect(sessionCookie().read()).not.toBeNull();
  });

  test("another name is another session", () => {
    const [one, two] = [sessionCookie(), sessionCookie({ name: "admin" })];
    void one.write?.("of one");
    void two.write?.("of two");
    expect(one.read()).toBe("of one");
    expect(two.read()).toBe("of two");
    const onMaybeChanged = vi.fn();
    const end = one.subscribe(onMaybeChanged);
    setElsewhere(null, "socket-rotor.admin");
    expect(onMaybeChanged).not.toHaveBeenCalled();
    end();
  });
});

describe("where the page goes alone:", () => {
  test.each([
    [
      "localStorage is denied",
      () =>
        vi.spyOn(globalThis, "localStorage", "get").mockImplementation(() => {
          throw new DOMException("denied", "SecurityError");
        }),
    ],
    ["there is none", () => vi.stubGlobal("localStorage", undefined)],
  ])("%s: the marker is in memory, and one line says so", (_, arrange) => {
    arrange();
    const info = vi.fn();
    const storage = sessionCookie();
    const end = storage.subscribe(() => {}, { info });
    expect(storage.read()).not.toBeNull();
    void storage.write?.("signed in");
    expect(storage.read()).toBe("signed in");
    void storage.write?.(null);
    expect(storage.read()).toBeNull();
    expect(info.mock.calls).toEqual([[expect.stringContaining("localStorage")]]);
    end();
  });

  test("a storage that is full: the sign-in counts here", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const storage = sessionCookie();
    void storage.write?.("signed in");
    expect(storage.read()).toBe("signed in");
  });

  test("without BroadcastChannel the storage event tells", () => {
    vi.stubGlobal("BroadcastChannel", undefined);
    const storage = sessionCookie();
    const onMaybeChanged = vi.fn();
    const end = storage.subscribe(onMaybeChanged);
    setElsewhere("signed in");
    expect(onMaybeChanged).toHaveBeenCalledOnce();
    end();
    setElsewhere(null);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
  });

  test("with it, a word by it tells as well", async () => {
    const storage = sessionCookie();
    const told = new Promise<void>((resolve) => {
      const end = storage.subscribe(() => {
        end();
        resolve();
      });
    });
    const other = new BroadcastChannel(KEY);
    other.postMessage(null);
    await told;
    other.close();
  });
});

describe("the keep-alive:", () => {
  /** A subscription with a keep-alive, and what it fetched. */
  function keepAlive(
    answer: (init: { signal: AbortSignal }) => Promise<unknown>,
    keepAliveInterval?: number,
  ) {
    vi.useFakeTimers();
    const fetched = vi.fn((_: string, init: { signal: AbortSignal }) => answer(init));
    vi.stubGlobal("fetch", fetched);
    const storage = sessionCookie({
      keepAliveUrl: "/keep-alive",
      ...(keepAliveInterval !== undefined && { keepAliveInterval }),
    });
    const debug = vi.fn();
    return { storage, fetched, debug, end: storage.subscribe(() => {}, { debug }) };
  }
  const ok = async () => ({ ok: true, status: 204 });

  test("is fetched with the cookie, every five minutes, while there is a marker", async () => {
    const { storage, fetched, debug, end } = keepAlive(ok);
    void storage.write?.("signed in");
    await vi.advanceTimersByTimeAsync(299_999);
    expect(fetched).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(fetched).toHaveBeenCalledWith(
      "/keep-alive",
      expect.objectContaining({ credentials: "include", cache: "no-store" }),
    );
    void storage.write?.(null);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(fetched).toHaveBeenCalledOnce();
    expect(debug).not.toHaveBeenCalled();
    end();
  });

  test.each([
    ["fails", () => Promise.reject(new TypeError("Failed to fetch")), "failed"],
    ["is answered with a status", async () => ({ ok: false, status: 401 }), "401"],
  ])("that %s decides nothing: one line, and it is asked again", async (_, answer, word) => {
    const { storage, fetched, debug, end } = keepAlive(answer, 1_000);
    void storage.write?.("signed in");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(debug.mock.calls).toEqual([[expect.stringContaining(word)]]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(storage.read()).toBe("signed in");
    end();
  });

  test("ends with the subscription, also in the middle of a fetch, without a word", async () => {
    const signals: AbortSignal[] = [];
    const { storage, fetched, debug, end } = keepAlive(({ signal }) => {
      signals.push(signal);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    }, 1_000);
    void storage.write?.("signed in");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(fetched).toHaveBeenCalledOnce();
    end();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(fetched).toHaveBeenCalledOnce();
    expect(debug).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("options:", () => {
  test.each([
    ["another scheme", { keepAliveUrl: "ftp://example.com/" }, "ftp:"],
    ["a script", { keepAliveUrl: "javascript:alert(1)" }, "javascript:"],
    ["no address", { keepAliveUrl: "http://" }, "keepAliveUrl"],
    ["an interval that is too short", { keepAliveInterval: 999 }, "1000"],
    ["one that would fire at once", { keepAliveInterval: 2 ** 31 }, "2147483647"],
    ["one that is no number", { keepAliveInterval: Number.NaN }, "keepAliveInterval"],
    ["an option that there is not", { url: "/keep-alive" }, 'sessionCookie: there is no option "url"'],
    ["a text", "session", "takes an object of options, but got a string"],
    ["an empty name", { name: "" }, "name"],
  ])("%s is refused", (_, options, word) => {
    let error: unknown;
    try {
      Reflect.apply(sessionCookie, undefined, [options]);
    } catch (thrown) {
      error = thrown;
    }
    expect(isConnectionError(error, "ERR_INVALID_OPTION")).toBe(true);
    expect(String(error)).toContain(word);
  });
});
