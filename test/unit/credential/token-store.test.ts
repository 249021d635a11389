import { describe, expect, test } from "vitest";
import { createExpiry } from "../../../src/credential/expiry.js";
import { createTokenStore, type TokenStore } from "../../../src/credential/token-store.js";
import { createLog } from "../../../src/logger.js";
import { manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { jwt } from "../../support/tokens.js";
import { untyped } from "../../support/untyped.js";

function openTokenStore(identify?: (token: string) => string | undefined, isCookie = false) {
  const logger = recordingLogger();
  const expiry = createExpiry(manualClock(), undefined, () => 0);
  /** What messages were told. */
  const told: string[] = [];
  const tokenStore = createTokenStore(identify, expiry, createLog(logger), isCookie, {
    onCertain: () => told.push("certain"),
    onCleared: () => told.push("cleared"),
    onGone: () => told.push("gone"),
  });
  return { tokenStore, expiry, told, lines: logger.lines };
}

const alice = (n: number): string => jwt({ sub: "alice", iat: 1_000, exp: 1_000 + n });
const bob = jwt({ sub: "bob" });

describe("versions", () => {
  test("go up with each token, and only the newest has one", () => {
    const { tokenStore } = openTokenStore();
    expect([tokenStore.version, tokenStore.hasToken, tokenStore.token(0)]).toEqual([0, false, undefined]);
    expect(tokenStore.adopt("first")?.version).toBe(1);
    expect(tokenStore.adopt("second")?.version).toBe(2);
    expect([tokenStore.token(1), tokenStore.token(2), tokenStore.token(3)]).toEqual([
      undefined,
      "second",
      undefined,
    ]);
    expect([tokenStore.holds("first"), tokenStore.holds("second")]).toEqual([false, true]);
  });

  test("stay when the token is forgotten, and its expiry goes with it", () => {
    const { tokenStore, expiry } = openTokenStore();
    tokenStore.adopt(alice(300));
    expect([expiry.expiresAt, expiry.untilRefresh()]).toEqual([1_300_000, 270_000]);
    tokenStore.clear();
    expect([tokenStore.version, tokenStore.hasToken, tokenStore.token(1)]).toEqual([1, false, undefined]);
    expect([expiry.expiresAt, expiry.untilRefresh()]).toEqual([undefined, Number.POSITIVE_INFINITY]);
  });

  test("with each of them begins a lifetime, which is unknown for a token that does not say", () => {
    const { tokenStore, expiry } = openTokenStore();
    tokenStore.adopt(alice(300));
    tokenStore.adopt("opaque");
    expect([expiry.expiresAt, expiry.untilRefresh()]).toEqual([undefined, Number.POSITIVE_INFINITY]);
  });

  test("what leaves the token store is numbers and answers", () => {
    expect(openTokenStore().tokenStore.adopt(alice(300))).toEqual({ version: 1, isOtherUser: false });
  });
});

describe("whether a token is another user's", () => {
  /** What is answered for each token after the first. */
  const answers = (tokenStore: TokenStore, ...tokens: string[]): (boolean | undefined)[] =>
    tokens.map((token) => tokenStore.adopt(token)?.isOtherUser).slice(1);

  test("is told by the token, and the first one is nobody else's", () => {
    const { tokenStore } = openTokenStore();
    expect(tokenStore.adopt(alice(1))?.isOtherUser).toBe(false);
    expect(answers(tokenStore, alice(1), alice(2), bob, bob, alice(3))).toEqual([false, true, false, true]);
  });

  test("is not so after a sign-out, for another token of the same user", () => {
    const { tokenStore } = openTokenStore();
    tokenStore.adopt(alice(1));
    tokenStore.clear();
    expect(tokenStore.adopt(alice(2))?.isOtherUser).toBe(false);
  });

  test("is so for every other opaque token, which can belong to anybody, and identify is named once", () => {
    const { tokenStore, lines } = openTokenStore();
    expect(answers(tokenStore, "opaque-1", "opaque-1", "opaque-2", "opaque-3")).toEqual([false, true, true]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warn .*"identify"/);
    expect(lines[0]).not.toContain("opaque-");
  });

  test("is so for the same opaque token after a sign-out: somebody may have been here in between", () => {
    const { tokenStore } = openTokenStore();
    tokenStore.adopt("opaque-1");
    tokenStore.clear();
    expect(tokenStore.adopt("opaque-1")?.isOtherUser).toBe(true);
  });

  test("is so between a known and an unknown user, both ways", () => {
    expect(answers(openTokenStore().tokenStore, alice(1), "opaque-1", alice(2))).toEqual([true, true]);
  });

  test("is told by identify where it is given, and no warning is logged", () => {
    const { tokenStore, lines } = openTokenStore((token) => token.split(":")[0]);
    expect(answers(tokenStore, "a:1", "a:2", "b:1", "a:3")).toEqual([false, true, true]);
    expect(lines).toEqual([]);
  });

  test("is told by identify over the claims", () => {
    expect(answers(openTokenStore(() => "one and the same").tokenStore, alice(1), bob)).toEqual([false]);
  });

  test("is unknown where identify has no answer, or one that is no name", () => {
    for (const answer of [undefined, "", 42, null, {}]) {
      const { tokenStore } = openTokenStore(() => untyped(answer));
      expect(answers(tokenStore, alice(1), alice(2))).toEqual([true]);
    }
  });

  test("is unknown where identify throws, which is logged once, without its words", () => {
    const { tokenStore, lines } = openTokenStore((token) => {
      throw new Error(`cannot parse ${token}`);
    });
    expect(answers(tokenStore, alice(1), alice(2))).toEqual([true]);
    expect(lines.filter((line) => line.includes('"identify" function threw'))).toHaveLength(1);
    expect(lines.join()).not.toContain("eyJ");
  });

  test("is said to be the server's to tell for opaque tokens, and for no other", () => {
    const { tokenStore } = openTokenStore();
    const given = ["opaque-1", "opaque-1", alice(1), alice(2), "opaque-2"].map((token) =>
      tokenStore.adopt(token),
    );
    expect(given.map((adopted) => adopted?.isOpaque)).toEqual([true, true, undefined, undefined, true]);
    expect(tokenStore.adopt(bob)).not.toHaveProperty("isOpaque");
  });

  test("brings no warning where the server names its users", () => {
    const { tokenStore, lines } = openTokenStore();
    tokenStore.adopt("opaque-1");
    tokenStore.owners.name(tokenStore.owners.ofToken, "alice");
    tokenStore.adopt("opaque-2");
    expect(lines).toEqual([]);
  });

  test("is so for the marker of a cookie each time, whatever it reads like, and no warning is logged", () => {
    const { tokenStore, lines } = openTokenStore(() => "identify is not asked", true);
    expect(answers(tokenStore, "marker", "marker", alice(1), alice(2))).toEqual([true, true, true]);
    expect([tokenStore.adopt(alice(2))?.isOpaque, lines]).toEqual([true, []]);
  });
});

describe("G3 messages hear", () => {
  test("of a user who is certain by the token, and of no other", () => {
    const { tokenStore, told } = openTokenStore();
    tokenStore.adopt(alice(1));
    expect(told).toEqual(["certain"]);
    tokenStore.owners.name(tokenStore.owners.ofToken, "hash");
    told.length = 0;
    tokenStore.adopt("opaque-1");
    expect(told).toEqual([]);
    tokenStore.owners.name(tokenStore.owners.ofToken, "hash");
    expect(told).toEqual(["certain"]);
  });

  test("of a sign-out, after which nobody is named", () => {
    const { tokenStore, told } = openTokenStore();
    tokenStore.adopt("opaque-1");
    tokenStore.owners.name(tokenStore.owners.ofToken, "hash");
    told.length = 0;
    tokenStore.clear();
    expect([told, tokenStore.owners.areNamed]).toEqual([["cleared"], false]);
  });

  test("of a renewal only once the server has named the user", () => {
    const { tokenStore, told } = openTokenStore(undefined, true);
    tokenStore.adopt("marker");
    tokenStore.owners.name(tokenStore.owners.ofToken, "hash");
    told.length = 0;
    const before = tokenStore.owners.current;
    expect(tokenStore.adopt("marker", false, true)?.isOtherUser).toBe(true);
    expect([told, tokenStore.owners.current === before]).toEqual([[], true]);
  });
});

describe("what leaves the token store in an error", () => {
  test("has no token of now, of before, or of the last user", () => {
    const { tokenStore } = openTokenStore();
    tokenStore.adopt("alices-opaque-secret");
    tokenStore.adopt("credential-for-bob");
    const said = "sent alices-opaque-secret, then credential-for-bob";
    expect(tokenStore.maskError(new Error(said)).message).toBe("sent [redacted], then [redacted]");
    tokenStore.clear();
    expect(tokenStore.maskData({ said })).toEqual({ said: "sent [redacted], then [redacted]" });
  });
});
