import { describe, expect, test } from "vitest";
import { readToken } from "../../../src/credential/token-text.js";
import { jwt } from "../../support/tokens.js";

const nothing = { identity: undefined, lifetime: undefined, expiresAt: undefined };
const alice = { iss: "https://issuer.example", sub: "alice" };

describe("who a JWT stands for", () => {
  const identity = (claims: Record<string, unknown>) => readToken(jwt(claims)).identity;

  test("is told by iss, sub, act, tid and org_id, each of them", () => {
    expect(identity(alice)).toBe(identity({ ...alice }));
    for (const other of [
      { iss: "https://other.example" },
      { sub: "bob" },
      { act: { sub: "admin" } },
      { tid: "t1" },
      { org_id: "o1" },
    ]) {
      expect(identity({ ...alice, ...other })).not.toBe(identity(alice));
    }
  });

  test("is not told by anything else, such as scope, time or id", () => {
    expect(identity({ ...alice, scope: "read", jti: "1", iat: 1, exp: 2, nonce: "n" })).toBe(identity(alice));
  });

  test("cannot be shifted from one claim into another", () => {
    expect(identity({ sub: "alice", tid: "x" })).not.toBe(identity({ sub: "alice", org_id: "x" }));
    expect(identity({ iss: "a", sub: "b,c" })).not.toBe(identity({ iss: "a,b", sub: "c" }));
  });

  test("is unknown without a subject that is a string", () => {
    for (const claims of [{}, { iss: "https://issuer.example" }, { sub: 42 }, { sub: null }, { sub: "" }])
      expect(identity(claims)).toBeUndefined();
  });
});

test.each([
  "opaque-token-of-alice",
  "",
  "a.b.c",
  "eyJhbGciOiJub25lIn0.bnVsbA.x",
  "eyJhbGciOiJub25lIn0.NDI.x",
  "../..",
  "eyJ",
])("what is no JWT with claims tells nothing: %j", (token) => {
  expect(readToken(token)).toEqual(nothing);
});

describe("times", () => {
  test("the lifetime is exp less iat, so that a wrong local clock does not matter", () => {
    expect(readToken(jwt({ exp: 1_000_300, iat: 1_000_000 }))).toEqual({
      identity: undefined,
      lifetime: 300_000,
      expiresAt: 1_000_300_000,
    });
  });

  test("is unknown without iat, or where it would not be positive", () => {
    expect(readToken(jwt({ exp: 300 }))).toEqual({ ...nothing, expiresAt: 300_000 });
    expect(readToken(jwt({ exp: 300, iat: 300 })).lifetime).toBeUndefined();
    expect(readToken(jwt({ exp: "300", iat: 1 }))).toEqual(nothing);
  });
});
