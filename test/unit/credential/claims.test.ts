import { expect, onTestFinished, test, vi } from "vitest";
import { claimsOf } from "../../../src/credential/claims.js";
import { jwt } from "../../support/tokens.js";

const encoded = (payload: string): string => `e30.${Buffer.from(payload).toString("base64url")}.signature`;

test("the claims of a JWT are read", () => {
  expect(claimsOf(jwt({ sub: "alice", exp: 300 }))).toMatchObject({ sub: "alice", exp: 300 });
});

test.each(["größe", "アリス", "🦊 100% ~?>", "\u0000\u007f\u0080ÿ"])("UTF-8 is read as such: %j", (sub) => {
  expect(claimsOf(jwt({ sub }))).toMatchObject({ sub });
});

test("a payload of any length is read, though base64url has no padding", () => {
  for (let length = 0; length < 9; length += 1)
    expect(claimsOf(jwt({ sub: "?".repeat(length) }))).toMatchObject({ sub: "?".repeat(length) });
});

test("both characters are read in which base64url is no base64", () => {
  const token = encoded('{"sub":"~~~???>>>"}');
  expect(token).toMatch(/-.*_|_.*-/);
  expect(claimsOf(token)).toEqual({ sub: "~~~???>>>" });
});

test.each(['{ "sub": "alice" }', '{\n  "sub": "alice"\n}', '{\r\n"sub":"alice"}', '{\t"sub":"alice"}'])(
  "JSON that is laid out is read: %j",
  (payload) => {
    expect(claimsOf(encoded(payload))).toEqual({ sub: "alice" });
  },
);

test.each([
  "",
  "s3cr3t-0f-alice-7c9e6679f8b1",
  "v2.local.QAxIpVe-ECVNI1z4xQbm_qQYomyT3h8F",
  "ya29.a0AfH6SMBx",
  "..",
  "a.b.c",
])("an opaque token has none, and costs no exception: %j", (token) => {
  const parse = vi.spyOn(JSON, "parse");
  const decode = vi.spyOn(globalThis, "atob");
  onTestFinished(() => {
    parse.mockRestore();
    decode.mockRestore();
  });
  expect(claimsOf(token)).toEqual({});
  expect([parse.mock.calls, decode.mock.calls]).toEqual([[], []]);
});

test.each([
  ["is no base64", "e30.ey*.x"],
  ["is cut", "e30.eyJzdWIiOiJhbG.x"],
  ["is not UTF-8", `e30.${Buffer.from('{"sub":"gr\u00f6\u00dfe"}', "latin1").toString("base64url")}.x`],
  ["is not JSON", encoded("{ alice }")],
])("what looks like a JWT but %s has none", (_what, token) => {
  expect(claimsOf(token)).toEqual({});
});
