import { describe, expect, test } from "vitest";
import { createExpiry } from "../../../src/credential/expiry.js";
import { createVault, type Vault } from "../../../src/credential/vault.js";
import { createLog } from "../../../src/logger.js";
import { manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { jwt } from "../../support/tokens.js";
import { untyped } from "../../support/untyped.js";

function openVault(identify?: (token: string) => string | undefined, isCookie = false) {
  const logger = recordingLogger();
  const expiry = createExpiry(manualClock(), undefined, () => 0);
  /** What messages were told. */
  const told: string[] = [];
  const vault = createVault(identify, expiry, createLog(logger), isCookie, {
    onCertain: () => told.push("certain"),
    onCleared: () => told.push("cleared"),
    onGone: () => told.push("gone"),
  });
  return { vault, expiry, told, lines: logger.lines };
}

const alice = (n: number): string => jwt({ sub: "alice", iat: 1_000, exp: 1_000 + n });
const bob = jwt({ sub: "bob" });

describe("versions", () => {
  test("go up with each token, and only the newest has one", () => {
    const { vault } = openVault();
    expect([vault.epoch, vault.hasToken, vault.token(0)]).toEqual([0, false, undefined]);
    expect(vault.adopt("first")?.version).toBe(1);
    expect(vault.adopt("second")?.version).toBe(2);
    expect([vault.token(1), vault.token(2), vault.token(3)]).toEqual([undefined, "second", undefined]);
    expect([vault.holds("first"), vault.holds("second")]).toEqual([false, true]);
  });

  test("stay when the token is forgotten, and its expiry goes with it", () => {
    const { vault, expiry } = openVault();
    vault.adopt(alice(300));
    expect([expiry.expiresAt, expiry.untilRefresh()]).toEqual([1_300_000, 270_000]);
    vault.clear();
    expect([vault.epoch, vault.hasToken, vault.token(1)]).toEqual([1, false, undefined]);
    expect([expiry.expiresAt, expiry.untilRefresh()]).toEqual([undefined, Number.POSITIVE_INFINITY]);
  });

  test("with each of them begins a lifetime, which is unknown for a token that does not say", () => {
    const { vault, expiry } = openVault();
    vault.adopt(alice(300));
    vault.adopt("opaque");
    expect([expiry.expiresAt, expiry.untilRefresh()]).toEqual([undefined, Number.POSITIVE_INFINITY]);
  });

  test("what leaves the vault is numbers and answers", () => {
    expect(openVault().vault.adopt(alice(300))).toEqual({ version: 1, isOtherUser: false });
  });
});

describe("whether a token is another user's", () => {
  /** What is answered for each token after the first. */
  const answers = (vault: Vault, ...tokens: string[]): (boolean | undefined)[] =>
    tokens.map((token) => vault.adopt(token)?.isOtherUser).slice(1);

  test("is told by the token, and the first one is nobody else's", () => {
    const { vault } = openVault();
    expect(vault.adopt(alice(1))?.isOtherUser).toBe(false);
    expect(answers(vault, alice(1), alice(2), bob, bob, alice(3))).toEqual([false, true, false, true]);
  });

  test("is not so after a sign-out, for another token of the same user", () => {
    const { vault } = openVault();
    vault.adopt(alice(1));
    vault.clear();
    expect(vault.adopt(alice(2))?.isOtherUser).toBe(false);
  });

  test("is so for every other opaque token, which can belong to anybody, and identify is named once", () => {
    const { vault, lines } = openVault();
    expect(answers(vault, "opaque-1", "opaque-1", "opaque-2", "opaque-3")).toEqual([false, true, true]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warn .*"identify"/);
    expect(lines[0]).not.toContain("opaque-");
  });

  test("is so for the same opaque token after a sign-out: somebody may have been here in between", () => {
    const { vault } = openVault();
    vault.adopt("opaque-1");
    vault.clear();
    expect(vault.adopt("opaque-1")?.isOtherUser).toBe(true);
  });

  test("is so between a known and an unknown user, both ways", () => {
    expect(answers(openVault().vault, alice(1), "opaque-1", alice(2))).toEqual([true, true]);
  });

  test("is told by identify where it is given, and nothing is warned of", () => {
    const { vault, lines } = openVault((token) => token.split(":")[0]);
    expect(answers(vault, "a:1", "a:2", "b:1", "a:3")).toEqual([false, true, true]);
    expect(lines).toEqual([]);
  });

  test("is told by identify over the claims", () => {
    expect(answers(openVault(() => "one and the same").vault, alice(1), bob)).toEqual([false]);
  });

  test("is unknown where identify has no answer, or one that is no name", () => {
    for (const answer of [undefined, "", 42, null, {}]) {
      const { vault } = openVault(() => untyped(answer));
      expect(answers(vault, alice(1), alice(2))).toEqual([true]);
    }
  });

  test("is unknown where identify throws, which is warned of once, without its words", () => {
    const { vault, lines } = openVault((token) => {
      throw new Error(`cannot parse ${token}`);
    });
    expect(answers(vault, alice(1), alice(2))).toEqual([true]);
    expect(lines.filter((line) => line.includes('"identify" function threw'))).toHaveLength(1);
    expect(lines.join()).not.toContain("eyJ");
  });

  test("is said to be the server's to tell for opaque tokens, and for no other", () => {
    const { vault } = openVault();
    const given = ["opaque-1", "opaque-1", alice(1), alice(2), "opaque-2"].map((token) => vault.adopt(token));
    expect(given.map((adopted) => adopted?.isOpaque)).toEqual([true, true, undefined, undefined, true]);
    expect(vault.adopt(bob)).not.toHaveProperty("isOpaque");
  });

  test("is not warned of where the server names its users", () => {
    const { vault, lines } = openVault();
    vault.adopt("opaque-1");
    vault.owners.name(vault.owners.ofToken, "alice");
    vault.adopt("opaque-2");
    expect(lines).toEqual([]);
  });

  test("is so for the marker of a cookie each time, whatever it reads like, and nothing is warned of", () => {
    const { vault, lines } = openVault(() => "identify is not asked", true);
    expect(answers(vault, "marker", "marker", alice(1), alice(2))).toEqual([true, true, true]);
    expect([vault.adopt(alice(2))?.isOpaque, lines]).toEqual([true, []]);
  });
});

describe("G3 messages hear", () => {
  test("of a user who is certain by the token, and of no other", () => {
    const { vault, told } = openVault();
    vault.adopt(alice(1));
    expect(told).toEqual(["certain"]);
    vault.owners.name(vault.owners.ofToken, "hash");
    told.length = 0;
    vault.adopt("opaque-1");
    expect(told).toEqual([]);
    vault.owners.name(vault.owners.ofToken, "hash");
    expect(told).toEqual(["certain"]);
  });

  test("of a sign-out, after which nobody is named", () => {
    const { vault, told } = openVault();
    vault.adopt("opaque-1");
    vault.owners.name(vault.owners.ofToken, "hash");
    told.length = 0;
    vault.clear();
    expect([told, vault.owners.areNamed]).toEqual([["cleared"], false]);
  });

  test("of a renewal only once the server has named the user", () => {
    const { vault, told } = openVault(undefined, true);
    vault.adopt("marker");
    vault.owners.name(vault.owners.ofToken, "hash");
    told.length = 0;
    const before = vault.owners.current;
    expect(vault.adopt("marker", false, true)?.isOtherUser).toBe(true);
    expect([told, vault.owners.current === before]).toEqual([[], true]);
  });
});

describe("what leaves the vault in an error", () => {
  test("has no token of now, of before, or of the last user", () => {
    const { vault } = openVault();
    vault.adopt("alices-opaque-secret");
    vault.adopt("credential-for-bob");
    const said = "sent alices-opaque-secret, then credential-for-bob";
    expect(vault.maskError(new Error(said)).message).toBe("sent [redacted], then [redacted]");
    vault.clear();
    expect(vault.maskData({ said })).toEqual({ said: "sent [redacted], then [redacted]" });
  });
});
