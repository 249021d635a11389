import type { Log } from "../../logger.js";
import { property } from "../../value.js";
import { createOriginWarnings, type HandshakeRequest } from "../handshake-request.js";
import type { ServerSocket } from "../socket-io-types.js";

/**
 * Takes the session's cookie out of a socket's handshake, which the adapter would send to other nodes with
 * `fetchSockets()`; all cookies, where its name is not known. The request keeps them.
 */
export function hideCookie({ handshake }: ServerSocket, name: string | undefined): void {
  const { cookie, ...headers }: { cookie?: unknown } = handshake.headers;
  if (typeof cookie !== "string") return;
  const others = name === undefined ? [] : cookie.split(";").filter((part) => nameOf(part) !== name);
  const rest = others.join(";").trim();
  Reflect.set(handshake, "headers", rest === "" ? headers : { ...headers, cookie: rest });
}

function nameOf(part: string): string {
  const end = part.indexOf("=");
  return (end < 0 ? part : part.slice(0, end)).trim();
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
function idInCookie(header: string, name: string): { pair: string; id: string | undefined } | undefined {
  const pair = header.split(";").find((part) => nameOf(part) === name);
  if (pair === undefined) return undefined;
  const value = contentOf(pair);
  const end = value.lastIndexOf(".");
  return { pair: pair.trim(), id: isSignedForm(value) && end > 0 ? value.slice(2, end) : undefined };
}

/**
 * Whether a request brought more than one cookie of the session's name, of which this server may take another than the
 * one that HTTP has; whatever they hold. Where the name is not known, whether it brought two of one name of which one has
 * the form of a signed one. Who brought two is refused in `sessions.ts`.
 */
export function hasTwoCookies(header: string, name: string | undefined): boolean {
  if (!header.includes(";")) return false;
  const pairs = header.split(";").filter((part) => part.includes("="));
  const names =
    name === undefined ? pairs.filter((pair) => isSignedForm(contentOf(pair))).map(nameOf) : [name];
  return names.some((each) => pairs.filter((pair) => nameOf(pair) === each).length > 1);
}

/** Whether any cookie of a request has the form of a signed one, such as express-session's. */
function signedCookieIn(header: string): boolean {
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

/** Warns of a session's cookie that HTTP has set and that is nothing here: a mistake that looks like a sign-out. */
export interface CookieCheck {
  /** A request over HTTP has come through the session middleware. */
  onHttp(request: unknown): void;
  /** The session of a handshake was looked for, and the store has answered. */
  onHandshake(request: object): void;
}

export interface CookieCheckParts {
  /** As far as it is known. */
  readonly cookieName: string | undefined;
  /** Whether a cookie's signature is one of the session middleware that was given. */
  readonly isSigned: (pair: string) => boolean;
  readonly log: Log;
}

const SAME = "Give app.use and shareSession the same one";

export function createCookieCheck({ cookieName, isSigned, log }: CookieCheckParts): CookieCheck {
  /** Whether a request over HTTP has come through, or a handshake has found its session. */
  let isProved = false;
  /** Whether either has brought its session under the name that this middleware knows. */
  let isNameProved = false;
  let hasWarned = false;
  // No name, value or id: a cookie is a password, and its name the client's word.
  const warn = (what: string): void => {
    hasWarned = true;
    log.warn(`shareSession: ${what}`);
  };

  const check = (header: string, id: unknown, name: string): void => {
    const found = idInCookie(header, name);
    if (found !== undefined && found.id === id) isProved = isNameProved = true;
    else if (found !== undefined && !isSigned(found.pair)) {
      warn(
        `a handshake brought the session's cookie with a signature that is not of this session middleware, and counts as signed out. If it is not one of another application at this host: the nodes have different secrets, or app.use has another middleware than shareSession with another secret, or the secret was changed, where the old one should stay for a while: session({ secret: [new, old] }). ${SAME}, and every node the same secret.`,
      );
    } else if (found !== undefined && !isProved) {
      warn(
        `a handshake brought the cookie of a session that the store does not have, and no request over HTTP has come through this session middleware. If it is not just one that has ended, as all in a store in memory have when the server was restarted, or of another application at this host: app.use(session) is missing, or has another middleware than shareSession, with another store. Without a store, each session() has a memory of its own. ${SAME}.`,
      );
    } else if (found === undefined && !isNameProved && signedCookieIn(header)) {
      warn(
        `a handshake brought no session's cookie, but a signed one of another name, and no request has brought one of the name yet. If that is the session's, and of this application: app.use has another middleware than shareSession, with another name. ${SAME}.`,
      );
    }
  };

  return {
    onHttp(request) {
      isProved = true;
      const header = cookiesOf(request);
      if (isNameProved || cookieName === undefined || typeof header !== "string") return;
      const found = idInCookie(header, cookieName);
      isNameProved = found !== undefined && found.id === property(request, "sessionID");
    },
    onHandshake(request) {
      const header = cookiesOf(request);
      if (hasWarned || cookieName === undefined || typeof header !== "string") return;
      const id = property(request, "sessionID");
      // Mostly it is there as it is set, and need not be looked for: an id that was made now is in no cookie.
      if (typeof id === "string" && header.includes(`=s%3A${id}.`)) isProved = isNameProved = true;
      else check(header, id, cookieName);
    },
  };
}

function cookiesOf(request: unknown): unknown {
  return property(property(request, "headers"), "cookie");
}

/** Warns of pages of another site: browsers do not send them the session's cookie, so they are refused. */
export function createCrossSiteCheck(
  { cookie, cookieName }: { readonly cookie?: CookieFacts; readonly cookieName?: string },
  log: Log,
): (request: HandshakeRequest) => void {
  const warn = createOriginWarnings(log);
  return ({ headers }) => {
    if (headers["sec-fetch-site"] !== "cross-site" || cookie === undefined || cookie.isCrossSite) return;
    if (cookieName === undefined || idInCookie(String(headers["cookie"]), cookieName) !== undefined) return;
    warn(
      headers["origin"],
      (name) =>
        `shareSession: a handshake of the page of ${name} brought no session's cookie, as browsers do not send it to another site. Put the page and the server under one domain, or change: session({ cookie: { sameSite: "none", secure: true, partitioned: true } })`,
    );
  };
}
