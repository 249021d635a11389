import { hashOf } from "./owners.js";
import { isOfUser, isSameSignIn, markUser, unmark } from "./session-marker.js";
import type { TokenStore } from "./token-store.js";

/** Where what is applied comes from. */
export type Origin = "login" | "told" | "found";

/** What the tabs of an origin tell each other of the user, in their marker, where only the server can name the user. */
export interface TabNews {
  /** A marker is about to be applied: by `login()`, as another tab has `told` it, or as it was found. */
  take(marker: string, origin: Origin): void;
  /** Whether a marker says no more than this tab knows, or is about to hear from the server. */
  isKnown(marker: string): boolean;
  /** The server has named the user. */
  name(): void;
  /** The server lets nobody in here: that somebody is signed in is news from now on. */
  forget(): void;
  /** The marker by which to tell the other tabs of the user, in place of what is stored; where there is need. */
  announcement(stored: string): string | undefined;
  /** The marker that takes this tab's word for the user back, so that the next sign-in is news. */
  withdrawal(stored: string): string | undefined;
  /** It was stored. */
  told(marker: string): void;
}

/**
 * A tab tells a name that it has found out by itself, where the marker has another one or none: the first one of its
 * page, the one after its own `login()`, or another one than before. What it finds because it was told, it keeps to
 * itself. So tabs that never agree come to rest, as where a cookie has several paths, or each node a random
 * `identityKey`. That nobody is signed in is written down, and is no news to anybody.
 */
export function createTabNews(tokenStore: Pick<TokenStore, "hasToken" | "owners">): TabNews {
  /** The current marker. */
  let taken: string | undefined;
  /** By which word the server last named the user. */
  let named: string | undefined;
  /** The next name is found by this tab itself. */
  let isOwn = true;
  let isNobody = false;
  let isDue = false;
  /** By which hash the server has named the user of the current marker. */
  const wordOf = (): string | undefined => hashOf(tokenStore.owners.ofToken);
  return {
    take(marker, origin) {
      const isTold = origin === "told";
      // The others may have been too early: they are told each time.
      if (origin === "login") named = undefined;
      // What it had begun by itself and was overtaken in is still to be told.
      isOwn = !isTold || (isOwn && !isNobody && wordOf() === undefined);
      isNobody = false;
      taken = marker;
    },
    isKnown(marker) {
      if (!tokenStore.hasToken || taken === undefined) return false;
      if (marker === taken) return true;
      if (!isSameSignIn(marker, taken)) return false;
      if (unmark(marker) === undefined) return true;
      if (isNobody) return false;
      // Without a name a handshake is due, or under way: what it finds is compared then.
      const word = wordOf();
      return word === undefined || isOfUser(marker, word) !== false;
    },
    name() {
      const word = wordOf();
      if (word === undefined) return;
      isDue ||= isOwn && word !== named;
      named = word;
      isOwn = true;
      isNobody = false;
    },
    forget() {
      named = undefined;
      isOwn = true;
      isNobody = true;
    },
    announcement(stored) {
      const word = wordOf();
      if (word === undefined) return undefined;
      if (isOfUser(stored, word) !== true) return isDue ? markUser(stored, word) : undefined;
      // Another tab has told it already.
      isDue = false;
      taken = stored;
      return undefined;
    },
    // What somebody else has stored meanwhile is another sign-in's, or to be tried.
    withdrawal: (stored) => (stored === taken ? unmark(stored) : undefined),
    told(marker) {
      taken = marker;
      isDue = false;
    },
  };
}
