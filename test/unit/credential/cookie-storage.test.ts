import { cookieStorage } from "socket-rotor";
import { afterEach, describe, expect, test, vi } from "vitest";
import { thrown } from "../../support/rejection.js";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("where there is no page", () => {
  test("F26: it is made, and reading and writing say what to do instead", () => {
    const storage = cookieStorage("token");
    for (const work of [() => storage.read(), () => storage.write?.("x"), () => storage.write?.(null)]) {
      expect(thrown(work, "ERR_STORAGE_UNAVAILABLE").message).toMatch(
        /cookieStorage.*no document.*nobody is signed out.*memoryStorage\(\).*autoConnect: false/,
      );
    }
  });

  test("subscribing works and starts no timer, so that a server's process can end", () => {
    vi.useFakeTimers();
    const end = cookieStorage("token").subscribe(() => {});
    expect(vi.getTimerCount()).toBe(0);
    expect(end).not.toThrow();
  });
});

describe("bad arguments are refused at once, in words", () => {
  test.each<[unknown, unknown, string]>([
    ["", {}, "cookieStorage(name)"],
    [undefined, {}, "cookieStorage(name)"],
    ["a; Secure", {}, "cookieStorage(name)"],
    ["token", { path: "app" }, "begins with a slash"],
    ["token", { path: "/; Domain=example.com" }, "begins with a slash"],
    ["token", { domain: "https://example.com" }, "without a scheme"],
    ["token", { sameSite: "Lax" }, '"strict", "lax" or "none"'],
    ["token", { secure: 1 }, "true or false"],
    ["token", { sameSite: "none", secure: false }, "only with secure"],
    ["token", { maxAge: 0 }, "at least 1,000 milliseconds"],
    ["token", { maxAge: Number.NaN }, "at least 1,000 milliseconds"],
    ["token", { pollInterval: 49 }, "at least 50 milliseconds"],
    ["token", { poll: 1 }, 'there is no option "poll". The options are: domain, maxAge, path, '],
    ["token", null, "takes an object of options, but got null"],
  ])("%j with %j", (name, options, words) => {
    const make = () => Reflect.apply(cookieStorage, undefined, [name, options]);
    expect(thrown(make, "ERR_INVALID_OPTION").message).toContain(words);
  });
});
