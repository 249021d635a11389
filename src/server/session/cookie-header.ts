import { property } from "../../value.js";
import type { ServerSocket } from "../socket-io.js";

/**
 * Takes the session's cookie out of a socket's handshake, which the adapter would send to other nodes with
 * `fetchSockets()`; all cookies, where its name is not known. The request keeps them.
 */
export function hideCookie({ handshake }: ServerSocket, name: string | undefined): void {
  const { cookie, ...headers }: { cookie?: unknown } = { ...handshake.headers };
  if (typeof cookie !== "string") return;
  const others = name === undefined ? [] : cookie.split(";").filter((part) => nameOf(part) !== name);
  const rest = others.join(";").trim();
  Reflect.set(handshake, "headers", rest === "" ? headers : { ...headers, cookie: rest });
}

function nameOf(part: string): string | undefined {
  return part.split("=", 1)[0]?.trim();
}

/** The name of the first cookie that a response sets. */
export function cookieNameOf(setCookie: unknown): string | undefined {
  const first: unknown = Array.isArray(setCookie) ? setCookie[0] : setCookie;
  return typeof first === "string" ? nameOf(first) : undefined;
}

/** A cookie as a browser would send it back. */
export function cookiePairOf(setCookie: unknown): string | undefined {
  const first: unknown = Array.isArray(setCookie) ? setCookie[0] : setCookie;
  return typeof first === "string" ? first.split(";", 1)[0] : undefined;
}

/** What a request brought under the name of the session's cookie, with the id in it where it has the form of one. */
export function idInCookie(
  header: string,
  name: string,
): { pair: string; id: string | undefined } | undefined {
  const pair = header.split(";").find((part) => nameOf(part) === name);
  if (pair === undefined) return undefined;
  const value = contentOf(pair);
  const end = value.lastIndexOf(".");
  return { pair: pair.trim(), id: isSignedForm(value) && end > 0 ? value.slice(2, end) : undefined };
}

/**
 * Whether a request brought more than one cookie of the session's name, of which this server may take another than the
 * one that HTTP has; whatever they hold. Where the name is not known, whether it brought two of one name of which one has
 * the form of a signed one.
 */
export function hasTwoCookies(header: string, name: string | undefined): boolean {
  const pairs = header.split(";").filter((part) => part.includes("="));
  const names =
    name === undefined ? pairs.filter((pair) => isSignedForm(contentOf(pair))).map(nameOf) : [name];
  return names.some((each) => pairs.filter((pair) => nameOf(pair) === each).length > 1);
}

/** Whether any cookie of a request has the form of a signed one, such as express-session's. */
export function signedCookieIn(header: string): boolean {
  return header.split(";").some((pair) => isSignedForm(contentOf(pair)));
}

function isSignedForm(value: string): boolean {
  return value.startsWith("s:") && value.includes(".");
}

function contentOf(pair: string): string {
  const value = pair.slice(pair.indexOf("=") + 1).trim();
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** What a cookie's options say, as far as they are known. */
export interface CookieFacts {
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: boolean;
  /** Whether pages of other sites send it: `sameSite: "none"`. */
  readonly isCrossSite: boolean;
  /** How long it lives, in milliseconds; nothing where it ends with the browser. */
  readonly maxAge?: number;
}

export function cookieFactsOf(session: unknown): CookieFacts | undefined {
  const cookie = property(session, "cookie");
  if (typeof cookie !== "object" || cookie === null) return undefined;
  const is = (name: string): boolean => Boolean(property(cookie, name));
  const maxAge = property(cookie, "originalMaxAge");
  return {
    secure: is("secure"),
    httpOnly: is("httpOnly"),
    sameSite: is("sameSite"),
    isCrossSite: String(property(cookie, "sameSite")).toLowerCase() === "none",
    ...(typeof maxAge === "number" && { maxAge }),
  };
}
