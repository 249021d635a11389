// What can be told from a token's text: whether it is one, who it stands for, and how long it lives.
import { ConnectionError } from "../errors.js";
import { describeType } from "../value.js";
import { looksLikeJson } from "../words/messages.js";
import { claimsOf } from "./claims.js";
import { randomMarker } from "./session-marker.js";
import type { StorageAdapter } from "./storage-adapter.js";

/** Refuses what is neither a token nor `null`, naming the place. The value itself is never shown. */
export function checkToken(token: unknown, where: string): string | null {
  if (typeof token === "string") refuseJson(token, `${where} takes a token, but got`);
  if (token === null || typeof token === "string") return token;
  throw new ConnectionError(
    "ERR_INVALID_TOKEN",
    `${where} takes a string, or null when nobody is signed in, but got ${describeType(token)}.`,
  );
}

/**
 * How JSON begins: as it is, percent-encoded, or in a JSON cookie of Express, signed or not. No bearer token begins so
 * (RFC 6750, section 2.1).
 */
const JSON_START = /^\s*(?:(?:s(?::|%3a))?j(?::|%3a))?([{["]|%7b|%5b|%22)/i;
/** The same in the cookies of `@supabase/ssr`. */
const BASE64_START = /^base64-(eyJ|W3s|WyJ)/;

/**
 * Refuses JSON in place of a token: there may be a refresh token in it, which is not for the socket server.
 *
 * @param lead - The words before what was found.
 * @throws `ERR_INVALID_TOKEN`
 */
function refuseJson(text: string, lead: string): void {
  const start = (JSON_START.exec(text) ?? BASE64_START.exec(text))?.[1];
  if (start !== undefined) throw new ConnectionError("ERR_INVALID_TOKEN", looksLikeJson(lead, start));
}

/**
 * What a storage adapter has answered: a token, or `null`, which an empty string stands for as well.
 *
 * @throws `ERR_INVALID_TOKEN`
 */
export function checkAnswer(answer: unknown, isCookie: boolean): string | null {
  if (answer !== null && typeof answer !== "string")
    throw new ConnectionError(
      "ERR_INVALID_TOKEN",
      `The storage adapter's read() must answer with a string, or null when nobody is signed in, but answered with ${describeType(answer)}.`,
    );
  // A marker is never sent, and may be anything.
  if (answer !== null && !isCookie)
    refuseJson(answer, "The storage adapter's read() must answer with a token, but answered with");
  return answer || null;
}

/**
 * What `login()` has to store: the token that it was given, or a new marker where the credential is a cookie;
 * `undefined` where it stores nothing, because the storage follows a sign-in of its own.
 *
 * @throws `ERR_INVALID_TOKEN` or `ERR_STORAGE_READ_ONLY`
 */
export function tokenOfLogin(given: unknown, adapter: StorageAdapter): string | undefined {
  const isCookie = adapter.credential === "cookie";
  if (given === undefined && !isCookie) return undefined;
  if (given !== undefined && isCookie)
    throw new ConnectionError(
      "ERR_INVALID_TOKEN",
      "login() takes no token here: the credential is a cookie, which the server has set. Call it without one, after the HTTP call that signs in.",
    );
  const token = isCookie ? randomMarker() : given;
  if (typeof token !== "string" || token === "")
    throw new ConnectionError(
      "ERR_INVALID_TOKEN",
      `login(token) takes a token that is a string, but got ${describeType(token)}.`,
    );
  refuseJson(token, "login(token) takes a token, but got");
  if (!adapter.write)
    throw new ConnectionError(
      "ERR_STORAGE_READ_ONLY",
      "login(token) needs a storage adapter with a write method. Sign in through whatever this storage follows, and call login() without a token.",
    );
  return token;
}

/** What a token says of itself, unverified. */
export interface TokenClaims {
  /** The user; `undefined` where the token does not say. */
  identity: string | undefined;
  /** How long it lives from issue to expiry, in milliseconds. */
  lifetime: number | undefined;
  /** When it expires, in epoch milliseconds of the issuer's clock. */
  expiresAt: number | undefined;
}

/**
 * Reads the claims of a JWT (RFC 7519, section 4.1). The user is told by issuer, subject, actor and tenant;
 * a token without a subject, or one that is no JWT, tells nobody.
 */
export function readToken(token: string): TokenClaims {
  const { iss, sub, act, tid, org_id, exp, iat } = claimsOf(token);
  return {
    identity:
      typeof sub === "string" && sub !== "" ? JSON.stringify([iss, sub, act, tid, org_id]) : undefined,
    lifetime:
      typeof exp === "number" && typeof iat === "number" && exp > iat ? (exp - iat) * 1_000 : undefined,
    expiresAt: typeof exp === "number" ? exp * 1_000 : undefined,
  };
}
