import { cookieStorage } from "socket-rotor";
import { afterEach, describe, expect, test, vi } from "vitest";
import { cookieText, valueIn } from "../../../src/credential/cookie-storage.js";
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
    [
      "token",
      { poll: 1 },
      'there is no option "poll". The options are: decode, domain, encode, maxAge, path, ',
    ],
    ["token", null, "takes an object of options, but got null"],
  ])("%j with %j", (name, options, words) => {
    const make = () => Reflect.apply(cookieStorage, undefined, [name, options]);
    expect(thrown(make, "ERR_INVALID_OPTION").message).toContain(words);
  });
});

test.each<[what: string, good: string[], bad: unknown[]]>([
  ["name", ["token", "__Host-token", "a.b~c!"], ["", "a b", "a=b", "a;b", "a,b", "ä", "a\n", undefined, 7]],
  ["path", ["/", "/app", "/a b"], ["", "app", "/a;Secure", "/a\n", "/ä", null]],
  [
    "domain",
    ["example.com", ".example.com", "localhost"],
    ["", "example.com;", "https://example.com", "a:1", "a..b", null],
  ],
])(
  "as its %s it takes what can stand in a cookie, and nothing that would be a second attribute",
  (what, good, bad) => {
    const make = (value: unknown) => () =>
      Reflect.apply(cookieStorage, undefined, what === "name" ? [value] : ["token", { [what]: value }]);
    for (const value of good) expect(make(value)).not.toThrow();
    for (const value of bad) thrown(make(value), "ERR_INVALID_OPTION");
  },
);

const plain: Parameters<typeof cookieText>[2] = {
  path: "/",
  domain: undefined,
  sameSite: "lax",
  secure: false,
  maxAge: Number.POSITIVE_INFINITY,
};

describe("the text of a cookie (RFC 6265)", () => {
  test("by default it is a cookie of this host and this session of the browser", () => {
    expect(cookieText("token", "a.b-c_d", plain)).toBe("token=a.b-c_d; Path=/; SameSite=lax");
  });

  test("it has each attribute that is given; milliseconds become whole seconds", () => {
    const attributes = { path: "/app", domain: "example.com", secure: true, maxAge: 90_999 };
    expect(cookieText("token", "x", { ...attributes, sameSite: "none" })).toBe(
      "token=x; Path=/app; Domain=example.com; Max-Age=90; SameSite=none; Secure",
    );
  });

  test("a removal is an empty value that has expired, under the same path and domain", () => {
    expect(cookieText("token", null, { ...plain, path: "/app", domain: "example.com", maxAge: 5_000 })).toBe(
      "token=; Path=/app; Domain=example.com; Max-Age=0; SameSite=lax",
    );
  });

  test.each([
    ["a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.x-_9", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.x-_9"],
    ["base64", "ab+/=", "ab+/="],
    ["what would end the value", 'a; Domain=evil.test, "b" \\', "a%3B%20Domain=evil.test%2C%20%22b%22%20%5C"],
    ["a line break", "a\r\nb", "a%0D%0Ab"],
    ["a percent sign", "100%41", "100%2541"],
    ["what is not ASCII", "é🔑", "%C3%A9%F0%9F%94%91"],
  ])("%s is encoded as far as it has to be, and read back as it was", (_what, value, encoded) => {
    const text = cookieText("token", value, plain);
    expect(text).toBe(`token=${encoded}; Path=/; SameSite=lax`);
    expect(valueIn(text.split("; Path")[0] ?? "", "token")).toBe(value);
  });
});

describe("a value in document.cookie", () => {
  test.each([
    ["token=a", "a"],
    ["first=1; token=a; last=2", "a"],
    ["xtoken=1; token2=2; token=a=b", "a=b"],
    ["token=the longest path; token=a shorter one", "the longest path"],
    ['token="quoted"', "quoted"],
    ["token=", ""],
    ["token=50%", "50%"],
    ["token=%zz", "%zz"],
    ["", null],
    ["token", null],
    ["another=token=a", null],
    ["TOKEN=a", null],
  ])("in %j is %j", (cookies, value) => {
    expect(valueIn(cookies, "token")).toBe(value);
  });
});
