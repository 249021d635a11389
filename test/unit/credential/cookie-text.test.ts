import { describe, expect, test } from "vitest";
import {
  cookieText,
  isCookieDomain,
  isCookieName,
  isCookiePath,
  valueIn,
} from "../../../src/credential/cookie-text.js";

const plain = {
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
    const attributes = {
      path: "/app",
      domain: "example.com",
      sameSite: "none",
      secure: true,
      maxAge: 90_999,
    };
    expect(cookieText("token", "x", attributes)).toBe(
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

test.each([
  [
    isCookieName,
    ["token", "__Host-token", "a.b~c!"],
    ["", "a b", "a=b", "a;b", "a,b", "ä", "a\n", undefined, 7],
  ],
  [isCookiePath, ["/", "/app", "/a b"], ["", "app", "/a;Secure", "/a\n", "/ä", undefined]],
  [
    isCookieDomain,
    ["example.com", ".example.com", "localhost"],
    ["", "example.com;", "https://example.com", "a:1", "a..b", null],
  ],
])("%o takes what can stand in a cookie, and nothing that would be a second attribute", (is, good, bad) => {
  expect(good.filter((value) => !is(value))).toEqual([]);
  expect(bad.filter((value) => is(value))).toEqual([]);
});
