import { ConnectionError } from "socket-rotor";
import { type RefusalCode, TokenError } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { connected, refused, signIn, startServer, tokenOf, userOf } from "../../support/real-server.js";
import { untyped } from "../../support/untyped.js";

const invalid = { error: "invalid_token", error_description: expect.any(String) };
const later = { error: "temporarily_unavailable", error_description: expect.any(String) };

/** What a `verify` threw, and what the client reads. */
const THROWN: readonly [name: string, thrown: unknown, data: unknown][] = [
  ["a plain Error", new Error("jwt expired"), invalid],
  ["something that is no Error", "no", invalid],
  ["nothing at all", undefined, invalid],
  ["a TypeError", new TypeError("x is not a function"), invalid],
  ["a jose error", Object.assign(new Error("exp"), { code: "ERR_JWT_EXPIRED", name: "JWTExpired" }), invalid],
  ["a time limit", new DOMException("late", "TimeoutError"), later],
  ["an abort", new DOMException("stopped", "AbortError"), later],
  ["a refused connection", Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), later],
  ["a name that is not found", Object.assign(new Error("dns"), { code: "ENOTFOUND" }), later],
  ["a failed fetch", new TypeError("fetch failed", { cause: { code: "UND_ERR_CONNECT_TIMEOUT" } }), later],
  ["keys that did not come in time", Object.assign(new Error("jwks"), { code: "ERR_JWKS_TIMEOUT" }), later],
  [
    "a TokenError",
    new TokenError("access_denied"),
    { error: "access_denied", error_description: expect.any(String) },
  ],
  [
    "a TokenError with a description and a time",
    new TokenError("temporarily_unavailable", "The store is down.", { retryAfter: 0 }),
    { error: "temporarily_unavailable", error_description: "The store is down.", retryAfter: 0 },
  ],
  [
    "an error of one's own with such data",
    Object.assign(new Error("x"), { data: { error: "insufficient_scope", claims: { role: "guest" } } }),
    { error: "insufficient_scope", error_description: expect.any(String) },
  ],
  ["an error with an unknown word", Object.assign(new Error("x"), { data: { error: "no_idea" } }), invalid],
  [
    "a time that is no number",
    Object.assign(new Error("x"), { data: { error: "temporarily_unavailable", retryAfter: "soon" } }),
    later,
  ],
];

describe("what verify throws", () => {
  test.each(THROWN)("%s is told to a client that connects", async (_, thrown, data) => {
    const server = await startServer({ verify: () => Promise.reject(thrown) });
    expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toEqual(data);
  });

  test.each(THROWN)(
    "%s is told to a client that re-authenticates, which stays connected",
    async (_, thrown, data) => {
      const server = await startServer({
        verify: (token) =>
          server.verified.length > 1 ? Promise.reject(thrown) : Promise.resolve({ subject: userOf(token) }),
      });
      const { control, sockets } = await signIn(server.client(), tokenOf("alice"));
      const answer = await control.emitWithAck("reauthenticate", { auth: { token: tokenOf("alice") } });
      expect(answer).toEqual({ ok: false, ...(data as object) });
      expect(sockets[0]?.connected).toBe(true);
    },
  );

  test("synchronously is no different", async () => {
    const server = await startServer({
      verify: () => {
        throw new TokenError("access_denied");
      },
    });
    expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toMatchObject({
      error: "access_denied",
    });
  });
});

describe("what verify throws without a word", () => {
  class JsonWebTokenError extends Error {
    override readonly name = "JsonWebTokenError";
  }
  const boom = (): Error => new Error("boom of alice");

  test.each<[what: string, thrown: () => unknown, line: RegExp]>([
    ["a plain Error", boom, /threw an Error at \S*refusals\.test\.ts:\d+, which/],
    [
      "an error of a library",
      () => new JsonWebTokenError("alice"),
      /threw a JsonWebTokenError at .*:\d+, which/,
    ],
    ["a TypeError", () => new TypeError("alice"), /threw a TypeError at .*:\d+, which/],
    ["a string", () => "alice", /threw a string, which/],
    ["nothing at all", () => undefined, /threw undefined, which/],
    [
      "an error with an unknown word",
      () => Object.assign(boom(), { data: { error: "no" } }),
      /threw an Error at/,
    ],
    [
      "an error without a class",
      () => Object.assign(boom(), { constructor: undefined }),
      /threw an Error at/,
    ],
    [
      "an error whose class is named by what it says",
      () => Object.assign(boom(), { constructor: { name: "of alice" } }),
      /threw an Error at/,
    ],
    [
      "an error whose class has no text for a name",
      () =>
        Object.assign(boom(), {
          constructor: Object.defineProperty(() => {}, "name", { value: Symbol("alice") }),
        }),
      /threw an Error at/,
    ],
    [
      "an error of the client's",
      () => new ConnectionError("ERR_REFUSED", "upstream said: alice"),
      /threw a ConnectionError at/,
    ],
  ])("%s is logged once at the default level, without what it says", async (_, thrown, line) => {
    const warnings: string[] = [];
    const logger = { warn: (said: string) => warnings.push(said) };
    const server = await startServer({ logger, verify: () => Promise.reject(thrown()) });
    for (const user of ["alice", "bob"]) await refused(server.client().join("/", { token: tokenOf(user) }));
    expect(warnings).toEqual([expect.stringMatching(line)]);
    expect(warnings[0]).toMatch(/counts as invalid_token.*new TokenError\("temporarily_unavailable"\)/);
    expect(warnings[0]).not.toContain("alice");
  });

  test("each kind and each place is logged, so that a library's errors hide no others", async () => {
    const refusal = new Error("a bad token");
    const mistake = new Error("the database is down");
    const errors = [new JsonWebTokenError("x"), refusal, mistake];
    const server = await startServer({ verify: () => Promise.reject(errors.shift()) });
    for (let count = 0; count < 3; count += 1) {
      await refused(server.client().join("/", { token: tokenOf("alice") }));
    }
    expect(server.lines.filter((line) => line.includes('"verify" threw'))).toHaveLength(3);
  });

  test.each([
    ["a word", new TokenError("access_denied")],
    ["an outage", Object.assign(new Error("connect"), { code: "ECONNREFUSED" })],
  ])("%s brings no warning", async (_, thrown) => {
    const server = await startServer({ verify: () => Promise.reject(thrown) });
    await refused(server.client().join("/", { token: tokenOf("alice") }));
    expect(server.lines.filter((line) => line.includes('"verify" threw'))).toEqual([]);
  });

  test("a misspelt word is logged with the words that there are", async () => {
    const server = await startServer({
      verify: () => Promise.reject(new TokenError(untyped<RefusalCode>("acces_denied"))),
    });
    expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toEqual(invalid);
    expect(server.lines.join("\n")).toMatch(
      /"verify" threw a ConnectionError \(TokenError takes .*access_denied/,
    );
  });
});

describe("tokens that verify is not asked about", () => {
  test.each([
    ["missing", {}],
    ["empty", { token: "" }],
    ["null", { token: null }],
    ["a number", { token: 7 }],
    ["an object", { token: { sub: "alice" } }],
    ["too long", { token: `alice.${"x".repeat(8_192)}` }],
  ])("%s", async (_, auth) => {
    const server = await startServer();
    for (const namespace of ["/", "/rotor"]) {
      expect(await refused(server.client().join(namespace, auth))).toEqual(invalid);
    }
    expect(server.verified).toEqual([]);
    expect(server.links.size).toBe(0);
  });

  test("the longest that may be is asked about, and one character more is not", async () => {
    const server = await startServer({ maxTokenLength: 20 });
    await connected(server.client().join("/", { token: "alice".padEnd(20, ".") }));
    await refused(server.client().join("/", { token: "alice".padEnd(21, ".") }));
    expect(server.verified).toHaveLength(1);
  });
});

describe("answers of verify that are of no use", () => {
  test.each([
    ["nothing", undefined],
    ["no subject", {}],
    ["an empty subject", { subject: "" }],
    ["a subject that is a number", { subject: 7 }],
    ["an expiry that is a string", { subject: "alice", expiresAt: "tomorrow" }],
    ["an expiry that is no number", { subject: "alice", expiresAt: Number.NaN }],
    ["an expiry in seconds", { subject: "alice", expiresAt: Math.floor(Date.now() / 1_000) + 60 }],
    ["a time of issue in seconds", { subject: "alice", issuedAt: Math.floor(Date.now() / 1_000) }],
    ["a time of issue that is a string", { subject: "alice", issuedAt: "today" }],
    ["a token id that is a number", { subject: "alice", tokenId: 7 }],
    ["data that is a string", { subject: "alice", data: "admin" }],
  ])("%s lets nobody in, signs nobody out, and is logged", async (_, answer) => {
    const server = await startServer({ verify: async () => answer as { subject: string } });
    expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toEqual(later);
    expect(server.lines.join("\n")).toContain('the answer of "verify" is of no use');
  });
});

describe("F65 a retryAfter", () => {
  const WRONG = [-1, Number.NaN, Number.POSITIVE_INFINITY, 86_400_001, 3e10, Date.UTC(2026, 0), "5", null];

  test.each(WRONG)("of %s is refused by TokenError, which says what it takes", (given) => {
    const retryAfter = untyped<number>(given);
    expect(() => new TokenError("temporarily_unavailable", "The store is down.", { retryAfter })).toThrow(
      expect.objectContaining({
        code: "ERR_INVALID_OPTION",
        message: expect.stringMatching(/"retryAfter".*milliseconds.*from 0 to 86400000/),
      }),
    );
  });

  test.each([0, 1, 5_000, 86_400_000])("of %i ms is sent as it is", (retryAfter) => {
    expect(new TokenError("temporarily_unavailable", "", { retryAfter }).data.retryAfter).toBe(retryAfter);
  });

  test.each(WRONG)(
    "of %s out of verify signs nobody out: the word is told, and a warning says why",
    async (given) => {
      const retryAfter = untyped<number>(given);
      const server = await startServer({
        async verify() {
          throw new TokenError("temporarily_unavailable", "The store is down.", { retryAfter });
        },
      });
      for (let times = 0; times < 2; times += 1) {
        expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toEqual({
          error: "temporarily_unavailable",
          error_description: "The store is down.",
        });
      }
      expect(server.lines.filter((line) => line.includes("retryAfter"))).toHaveLength(1);
    },
  );

  test.each(WRONG)("of %s in an error of one's own is not sent, and is told once", async (retryAfter) => {
    const data = { error: "temporarily_unavailable", retryAfter };
    const server = await startServer({
      verify: () => Promise.reject(Object.assign(new Error("x"), { data })),
    });
    for (let times = 0; times < 2; times += 1) {
      expect(await refused(server.client().join("/", { token: tokenOf("alice") }))).toEqual(later);
    }
    expect(server.lines.filter((line) => line.includes("retryAfter"))).toEqual([
      expect.stringMatching(/"verify" threw.*milliseconds/),
    ]);
  });
});

describe("F63 a description", () => {
  test.each([
    ["TokenError", (text: string) => new TokenError("access_denied", text)],
    [
      "an error of one's own",
      (text: string) =>
        Object.assign(new Error("x"), { data: { error: "access_denied", error_description: text } }),
    ],
  ])("of %s that has what the client has sent is cut, after the token was taken out", async (_, make) => {
    const server = await startServer({
      async verify(token) {
        throw make(`${"x ".repeat(495)}${token} ${"y ".repeat(50_000)}`);
      },
    });
    const token = tokenOf("alice");
    const data = await refused(server.client().join("/", { token }));
    const description = String(Reflect.get(Object(data), "error_description"));
    expect(description).toHaveLength(1_000);
    expect(description).not.toContain(token.slice(0, 8));
  });
});
