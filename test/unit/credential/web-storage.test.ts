import { isConnectionError, webStorage } from "socket-rotor";
import { afterEach, describe, expect, test, vi } from "vitest";
import { thrown } from "../../support/rejection.js";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("where there is no page", () => {
  test("F26: it is made, and reading and writing say what to do instead", () => {
    const storage = webStorage("accessToken");
    for (const work of [
      () => storage.read(),
      () => storage.write?.("x"),
      () => webStorage("a", { area: "session" }).read(),
    ]) {
      expect(thrown(work, "ERR_STORAGE_UNAVAILABLE").message).toMatch(
        /(local|session)Storage.*memoryStorage\(\)/,
      );
    }
  });

  test("subscribing works and starts no timer, so that a server's process can end", () => {
    vi.useFakeTimers();
    const end = webStorage("accessToken").subscribe(() => {});
    expect(vi.getTimerCount()).toBe(0);
    expect(end).not.toThrow();
  });

  test("a localStorage that a runtime without a page still has is polled", () => {
    vi.useFakeTimers();
    vi.stubGlobal("localStorage", { getItem: () => "a token" });
    const end = webStorage("accessToken").subscribe(() => {});
    expect(vi.getTimerCount()).toBe(1);
    end();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("F26: an object without methods, as Node has without a file for it, is no storage", () => {
    vi.stubGlobal("localStorage", {});
    const { message } = thrown(() => webStorage("accessToken").read(), "ERR_STORAGE_UNAVAILABLE");
    expect(message).toContain("this runtime has none");
  });

  test("F26: where access is denied, the browser's own error is the cause", () => {
    const denied = new Error("The operation is insecure.");
    vi.stubGlobal("window", {});
    Object.defineProperty(globalThis, "localStorage", {
      configurable: true,
      get() {
        throw denied;
      },
    });
    try {
      const error = thrown(() => webStorage("accessToken").read(), "ERR_STORAGE_UNAVAILABLE");
      expect(isConnectionError(error)).toBe(true);
      expect([error.cause, error.message]).toEqual([denied, expect.stringContaining("denies access")]);
    } finally {
      Reflect.deleteProperty(globalThis, "localStorage");
    }
  });
});

describe("bad arguments are refused at once", () => {
  test.each([[""], [undefined], [42]])("a key of %j", (key) => {
    expect(thrown(() => Reflect.apply(webStorage, undefined, [key]), "ERR_INVALID_OPTION").message).toContain(
      "webStorage(key)",
    );
  });

  test.each([["cookie"], [null], [1]])("an area of %j", (area) => {
    expect(
      thrown(() => Reflect.apply(webStorage, undefined, ["k", { area }]), "ERR_INVALID_OPTION").message,
    ).toContain('"local" or "session"');
  });

  test.each([[0], [-1], [49], [Number.NaN], ["1000"], [null]])("a pollInterval of %j", (pollInterval) => {
    expect(
      thrown(() => Reflect.apply(webStorage, undefined, ["k", { pollInterval }]), "ERR_INVALID_OPTION")
        .message,
    ).toContain("pollInterval");
  });
});
