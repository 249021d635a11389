import { ConnectionError, isConnectionError, webStorage } from "socket-rotor";
import { describe, expect, test, vi } from "vitest";
import { usePage } from "./use-page.js";

const KEY = "accessToken";

usePage();

/** The error of ours that something throws; anything else fails the test. */
function errorOf(action: () => unknown): ConnectionError {
  try {
    action();
  } catch (error) {
    if (error instanceof ConnectionError) return error;
    throw error;
  }
  throw new Error("It did not throw.");
}

describe("bad input is refused at once, in words:", () => {
  const bad = [
    { what: "an empty key", call: () => webStorage(""), says: "takes the name of the entry" },
    { what: "no key", call: () => Reflect.apply(webStorage, null, []), says: "takes the name of the entry" },
    {
      what: "a key that is a number",
      call: () => Reflect.apply(webStorage, null, [7]),
      says: "the name of the entry",
    },
    {
      what: "an unknown area",
      call: () => Reflect.apply(webStorage, null, [KEY, { area: "cookie" }]),
      says: '"local" or "session"',
    },
    {
      what: "a pollInterval of 0",
      call: () => webStorage(KEY, { pollInterval: 0 }),
      says: "at least 50 milliseconds",
    },
    {
      what: "a pollInterval of 49",
      call: () => webStorage(KEY, { pollInterval: 49 }),
      says: "or Infinity for no polling",
    },
    {
      what: "a pollInterval of NaN",
      call: () => webStorage(KEY, { pollInterval: Number.NaN }),
      says: "pollInterval",
    },
    {
      what: "a pollInterval that is text",
      call: () => Reflect.apply(webStorage, null, [KEY, { pollInterval: "1000" }]),
      says: "pollInterval",
    },
    {
      what: "an option that there is not",
      call: () => Reflect.apply(webStorage, null, [KEY, { poll: 1 }]),
      says: 'there is no option "poll". The options are: area, decode, encode, pollInterval.',
    },
    {
      what: "options that are none",
      call: () => Reflect.apply(webStorage, null, [KEY, null]),
      says: "takes an object of options, but got null",
    },
  ];
  test.each(bad)("$what", ({ call, says }) => {
    const error = errorOf(call);
    expect(error.code).toBe("ERR_INVALID_OPTION");
    expect(error.message).toContain("webStorage");
    expect(error.message).toContain(says);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("undefined options are the defaults", () => {
    localStorage.setItem(KEY, "a token");
    const given = { area: undefined, pollInterval: undefined };
    const storage: ReturnType<typeof webStorage> = Reflect.apply(webStorage, null, [KEY, given]);
    expect(storage.read()).toBe("a token");
  });
});

describe("F26 storage that cannot be used:", () => {
  const denied = new DOMException("Access is denied for this document.", "SecurityError");
  const deny = (): void => {
    vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
      throw denied;
    });
  };

  test("making the adapter touches nothing", () => {
    deny();
    expect(() => webStorage(KEY)).not.toThrow();
  });

  test("F26 a denied access is ERR_STORAGE_UNAVAILABLE on read, with what to do and the cause", () => {
    deny();
    const error = errorOf(() => webStorage(KEY).read());
    expect(isConnectionError(error, "ERR_STORAGE_UNAVAILABLE")).toBe(true);
    expect(error.message).toContain("localStorage");
    expect(error.message).toContain("the browser denies access");
    expect(error.message).toContain("memoryStorage()");
    expect(error.cause).toBe(denied);
  });

  test("F26 a denied access is ERR_STORAGE_UNAVAILABLE on write, and nobody is called back", () => {
    const storage = webStorage(KEY);
    const onMaybeChanged = vi.fn();
    storage.subscribe(onMaybeChanged);
    deny();
    expect(errorOf(() => storage.write?.("a token")).code).toBe("ERR_STORAGE_UNAVAILABLE");
    expect(onMaybeChanged).not.toHaveBeenCalled();
  });

  test("F26 a runtime without the area is ERR_STORAGE_UNAVAILABLE", () => {
    vi.stubGlobal("sessionStorage", undefined);
    const error = errorOf(() => webStorage(KEY, { area: "session" }).read());
    expect(error.code).toBe("ERR_STORAGE_UNAVAILABLE");
    expect(error.message).toContain("sessionStorage: this runtime has none");
    expect(error.cause).toBeUndefined();
  });

  test("F26 subscribing does not throw, and access that comes back is found by the poll", () => {
    localStorage.setItem(KEY, "a token");
    deny();
    const onMaybeChanged = vi.fn();
    const end = webStorage(KEY).subscribe(onMaybeChanged);
    vi.advanceTimersByTime(3_000);
    expect(onMaybeChanged).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    vi.advanceTimersByTime(1_000);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
    end();
  });

  test("F26 access that is lost is reported once, so that the read can say why", () => {
    localStorage.setItem(KEY, "a token");
    const onMaybeChanged = vi.fn();
    const storage = webStorage(KEY);
    storage.subscribe(onMaybeChanged);
    deny();
    vi.advanceTimersByTime(10_000);
    expect(onMaybeChanged).toHaveBeenCalledOnce();
    expect(errorOf(() => storage.read()).code).toBe("ERR_STORAGE_UNAVAILABLE");
  });

  test("F26 a full storage lets the browser's own error through, and nobody is called back", () => {
    const full = new DOMException("The quota has been exceeded.", "QuotaExceededError");
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw full;
    });
    const storage = webStorage(KEY);
    const onMaybeChanged = vi.fn();
    storage.subscribe(onMaybeChanged);
    expect(() => storage.write?.("a token")).toThrow(full);
    expect(onMaybeChanged).not.toHaveBeenCalled();
  });
});
