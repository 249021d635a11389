import { describe, expect, test } from "vitest";
import { createLog } from "../../src/logger.js";
import { createExpiry } from "../../src/storage/expiry.js";
import { createVault } from "../../src/storage/vault.js";
import { manualClock } from "../manual-clock.js";
import { jwt } from "../tokens.js";
import { untyped } from "../untyped.js";
import { recordingLogger } from "./desk.js";

function openVault(identify?: (token: string) => string | undefined) {
  const logger = recordingLogger();
  const expiry = createExpiry(manualClock(), undefined, () => 0);
  return { vault: createVault(identify, expiry, createLog(logger)), expiry, lines: logger.lines };
}

const alice = (n: number): string => jwt({ sub: "alice", iat: 1_000, exp: 1_000 + n });
const bob = jwt({ sub: "bob" });

describe("epochs", () => {
  test("go up with each token, and only the newest has one", () => {
    const { vault } = openVault();
    expect([vault.epoch, vault.hasToken, vault.token(0)]).toEqual([0, false, undefined]);
    expect(vault.adopt("first").epoch).toBe(1);
    expect(vault.adopt("second").epoch).toBe(2);
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

  test("what leaves the vault is numbers", () => {
    expect(openVault().vault.adopt(alice(300))).toEqual({ epoch: 1, identity: 1, lifetime: 300_000 });
  });
});

describe("identity numbers", () => {
  test("stay for another token of the same user, and go up for another user", () => {
    const { vault } = openVault();
    const numbers = [alice(1), alice(2), bob, bob, alice(3)].map((token) => vault.adopt(token).identity);
    expect(numbers).toEqual([1, 1, 2, 2, 3]);
  });

  test("stay over a sign-out of the same user", () => {
    const { vault } = openVault();
    vault.adopt(alice(1));
    vault.clear();
    expect(vault.adopt(alice(2)).identity).toBe(1);
  });

  test("go up for every other opaque token, which can belong to anybody, and warn once of identify", () => {
    const { vault, lines } = openVault();
    const numbers = ["opaque-1", "opaque-1", "opaque-2", "opaque-3"].map(
      (token) => vault.adopt(token).identity,
    );
    expect(numbers).toEqual([1, 1, 2, 3]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warn .*"identify"/);
    expect(lines[0]).not.toContain("opaque-");
  });

  test("go up for the same opaque token after a sign-out: somebody may have been here in between", () => {
    const { vault } = openVault();
    vault.adopt("opaque-1");
    vault.clear();
    expect(vault.adopt("opaque-1").identity).toBe(2);
  });

  test("go up between a known and an unknown user, both ways", () => {
    const { vault } = openVault();
    expect([alice(1), "opaque-1", alice(2)].map((token) => vault.adopt(token).identity)).toEqual([1, 2, 3]);
  });

  test("go by identify where it is given, and nothing is warned of", () => {
    const { vault, lines } = openVault((token) => token.split(":")[0]);
    expect(["a:1", "a:2", "b:1", "a:3"].map((token) => vault.adopt(token).identity)).toEqual([1, 1, 2, 3]);
    expect(lines).toEqual([]);
  });

  test("identify decides over the claims", () => {
    const { vault } = openVault(() => "one and the same");
    expect([alice(1), bob].map((token) => vault.adopt(token).identity)).toEqual([1, 1]);
  });

  test("an identify without an answer, or with one that is no name, counts as unknown", () => {
    for (const answer of [undefined, "", 42, null, {}]) {
      const { vault } = openVault(() => untyped(answer));
      expect([alice(1), alice(2)].map((token) => vault.adopt(token).identity)).toEqual([1, 2]);
    }
  });

  test("an identify that throws counts as unknown, and is warned of once, without its words", () => {
    const { vault, lines } = openVault((token) => {
      throw new Error(`cannot parse ${token}`);
    });
    expect([alice(1), alice(2)].map((token) => vault.adopt(token).identity)).toEqual([1, 2]);
    expect(lines.filter((line) => line.includes('"identify" function threw'))).toHaveLength(1);
    expect(lines.join()).not.toContain("eyJ");
  });
});

describe("a number that the server may still change", () => {
  test("is provisional where the user cannot be told", () => {
    const { vault } = openVault();
    const given = ["opaque-1", "opaque-1", alice(1), alice(2), "opaque-2"].map((token) => vault.adopt(token));
    expect(given.map(({ isProvisional }) => isProvisional)).toEqual([true, true, undefined, undefined, true]);
    expect("isProvisional" in vault.adopt(bob)).toBe(false);
  });

  test("becomes that of the user whom the server names, where it was named before", () => {
    const { vault } = openVault();
    vault.adopt("opaque-1");
    expect(vault.name(1, "alice")).toBe(1);
    expect(vault.adopt("opaque-2")).toMatchObject({ identity: 2, isProvisional: true });
    expect([vault.name(2, "alice"), vault.identity]).toEqual([1, 1]);
    vault.adopt("opaque-3");
    expect([vault.name(3, "bob"), vault.identity]).toEqual([3, 3]);
    vault.adopt("opaque-4");
    expect([vault.name(4, "alice"), vault.identity]).toEqual([4, 4]);
  });

  test("becomes that of a user who was known by a token, and named by the server", () => {
    const { vault } = openVault();
    vault.adopt(alice(1));
    vault.name(1, "alice");
    vault.adopt("opaque-1");
    expect(vault.name(2, "alice")).toBe(1);
  });

  test("stays where the token tells the user: what the token says counts", () => {
    const { vault } = openVault();
    vault.adopt(alice(1));
    vault.name(1, "one word for all");
    vault.adopt(bob);
    expect([vault.name(2, "one word for all"), vault.identity]).toEqual([2, 2]);
  });

  test("is not changed by what is said of an earlier user", () => {
    const { vault } = openVault();
    vault.adopt("opaque-1");
    vault.name(1, "alice");
    vault.adopt("opaque-2");
    expect([vault.name(1, "alice"), vault.identity]).toEqual([1, 2]);
    expect([vault.name(1, "bob"), vault.identity]).toEqual([1, 2]);
    expect(vault.name(2, "bob")).toBe(2);
  });

  test("is another one when the server says that the token is another user's, whom it has yet to name", () => {
    const { vault } = openVault();
    vault.adopt(alice(1));
    vault.name(1, "alice");
    expect([vault.nextIdentity, vault.identity]).toEqual([2, 1]);
    vault.disown(2);
    expect(vault.identity).toBe(2);
    // Another token that says the same is that user's as well.
    expect(vault.adopt(alice(2)).identity).toBe(2);
    vault.adopt("opaque-1");
    expect(vault.name(3, "alice")).toBe(3);
  });

  test("is never given out twice", () => {
    const { vault } = openVault();
    const numbers = [vault.adopt("opaque-1").identity];
    vault.name(1, "alice");
    numbers.push(vault.adopt("opaque-2").identity);
    vault.name(2, "alice");
    numbers.push(vault.adopt("opaque-3").identity, vault.nextIdentity);
    vault.disown(vault.nextIdentity);
    numbers.push(vault.adopt("opaque-4").identity);
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
  });

  test("is not warned of where the server names its users", () => {
    const { vault, lines } = openVault();
    vault.adopt("opaque-1");
    vault.name(1, "alice");
    vault.adopt("opaque-2");
    expect(lines).toEqual([]);
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
