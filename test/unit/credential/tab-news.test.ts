import { describe, expect, test } from "vitest";
import { createOwners } from "../../../src/credential/owners.js";
import { isOfUser, isSameSignIn, markUser } from "../../../src/credential/session-marker.js";
import { createTabNews } from "../../../src/credential/tab-news.js";

const WORD = "mJ4ZrwQ0s2pQb1cVt8Kq6v3bXyWn5uTg7hLf9dEaCoI";

describe("the user in a marker", () => {
  test("is told by the word, and by no other", () => {
    const marked = markUser("first", WORD);
    expect([isOfUser(marked, WORD), isOfUser(marked, `${WORD}x`), isOfUser(marked, "")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(isOfUser("first", WORD)).toBeUndefined();
  });

  test("stays of the sign-in that it was said of, and takes the place of one that was said before", () => {
    const marked = markUser(markUser("first", "one"), "two");
    expect([isSameSignIn(marked, "first"), isSameSignIn(marked, "second")]).toEqual([true, false]);
    expect([isOfUser(marked, "one"), isOfUser(marked, "two")]).toEqual([false, true]);
  });

  test("is short, cannot be read, and is another text each time", () => {
    const marked = [1, 2].map(() => markUser("first", WORD));
    expect(marked[0]).not.toBe(marked[1]);
    for (const each of marked) {
      expect(each.length).toBeLessThan(60);
      for (let at = 0; at + 5 <= WORD.length; at += 1) expect(each).not.toContain(WORD.slice(at, at + 5));
    }
  });

  test("has words that differ in one character apart, ten thousand of them", () => {
    const digests = Array.from({ length: 10_000 }, (_, number) => `user ${number}`);
    const marked = markUser("first", "user 1234");
    expect(digests.filter((word) => isOfUser(marked, word))).toEqual(["user 1234"]);
  });
});

describe("what a tab tells", () => {
  /** A tab whose current marker is `first`. */
  function tab() {
    const tokenStore = { hasToken: true, owners: createOwners(true, () => {}) };
    const { owners } = tokenStore;
    owners.begin(undefined, false, false);
    const news = createTabNews(tokenStore);
    /** Applies a marker, as a handshake does that begins with it. */
    const take = (marker: string, origin: Parameters<typeof news.take>[1]): void => {
      news.take(marker, origin);
      owners.begin(undefined, false, false);
    };
    /** The server names the user while this is stored; answers with what is stored by then. */
    const name = (word: string, stored: string): string => {
      owners.name(owners.ofToken, word);
      news.name();
      const marker = news.announcement(stored);
      if (marker !== undefined) news.told(marker);
      return marker ?? stored;
    };
    take("first", "found");
    return { news, tokenStore, take, name };
  }

  test("is its first name, and then each other one that it finds by itself", () => {
    const { name } = tab();
    const first = name("ada", "first");
    expect(isOfUser(first, "ada")).toBe(true);
    expect(name("ada", first)).toBe(first);
    const second = name("grace", first);
    expect(isOfUser(second, "grace")).toBe(true);
  });

  test("is nothing where that name is stored", () => {
    const { take, name } = tab();
    const stored = markUser("first", "ada");
    take(stored, "found");
    expect(name("ada", stored)).toBe(stored);
  });

  test("F31 is the name after its own login(), also where it is the same one: the others may have been too early", () => {
    const { take, name } = tab();
    name("ada", "first");
    take("another sign-in", "login");
    expect(isOfUser(name("ada", "another sign-in"), "ada")).toBe(true);
  });

  test("is taken back when the server lets nobody in, unless somebody has told more since", () => {
    const { news, name } = tab();
    const stored = name("ada", "first");
    news.forget();
    expect(news.withdrawal(markUser("first", "ada"))).toBeUndefined();
    const plain = news.withdrawal(stored);
    expect(plain).toBe("first");
    news.told("first");
    expect(news.withdrawal("first")).toBeUndefined();
  });

  test("is nothing where another tab has told the same while it was on its way", () => {
    const { name } = tab();
    const stored = markUser("first", "ada");
    expect(name("ada", stored)).toBe(stored);
    expect(name("ada", stored)).toBe(stored);
  });

  test("F9 is never what it finds because it was told", () => {
    const { take, name } = tab();
    name("ada", "first");
    const told = markUser("first", "grace");
    for (const word of ["ada", "third"]) {
      take(told, "told");
      expect(name(word, told)).toBe(told);
    }
  });

  test("is what it has found by itself, also when it was overtaken on the way", () => {
    const { take, name } = tab();
    const told = markUser("first", "ada");
    take(told, "told");
    expect(isOfUser(name("grace", told), "grace")).toBe(true);
  });

  test("is the same name again after the server has let nobody in, where it has found out by itself", () => {
    const { news, take, name } = tab();
    name("ada", "first");
    news.forget();
    news.told("first");
    expect(isOfUser(name("ada", "first"), "ada")).toBe(true);
    news.forget();
    news.told("first");
    const told = markUser("first", "ada");
    take(told, "told");
    expect(name("ada", told)).toBe(told);
  });
});

describe("what a tab knows", () => {
  function tab(word?: string) {
    const tokenStore = { hasToken: true, owners: createOwners(true, () => {}) };
    tokenStore.owners.begin(undefined, false, false);
    if (word !== undefined) tokenStore.owners.name(tokenStore.owners.ofToken, word);
    const news = createTabNews(tokenStore);
    news.take("first", "found");
    return { news, tokenStore };
  }

  test.each([
    ["its marker, with its user", "ada", markUser("first", "ada"), true],
    ["its marker, with another user", "ada", markUser("first", "grace"), false],
    [
      "its marker, with any user, while the server has named nobody",
      undefined,
      markUser("first", "ada"),
      true,
    ],
    ["its marker, without a user", "ada", "first", true],
    ["another sign-in", "ada", "second", false],
    ["another sign-in of its user", "ada", markUser("second", "ada"), false],
  ])("%s", (_, word, marker, isKnown) => {
    expect(tab(word).news.isKnown(marker)).toBe(isKnown);
  });

  test("is no user at all once the server lets nobody in: only the marker itself", () => {
    const { news } = tab("ada");
    news.forget();
    expect([news.isKnown("first"), news.isKnown(markUser("first", "ada"))]).toEqual([true, false]);
  });

  test("is nothing after a sign-out", () => {
    const { news, tokenStore } = tab("ada");
    tokenStore.hasToken = false;
    expect(news.isKnown("first")).toBe(false);
  });
});
