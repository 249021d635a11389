import { describe, expect, test, vi } from "vitest";
import { createOwners, hashOf, isSame, type Owner, type Owners } from "../../../src/credential/owners.js";

/** Owners, with whom each call of `onCertain` found current. */
function owners({ isCookie = false } = {}) {
  const certain: Owner[] = [];
  const all: Owners = createOwners(isCookie, () => certain.push(all.current));
  /** A version of the token; answers with whose it is. */
  const begin = (name?: string, { isSameText = false, isRenewal = false } = {}): Owner => {
    all.begin(name, isSameText, isRenewal);
    return all.ofToken;
  };
  return { all, certain, begin };
}

/** Which of them are one, as numbers in order: `[1, 2, 1]`. */
function numbers(...given: Owner[]): number[] {
  const found: Owner[] = [];
  return given.map((owner) => {
    const at = found.findIndex((each) => isSame(each, owner));
    return at === -1 ? found.push(owner) : at + 1;
  });
}

describe("G3 rule 1: a token version has one owner", () => {
  test("what precedes the first token belongs to the owner of the first, named or not", () => {
    for (const name of ["alice", undefined]) {
      const { all, begin } = owners();
      const before = all.current;
      expect([isSame(before, begin(name)), isSame(all.current, before)]).toEqual([true, true]);
    }
  });

  test("another token of a user who is named by it belongs to the same one, and one of another user does not", () => {
    const { begin } = owners();
    expect(numbers(begin("alice"), begin("alice"), begin("bob"), begin("bob"))).toEqual([1, 1, 2, 2]);
  });

  test("what came after belongs to the new one, also when the last one comes back", () => {
    const { all, begin } = owners();
    const alice = begin("alice");
    begin("bob");
    const ofBob = all.current;
    expect(numbers(alice, ofBob, begin("alice"))).toEqual([1, 2, 3]);
  });

  test("whether it is another user's is answered at once", () => {
    const { all } = owners();
    const answers = (["alice", "alice", "bob", undefined, undefined, "bob"] as const).map((name) =>
      all.begin(name, false, false),
    );
    expect(answers).toEqual([false, false, true, true, true, true]);
  });

  test("a text that stays the same stays its owner's where nobody is named; a cookie may be anybody's", () => {
    const opaque = owners();
    expect(numbers(opaque.begin(), opaque.begin(undefined, { isSameText: true }))).toEqual([1, 1]);
    const cookie = owners({ isCookie: true });
    expect(numbers(cookie.begin(), cookie.begin(undefined, { isSameText: true }))).toEqual([1, 2]);
  });

  test("a text that says who it is no more is nobody's that was known", () => {
    const { begin } = owners();
    expect(numbers(begin("alice"), begin(undefined, { isSameText: true }))).toEqual([1, 2]);
  });
});

describe("G3 rule 2: what the server says belongs to the version that the link has presented", () => {
  test("a name that comes late, of a link that is closing, is that owner's, and not the current one's", () => {
    const { all, certain, begin } = owners();
    const first = begin();
    all.name(first, "a");
    const second = begin();
    certain.length = 0;
    expect(numbers(first, all.name(first, "a"), second)).toEqual([1, 1, 2]);
    // It is not yet certain whose the second one is.
    expect([certain, hashOf(second)]).toEqual([[], undefined]);
  });

  test("a late name of an owner who had none is found again by the next one who gets it", () => {
    const { all, begin } = owners();
    // Somebody else is named in between, so that the server counts as one that names.
    all.name(begin(), "z");
    const first = begin();
    const second = begin();
    all.name(first, "a");
    expect(isSame(first, second)).toBe(false);
    all.name(second, "a");
    expect(numbers(first, second, all.current)).toEqual([1, 1, 1]);
  });

  test("a late contradiction makes another owner for that link, and leaves the current one", () => {
    const { all, certain, begin } = owners();
    const first = begin("alice");
    all.name(first, "a");
    const current = begin("bob");
    certain.length = 0;
    const link = all.name(first, "b");
    expect([isSame(link, current), isSame(all.ofToken, current), certain]).toEqual([false, true, []]);
  });
});

describe("G3 rule 3: only an owner without a name merges, into the one who has that name", () => {
  test("what waits is the same user's by the server's hash, and nothing is dropped", () => {
    const { all, certain, begin } = owners();
    const first = begin();
    all.name(first, "a");
    const second = begin();
    expect(numbers(first, second)).toEqual([1, 2]);
    expect(all.name(second, "a")).toBe(all.ofToken);
    expect(numbers(first, second, all.current, certain.at(-1) ?? {})).toEqual([1, 1, 1, 1]);
  });

  test("another hash makes them two", () => {
    const { all, begin } = owners();
    const first = begin();
    all.name(first, "a");
    const second = begin();
    all.name(second, "b");
    expect([isSame(first, second), isSame(all.current, second), hashOf(second)]).toEqual([false, true, "b"]);
  });

  test("one that has a hash is never renamed: a contradiction makes another one, whom link and token get", () => {
    const { all, begin } = owners();
    const first = begin();
    all.name(first, "a");
    const link = all.name(first, "b");
    expect([isSame(link, first), isSame(all.ofToken, link), isSame(all.current, link)]).toEqual([
      false,
      true,
      true,
    ]);
    expect([hashOf(first), hashOf(link)]).toEqual(["a", "b"]);
  });

  test("one that was contradicted is found again by its hash as long as something of it may be left", () => {
    const { all, begin } = owners();
    all.name(begin(), "a");
    const first = all.ofToken;
    begin();
    const again = all.ofToken;
    all.name(again, "a");
    expect(isSame(first, again)).toBe(true);
    all.name(again, "b");
    // What waited of it was dropped: one who is named so again is somebody new.
    expect(isSame(all.name(all.ofToken, "a"), first)).toBe(false);
  });

  test("a chain of tokens without a name merges one by one, and never through a third", () => {
    const { all, begin } = owners();
    all.name(begin(), "a");
    const alice = all.ofToken;
    const [second, third] = [begin(), begin()];
    all.name(second, "b");
    all.name(third, "a");
    expect(numbers(alice, second, third)).toEqual([1, 2, 1]);
  });
});

describe("G3 rule 4: names of the client and hashes of the server are two spaces", () => {
  test("where both are known, the client's name decides", () => {
    const { all, begin } = owners();
    const alice = begin("alice");
    all.name(alice, "one for all");
    const bob = begin("bob");
    expect(isSame(all.name(bob, "one for all"), bob)).toBe(true);
    expect(isSame(all.name(bob, "another"), bob)).toBe(true);
    expect([isSame(alice, bob), isSame(all.current, bob)]).toEqual([false, true]);
  });

  test("a name that reads like a hash is another one", () => {
    const { all, begin } = owners();
    all.name(begin(), "alice");
    const hashed = all.ofToken;
    expect(isSame(begin("alice"), hashed)).toBe(false);
  });

  test("one who is known by the token is found by the hash that the server gave, and keeps the newest", () => {
    const { all, begin } = owners();
    const alice = begin("alice");
    all.name(alice, "a");
    all.name(alice, "a2");
    const opaque = begin();
    all.name(opaque, "a2");
    expect(isSame(opaque, alice)).toBe(true);
  });
});

describe("G3 rule 5: a session that has changed by the server's word alone", () => {
  test("leaves the current owner until the server names the user: the same one goes on", () => {
    const { all, certain, begin } = owners({ isCookie: true });
    all.name(begin(), "a");
    const alice = all.current;
    certain.length = 0;
    const renewed = begin(undefined, { isSameText: true, isRenewal: true });
    expect([isSame(renewed, alice), isSame(all.current, alice), certain.length]).toEqual([false, true, 0]);
    all.name(renewed, "a");
    expect([isSame(all.current, alice), certain.length]).toEqual([true, 1]);
  });

  test("or another one is current from then on", () => {
    const { all, begin } = owners({ isCookie: true });
    all.name(begin(), "a");
    const alice = all.current;
    const renewed = begin(undefined, { isSameText: true, isRenewal: true });
    const meanwhile = all.current;
    all.name(renewed, "b");
    expect(numbers(alice, meanwhile, all.current)).toEqual([1, 1, 2]);
  });

  test("without it the current owner is the new one at once", () => {
    const { all, begin } = owners({ isCookie: true });
    all.name(begin(), "a");
    const alice = all.current;
    const next = begin();
    expect([isSame(all.current, next), isSame(alice, next)]).toEqual([true, false]);
  });

  test("identity_mismatch: the token is another user's, who is current at once and has no hash", () => {
    const { all, certain, begin } = owners();
    all.name(begin("alice"), "a");
    const alice = all.current;
    certain.length = 0;
    all.changeUser();
    expect([isSame(all.current, alice), isSame(all.current, all.ofToken), certain.length]).toEqual([
      false,
      true,
      1,
    ]);
    expect([hashOf(all.current), all.areNamed]).toEqual([undefined, false]);
    // Another token that says the same is that user's as well, and the hash of the last one is not.
    const other = all.current;
    expect(isSame(begin("alice"), other)).toBe(true);
    const opaque = begin();
    all.name(opaque, "a");
    expect(isSame(opaque, alice)).toBe(false);
  });

  test("identity_mismatch of a token that names nobody", () => {
    const { all, begin } = owners();
    const first = begin();
    all.changeUser();
    expect([isSame(all.current, first), isSame(all.ofToken, all.current)]).toEqual([false, true]);
  });
});

describe("G3 rule 6: once the current owner is certain, that is told", () => {
  test("by the token, at once, and each time", () => {
    const { certain, begin } = owners();
    const alice = begin("alice");
    const bob = begin("bob");
    expect(certain).toEqual([alice, bob]);
  });

  test("by the server, where it names users, and not before", () => {
    const { all, certain, begin } = owners();
    all.name(begin(), "a");
    certain.length = 0;
    const next = begin();
    expect(certain).toEqual([]);
    all.name(next, "b");
    expect(certain).toEqual([next]);
  });

  test("a sign-out ends what the server has said: the same hash names somebody new", () => {
    const { all, begin } = owners();
    all.name(begin(), "a");
    const first = all.ofToken;
    all.signOut();
    expect([all.areNamed, hashOf(first)]).toEqual([false, undefined]);
    const next = begin();
    all.name(next, "a");
    expect(isSame(first, next)).toBe(false);
  });

  test("a sign-out while a changed session awaits its name leaves nobody current but the token's owner", () => {
    const { all, begin } = owners({ isCookie: true });
    all.name(begin(), "a");
    const alice = all.current;
    begin(undefined, { isSameText: true, isRenewal: true });
    all.signOut();
    expect([isSame(all.current, all.ofToken), isSame(all.current, alice)]).toEqual([true, false]);
  });

  test("a name by the token outlives a sign-out", () => {
    const { all, begin } = owners();
    const alice = begin("alice");
    all.signOut();
    expect(isSame(begin("alice"), alice)).toBe(true);
  });
});

describe("G3 rule 7: where a server names nobody", () => {
  test("each token that names nobody is another owner, who is certain at once", () => {
    const { all, certain, begin } = owners();
    const first = begin();
    all.name(first, undefined);
    const second = begin();
    all.name(second, undefined);
    expect([isSame(first, second), all.areNamed, all.isKnown]).toEqual([false, false, true]);
    expect(certain.every((owner) => isSame(owner, first) || isSame(owner, second))).toBe(true);
    expect(certain.at(-1)).toBe(second);
  });

  test("no name after names is another user than any, each time by another token", () => {
    const { all, begin } = owners();
    all.name(begin(), "a");
    const named = all.ofToken;
    const nobody = begin();
    all.name(nobody, undefined);
    const nobodyElse = begin();
    all.name(nobodyElse, undefined);
    expect(numbers(named, nobody, nobodyElse)).toEqual([1, 2, 3]);
    expect([hashOf(nobody), hashOf(nobodyElse)]).toEqual([undefined, undefined]);
  });

  test("no name for one who had one is a contradiction; no name again is not", () => {
    const { all, begin } = owners();
    all.name(begin(), "a");
    const named = all.ofToken;
    const nobody = all.name(named, undefined);
    expect([isSame(named, nobody), isSame(all.name(nobody, undefined), nobody)]).toEqual([false, true]);
    // A name after none is one as well.
    expect(isSame(all.name(nobody, "a"), nobody)).toBe(false);
  });

  test("no name changes nothing of one whom the token names", () => {
    const { all, begin } = owners();
    const alice = begin("alice");
    all.name(alice, "a");
    expect(isSame(all.name(alice, undefined), alice)).toBe(true);
    expect(isSame(all.current, alice)).toBe(true);
  });
});

describe("whether the user of a handshake is known before the server names one", () => {
  test("is so by the token's name", () => {
    const { all, begin } = owners();
    all.name(begin(), "a");
    begin("alice");
    expect(all.isKnown).toBe(true);
  });

  test("is so without one where the server has named nobody, and never where the credential is a cookie", () => {
    const opaque = owners();
    opaque.begin();
    expect(opaque.all.isKnown).toBe(true);
    opaque.all.name(opaque.all.ofToken, "a");
    expect(opaque.all.isKnown).toBe(false);
    const cookie = owners({ isCookie: true });
    cookie.begin();
    expect(cookie.all.isKnown).toBe(false);
  });
});

test("who is current may change while it is told that it is certain", () => {
  const onCertain = vi.fn(() => {
    if (onCertain.mock.calls.length === 2) all.begin("carol", false, false);
  });
  const all: Owners = createOwners(false, onCertain);
  all.begin("alice", false, false);
  all.begin("bob", false, false);
  expect([onCertain.mock.calls.length, all.current.name]).toEqual([3, "carol"]);
});
