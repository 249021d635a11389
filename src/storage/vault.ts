import { mask, maskData, maskError } from "../inspect/mask.js";
import type { Log } from "../logger.js";
import type { Expiry } from "./expiry.js";
import { readToken } from "./identity.js";

/** A token put in force, as the statechart may know it. */
interface Adoption {
  epoch: number;
  identity: number;
  lifetime?: number;
  isProvisional?: boolean;
}

/**
 * The one place in memory that holds a token. Everything else knows its epoch, a number that goes up with each
 * new token, and its identity, a number that goes up with each new user.
 */
export interface Vault {
  /** The epoch of the token in force; 0 before the first. It stays when the token is removed. */
  readonly epoch: number;
  /** The number of the user that the last token stood for; 0 before the first. */
  readonly identity: number;
  /** The server's word for the user in force; `undefined` until it has named that one. */
  readonly word: string | undefined;
  /** Whether there is a token. */
  readonly hasToken: boolean;
  /** The token of an epoch; `undefined` once another is in force or none is. */
  token(epoch: number): string | undefined;
  /** Whether this is the token in force. */
  holds(token: string): boolean;
  /** Whether a token is known to be of the user of the one in force. */
  isOfUser(token: string): boolean;
  /** Puts a token in force under a new epoch; `isEarlier`: it was there before, and not issued just now. */
  adopt(token: string, isEarlier?: boolean): Adoption;
  /**
   * The server names the user of a number, by a word of its own; answers with the number that this user has, or
   * `undefined` where it has named nobody and the token still tells.
   */
  name(identity: number, word: string | undefined): number | undefined;
  /** The number that the next user will have. */
  readonly nextIdentity: number;
  /** The token in force is another user's, whose number this is. */
  disown(identity: number): void;
  /** Takes the token out of force. */
  clear(): void;
  /** A text without the token, or the ones before it. */
  mask(text: string): string;
  /** A copy of an error without them, and without a token that is not in force yet. */
  maskError(cause: unknown, token?: string | null): Error;
  /** A copy of plain data without them. */
  maskData(data: unknown): unknown;
}

/** @param isCookie - The credential is a cookie, so that only the server can say whose a handshake is. */
export function createVault(
  identify: ((token: string) => string | undefined) | undefined,
  expiry: Expiry,
  log: Log,
  isCookie = false,
): Vault {
  let epoch = 0;
  let identity = 0;
  /** How many numbers for users were given out. */
  let numbers = 0;
  let current: string | undefined;
  let known: string | undefined;
  /** Who the server last said stands behind a number; no word where it has named users, and does not any more. */
  let named: { identity: number; word: string | undefined } | undefined;
  /** The last few tokens, the removed ones too, so that an error that comes late is cleared of them. */
  let recent: readonly string[] = [];

  /** Who a token stands for; a throw in the application's function counts as unknown. */
  const identityOf = (token: string, read: string | undefined): string | undefined => {
    if (isCookie) return undefined;
    if (!identify) return read;
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

  return {
    get epoch() {
      return epoch;
    },
    get identity() {
      return identity;
    },
    get word() {
      return named?.identity === identity ? named.word : undefined;
    },
    get hasToken() {
      return current !== undefined;
    },
    token: (wanted) => (wanted === epoch ? current : undefined),
    holds: (token) => token === current,
    isOfUser(token) {
      if (token === current) return true;
      const who = identityOf(token, readToken(token).identity);
      return who !== undefined && who === known;
    },
    adopt(token, isEarlier) {
      const facts = readToken(token);
      const who = identityOf(token, facts.identity);
      const isSame = who === undefined ? token === current && !isCookie : who === known;
      const isProvisional = who === undefined;
      if (!isSame) {
        // A server that names its users will say who this is.
        if (isProvisional && current !== undefined && named === undefined && !isCookie) {
          log.warnOnce(
            "unknown-identity",
            'It is not known which user the new token belongs to, so queued messages are dropped and the old link is closed first. Give the option "identify".',
          );
        }
        identity = numbers += 1;
      }
      epoch += 1;
      current = token;
      recent = [token, ...recent].slice(0, 3);
      known = who;
      expiry.begin(facts.lifetime, facts.expiresAt, isEarlier);
      return {
        epoch,
        identity,
        ...(facts.lifetime === undefined ? {} : { lifetime: facts.lifetime }),
        ...(isProvisional && { isProvisional }),
      };
    },
    name(number, word) {
      const isServersWord = known === undefined && named?.identity === identity;
      if (word === undefined && !isCookie && !isServersWord) return undefined;
      // A link that was opened for an earlier user says nothing of this one.
      if (number !== identity) return number;
      if (word === undefined && isCookie) warnOfNoName(log);
      if (known === undefined && word !== undefined && named?.word === word) {
        identity = named.identity;
        return identity;
      }
      // Where nobody here can read whose the credential is, each handshake may be another user's under the same epoch.
      if (isServersWord && named?.word !== word) identity = numbers += 1;
      named = { identity, word };
      return identity;
    },
    get nextIdentity() {
      return numbers + 1;
    },
    disown(next) {
      named = undefined;
      identity = next;
      numbers = Math.max(numbers, next);
    },
    clear() {
      current = undefined;
      expiry.begin(undefined);
    },
    mask: (text) => mask(text, recent),
    maskError: (cause, token) => maskError(cause, token ? [token, ...recent] : recent),
    maskData: (data) => maskData(data, recent),
  };
}

function warnOfNoName(log: Log): void {
  log.warnOnce(
    "unnamed-session",
    "The server does not name the user of a session, so queued messages are dropped when the session changes, and its end may go unnoticed. Use shareSession() on the server.",
  );
}
