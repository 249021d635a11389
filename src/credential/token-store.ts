import type { Log } from "../logger.js";
import { mask, maskData, maskError } from "../redaction/mask.js";
import type { Expiry } from "./expiry.js";
import { createOwners, nameOf, type Owner } from "./owners.js";
import { readToken } from "./token-text.js";

export type TokenStore = ReturnType<typeof createTokenStore>;

/** What becomes of messages when it is known better whose they are. */
export interface TokenStoreParts {
  /** The current owner is certain. */
  onCertain(): void;
  /** Nobody is signed in any more. */
  onCleared(): void;
  /** These owners have not signed in after all, or not any more. */
  onGone(gone: readonly Owner[], isGivenUp: boolean): void;
}

/**
 * The one place in memory that holds a token. Everything else knows its version, a number that goes up with each
 * new token, and its owner.
 *
 * @param isCookie - The credential is a cookie, so that only the server can say whose a handshake is.
 */
export function createTokenStore(
  identify: ((token: string) => string | undefined) | undefined,
  expiry: Expiry,
  log: Log,
  isCookie = false,
  { onCertain, onCleared, onGone }: TokenStoreParts = { onCertain() {}, onCleared() {}, onGone() {} },
) {
  const owners = createOwners(isCookie, onCertain);
  let version = 0;
  let current: string | undefined;
  /** How often that has changed. */
  let changes = 0;
  /** The token that somebody is signing in with. */
  let coming: string | undefined;
  /** The last few tokens, the removed ones too, so that an error that comes late is cleared of them. */
  let recent: readonly string[] = [];

  /** Who a token stands for; a throw in the application's function counts as unknown. */
  const identityOf = (token: string, { identity } = readToken(token)): string | undefined => {
    if (isCookie) return undefined;
    if (!identify) return identity;
    try {
      const answer: unknown = identify(token);
      return typeof answer === "string" && answer !== "" ? answer : undefined;
    } catch {
      log.warnOnce(
        "identify",
        'The "identify" function threw: the user behind this token counts as unknown.',
      );
      return undefined;
    }
  };

  const isLastUsers = (token: string): boolean | undefined => {
    const who = identityOf(token);
    return who === undefined ? undefined : who === nameOf(owners.ofToken);
  };
  const isOfUser = (token: string): boolean =>
    token === current || (current !== undefined && isLastUsers(token) === true);
  const endSignIn = (isGivenUp: boolean): void => {
    if (coming === undefined) return;
    coming = undefined;
    onGone(owners.arrive(), isGivenUp);
  };

  return {
    /** The version of the current token; 0 before the first. It stays when the token is removed. */
    get version() {
      return version;
    },
    /** Whose the tokens are. */
    owners,
    get hasToken() {
      return current !== undefined;
    },
    /** The token of an version; `undefined` once another is current or none is. */
    token: (wanted: number): string | undefined => (wanted === version ? current : undefined),
    /** Whether this is the current token. */
    holds: (token: string): boolean => token === current,
    /** Whether a token is known to be of the user of the current one. */
    isOfUser,
    /** Whether a token belongs to the user of the last one; `undefined` where nobody here can tell. */
    isLastUsers,
    /**
     * Makes a token the current one under a new version.
     *
     * @param isEarlier - It was there before, and not issued just now.
     * @param isRenewal - It is the same, and by the server's word its session has changed.
     * @returns What the statechart may know of it: `isOtherUser`, it is another user's than the token before, or may be;
     * `isOpaque`, only the server can say whose it is. `undefined` where `identify` has signed somebody in or out meanwhile, which is newer.
     */
    adopt(
      token: string,
      isEarlier?: boolean,
      isRenewal = false,
    ): { version: number; isOtherUser: boolean; isOpaque?: boolean } | undefined {
      const facts = readToken(token);
      const before = changes;
      const who = identityOf(token, facts);
      if (changes !== before) return undefined;
      changes += 1;
      const isSameText = token === current;
      const isOpaque = who === undefined;
      const isNamedLater = owners.areNamed || isCookie;
      const isOtherUser = owners.begin(who, isSameText, isRenewal);
      if (isOpaque && isOtherUser && current !== undefined && !isNamedLater) {
        log.warnOnce(
          "unknown-identity",
          'It is not known which user the new token belongs to, so queued messages are dropped and the old link is closed first. Give the option "identify".',
        );
      }
      version += 1;
      current = token;
      recent = [token, ...recent.filter((each) => each !== token)].slice(0, 4);
      expiry.begin(facts.lifetime, facts.expiresAt, isEarlier);
      if (token === coming) endSignIn(false);
      return { version, isOtherUser, ...(isOpaque && { isOpaque }) };
    },
    /** Somebody is signing in with this token: what is emitted from now on is that user's. */
    expect(token: string): void {
      coming = token;
      // It may be in an error before it is current.
      recent = [token, ...recent].slice(0, 4);
      owners.expect(() => isOfUser(token));
    },
    /** Whether a sign-in has neither made its token current nor been given up. */
    get isComing() {
      return coming !== undefined;
    },
    /** It has come to nothing. */
    giveUp: (): void => endSignIn(true),
    /**
     * Takes the token out of force, as nobody is signed in any more.
     *
     * @param isLogout - Nobody is about to sign in either.
     */
    clear(isLogout?: boolean): void {
      changes += 1;
      current = undefined;
      expiry.begin(undefined);
      if (isLogout) {
        coming = undefined;
        owners.arrive();
      }
      owners.signOut();
      onCleared();
    },
    /** A text without the token, or the ones before it. */
    mask: (text: string): string => mask(text, recent),
    /** A copy of an error without them, and without a token that is not current yet. */
    maskError: (cause: unknown, token?: string | null): Error =>
      maskError(cause, token ? [token, ...recent] : recent),
    /** A copy of plain data without them. */
    maskData: (data: unknown): unknown => maskData(data, recent),
  };
}
