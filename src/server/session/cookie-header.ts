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

/** What a cookie's options say, as far as they are known. */
export interface CookieFacts {
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: boolean;
}

export function cookieFactsOf(session: unknown): CookieFacts | undefined {
  const cookie = property(session, "cookie");
  if (typeof cookie !== "object" || cookie === null) return undefined;
  const is = (name: string): boolean => Boolean(property(cookie, name));
  return { secure: is("secure"), httpOnly: is("httpOnly"), sameSite: is("sameSite") };
}
