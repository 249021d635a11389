import type { Classify, Refusal } from "socket-rotor";
import { describe, expect, test } from "vitest";
import { classify, codeOf, isNamespaceOnly } from "../../../src/links/refusals.js";
import { collectUncaught } from "../../support/uncaught.js";
import { untyped } from "../../support/untyped.js";

const of = (refusal: Partial<Refusal>) => classify({ message: "refused", ...refusal }, undefined);

describe("the table of the wire", () => {
  const table = [
    ["invalid_token", "refresh"],
    ["insufficient_scope", "logout"],
    ["access_denied", "logout"],
    ["invalid_request", "logout"],
    ["session_required", "logout"],
    ["session_ended", "logout"],
    ["temporarily_unavailable", "retry"],
  ] as const;

  test.each(table)("%s is %s, as data.error and as data.code", (word, verdict) => {
    expect(of({ data: { error: word } })).toEqual({ verdict });
    expect(of({ data: { code: word } })).toEqual({ verdict });
  });

  test("session_changed is a retry at once", () => {
    expect(of({ data: { error: "session_changed" } })).toEqual({ verdict: "retry", retryAfter: 0 });
  });

  test("retryAfter is passed on in milliseconds, where it is a number: what it can be is asked for every adapter", () => {
    expect(of({ data: { error: "temporarily_unavailable", retryAfter: 1_500 } })).toEqual({
      verdict: "retry",
      retryAfter: 1_500,
    });
    expect(of({ data: { retryAfter: 0 } })).toEqual({ verdict: "retry", retryAfter: 0 });
    for (const retryAfter of ["5", null, {}])
      expect(of({ data: { retryAfter } })).toEqual({ verdict: "retry" });
  });

  test("data.error comes before data.code, and a known word before the wording", () => {
    expect(of({ data: { error: "access_denied", code: "invalid_token" } }).verdict).toBe("logout");
    expect(of({ message: "jwt expired", data: { error: "temporarily_unavailable" } }).verdict).toBe("retry");
  });
});

describe("without a known word", () => {
  test.each([
    "jwt expired",
    "jwt malformed",
    "Token has expired",
    "token expired",
    "invalid token",
    "Unauthorized",
    "unauthorised",
    "Authentication error: unauthorized",
  ])("%j asks for another token", (message) => {
    expect(of({ message }).verdict).toBe("refresh");
  });

  test("so does HTTP status 401, and no other", () => {
    expect(of({ status: 401 }).verdict).toBe("refresh");
    for (const status of [400, 403, 404, 429, 500, 502, 503]) expect(of({ status }).verdict).toBe("retry");
  });

  test.each([
    "boom",
    "",
    "xhr poll error",
    "internal server error",
    "the database is away",
    "tokens are fine",
    "not authorized yet",
  ])("%j is an outage, and signs nobody out", (message) => {
    expect(of({ message }).verdict).toBe("retry");
  });

  test.each([
    [null],
    ["invalid_token"],
    [42],
    [[]],
    [{ error: 42 }],
    [{ error: "who_knows" }],
    [{ error: { code: "x" } }],
  ])("data of %j too", (data) => {
    expect(of({ data }).verdict).toBe("retry");
  });

  test("a word that only looks known because of a prototype is not", () => {
    for (const error of ["constructor", "toString", "__proto__"])
      expect(of({ data: { error } }).verdict).toBe("retry");
    expect(of({ data: Object.create({ error: "access_denied" }) }).verdict).toBe("retry");
  });
});

describe("a classify of the application's", () => {
  const seen: Refusal[] = [];
  const custom: Classify = (refusal) => {
    seen.push(refusal);
    return refusal.message === "banned" ? "logout" : undefined;
  };

  test("decides first, and undefined leaves it to the default", () => {
    expect(classify({ message: "banned", data: { error: "invalid_token" } }, custom).verdict).toBe("logout");
    expect(classify({ message: "x", data: { error: "invalid_token" } }, custom).verdict).toBe("refresh");
    expect(classify({ message: "boom" }, custom).verdict).toBe("retry");
  });

  test("sees message, data and status", () => {
    const refusal = { message: "m", data: { error: "e" }, status: 418 };
    classify(refusal, custom);
    expect(seen.at(-1)).toEqual(refusal);
  });

  test("keeps the server's retryAfter", () => {
    expect(classify({ message: "m", data: { retryAfter: 7 } }, () => "refresh")).toEqual({
      verdict: "refresh",
      retryAfter: 7,
    });
  });

  test("that throws is reported as uncaught, and the default decides", async () => {
    const uncaught = await collectUncaught(() => {
      const thrower: Classify = () => {
        throw new Error("in classify");
      };
      expect(classify({ message: "jwt expired" }, thrower).verdict).toBe("refresh");
    });
    expect(uncaught.map(String)).toEqual(["Error: in classify"]);
  });

  test("that answers with no verdict is left to the default", () => {
    for (const answer of ["sign out", 42, null, "replace"]) {
      expect(classify({ message: "jwt expired" }, () => untyped(answer)).verdict).toBe("refresh");
    }
  });
});

test("the code of a refusal is the one that is known, data.error first", () => {
  expect(codeOf({ error: "Unauthorized", code: "invalid_token" })).toBe("invalid_token");
  expect([codeOf({ error: "a", code: "b" }), codeOf({ code: "b" }), codeOf({}), codeOf(null)]).toEqual([
    "a",
    "b",
    undefined,
    undefined,
  ]);
});

test("insufficient_scope and access_denied concern a namespace only", () => {
  expect(
    ["insufficient_scope", "access_denied", "invalid_token", "session_ended", undefined].map(isNamespaceOnly),
  ).toEqual([true, true, false, false, false]);
});
