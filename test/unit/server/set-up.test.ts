import { type DefaultEventsMap, Server } from "socket.io";
import { authenticateToken, type RefusalCode, TokenError, type TokenOptions } from "socket-rotor/server";
import { describe, expect, test } from "vitest";
import { createRateLimit } from "../../../src/server/timing.js";
import { thrown } from "../../support/rejection.js";
import { untyped } from "../../support/untyped.js";

const verify = async () => ({ subject: "alice" });

describe("setting up", () => {
  test("a second time on the same server is an error", () => {
    const io = new Server();
    authenticateToken(io, { verify });
    expect(thrown(() => authenticateToken(io, { verify }), "ERR_SERVER_SETUP").message).toContain("before");
    authenticateToken(new Server(), { verify });
  });

  test("where /rotor is taken is an error", () => {
    const io = new Server();
    io.of("/rotor");
    expect(thrown(() => authenticateToken(io, { verify }), "ERR_SERVER_SETUP").message).toContain("/rotor");
  });

  test("works for a server whose events are typed", () => {
    interface Events {
      message: (text: string, answer: (id: number) => void) => void;
    }
    const io = new Server<Events, Events, DefaultEventsMap, { identity: string }>();
    authenticateToken(io, { verify });
    expect(io._nsps.has("/rotor")).toBe(true);
  });

  test.each<[option: string, options: unknown]>([
    ["verify", {}],
    ["verify", { verify: "yes" }],
    ["verifyTimeout", { verify, verifyTimeout: 0 }],
    ["verifyTimeout", { verify, verifyTimeout: 2 ** 31 }],
    ["verifyTimeout", { verify, verifyTimeout: "1s" }],
    ["grace", { verify, grace: -1 }],
    ["grace", { verify, grace: 2 ** 31 }],
    ["rememberFor", { verify, rememberFor: 0 }],
    ["maxTokenLength", { verify, maxTokenLength: 0 }],
    ["maxReauthenticationsPerMinute", { verify, maxReauthenticationsPerMinute: Number.NaN }],
    ["identityKey", { verify, identityKey: "short" }],
    ["identityKey", { verify, identityKey: 1234567890123456 }],
    ["logger", { verify, logger: "console" }],
    ["secret", { verify, secret: "x" }],
    ["options", undefined],
  ])("a wrong %s is an error that names it, and leaves the server as it was", (option, options) => {
    const io = new Server();
    const set = () => authenticateToken(io, untyped<TokenOptions>(options));
    expect(thrown(set, "ERR_INVALID_OPTION").message).toContain(option);
    expect([...io._nsps.keys()]).toEqual(["/"]);
  });

  test("an identityKey that is too short is told how long, in characters and in bytes", () => {
    const set = () => authenticateToken(new Server(), { verify, identityKey: "short" });
    const { message } = thrown(set, "ERR_INVALID_OPTION");
    expect(message).toContain("a string of at least 16 characters or a Uint8Array of at least 16 bytes");
  });

  test("bounds are allowed, and undefined is left out", () => {
    authenticateToken(
      new Server({ connectTimeout: 2 ** 31 }),
      untyped<TokenOptions>({
        verify,
        verifyTimeout: 2 ** 31 - 1,
        grace: 2 ** 31 - 1,
        rememberFor: Number.POSITIVE_INFINITY,
        maxTokenLength: Number.POSITIVE_INFINITY,
        maxReauthenticationsPerMinute: Number.POSITIVE_INFINITY,
        identityKey: new Uint8Array(16),
        logger: undefined,
      }),
    );
  });
});

test("a TokenError says what it was told, and only that", () => {
  expect(new TokenError("access_denied", "Not here.").data).toEqual({
    error: "access_denied",
    error_description: "Not here.",
  });
  const error = new TokenError("temporarily_unavailable", undefined, { retryAfter: 0 });
  expect(error).toMatchObject({ name: "TokenError", data: { retryAfter: 0 } });
  expect(error.message).toBe(error.data.error_description);
});

test.each([["acces_denied"], ["toString"], [""], [undefined], [7], [{ error: "access_denied" }]])(
  "a TokenError of %j, which is no word, is an error that lists the words",
  (word) => {
    const make = () => new TokenError(untyped<RefusalCode>(word));
    const { message } = thrown(make, "ERR_INVALID_OPTION");
    expect(message).toMatch(/invalid_token, .*access_denied, .*temporarily_unavailable/);
    expect(message).not.toContain("acces_denied");
  },
);

test("the limit counts the last sixty seconds, whatever the clock does", () => {
  let time = 1_000_000;
  const limit = createRateLimit(2, () => time);
  expect([limit.take(), limit.take(), limit.take()]).toEqual([0, 0, 60_000]);
  time += 20_000;
  expect(limit.take()).toBe(40_000);
  time += 40_000;
  expect([limit.take(), limit.take(), limit.take()]).toEqual([0, 0, 60_000]);
  time -= 3_600_000;
  expect(limit.take()).toBe(0);
});
