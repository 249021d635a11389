import { LONGEST_DELAY, unref } from "../clock.js";
import { invalidOption } from "../errors.js";
import type { Logger } from "../logger.js";
import { parseUrl } from "../value.js";
import { checkOptions } from "../words/check-options.js";
import { openMarker } from "./session-marker.js";
import type { StorageAdapter } from "./storage-adapter.js";

/** Settings of {@link sessionCookie}. */
export interface SessionCookieOptions {
  /**
   * An address of your server that is fetched while somebody may be signed in, so that a rolling cookie is renewed: an
   * open websocket cannot set one. The answer decides nothing. @defaultValue none
   */
  keepAliveUrl?: string | URL | undefined;
  /**
   * How often, in milliseconds: well below the `maxAge` of the cookie. At least 1,000 and at most 2,147,483,647.
   * @defaultValue 300,000
   */
  keepAliveInterval?: number | undefined;
  /** Tabs with the same name follow each other: one for each application of an origin. @defaultValue `"session"` */
  name?: string | undefined;
}

/** The first marker of a browser. The same in every tab, so that no tab follows another because of it. */
const FIRST_MARKER = "first";

/**
 * Follows a session whose cookie scripts cannot read, such as that of express-session. Call `connection.login()` after
 * the HTTP call that signs in, and `connection.logout()` after the one that signs out: every tab follows. After a form
 * and a redirect call nothing: a page tries once when it begins, and other tabs follow when the server names another user.
 *
 * There is no token, but a random marker, which is no secret and is never sent. It is in `localStorage`, with a digest of
 * the user; where there is none, or access is denied, this page goes alone, and the log says so. The server's
 * `session_required` means signed out. Queued messages wait until the server has named the user, for which it needs
 * `shareSession` of `socket-rotor/server`. Cookies are sent to other origins too (`withCredentials`).
 *
 * @param options - How to keep the cookie alive, and the name.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for an address that is not http: or https:, an interval out of
 * bounds, or an empty name.
 * @example
 * ```ts
 * import { createConnection, sessionCookie } from "socket-rotor";
 *
 * const connection = createConnection({
 *   url: "https://app.example.com",
 *   storage: sessionCookie({ keepAliveUrl: "/session/keep-alive" }),
 * });
 *
 * export async function signIn(form: FormData): Promise<void> {
 *   const response = await fetch("/sign-in", { method: "POST", body: form });
 *   await response.arrayBuffer(); // to its end: by then the session is stored
 *   if (response.ok) await connection.login();
 * }
 * ```
 * @see https://github.com/expressjs/session#rolling
 */
export function sessionCookie(options: SessionCookieOptions = {}): StorageAdapter {
  checkOptions("sessionCookie", options, ["keepAliveUrl", "keepAliveInterval", "name"]);
  const { name = "session" } = options;
  if (typeof name !== "string" || name === "")
    throw invalidOption('sessionCookie takes a name such as "session".');
  const keepAlive = keepAliveOf(options);
  const marker = openMarker(name);
  let hasBegun = false;

  return {
    credential: "cookie",
    read() {
      // The first look of a page: the server may know of a sign-in that no script was told of.
      if (!hasBegun && !marker.get()) marker.set(FIRST_MARKER);
      hasBegun = true;
      return marker.get();
    },
    write(next) {
      hasBegun = true;
      marker.set(next);
      marker.tell();
    },
    subscribe(onMaybeChanged, logger: Logger = {}) {
      const stopListening = marker.listen(onMaybeChanged, logger);
      const isNeeded = (): boolean => marker.get() !== null;
      const stopKeepingAlive =
        keepAlive && startKeepAlive(keepAlive.url, keepAlive.interval, isNeeded, logger);
      return () => {
        stopListening();
        stopKeepingAlive?.();
      };
    },
  };
}

const FIVE_MINUTES = 300_000;
const LEAST = 1_000;

/** An address to fetch, and how often, in milliseconds; `undefined` where nothing is to be kept alive. */
function keepAliveOf({ keepAliveUrl, keepAliveInterval: interval = FIVE_MINUTES }: SessionCookieOptions) {
  if (typeof interval !== "number" || !(interval >= LEAST && interval <= LONGEST_DELAY))
    throw invalidOption(
      `sessionCookie takes at least ${LEAST} and at most ${LONGEST_DELAY} milliseconds as its keepAliveInterval.`,
    );
  if (keepAliveUrl === undefined) return undefined;
  const url = String(keepAliveUrl);
  // On a server that renders pages there is no address to resolve it against yet.
  const protocol = parseUrl(url, "http://localhost")?.protocol;
  if (protocol === undefined)
    throw invalidOption('sessionCookie takes an address as its keepAliveUrl, such as "/session/keep-alive".');
  if (protocol !== "http:" && protocol !== "https:")
    throw invalidOption(
      `sessionCookie takes an address that begins with https:, http: or a slash as its keepAliveUrl, not ${protocol}`,
    );
  return { url, interval };
}

/** Fetches an address again and again while `isNeeded`; returns the function that ends it. */
function startKeepAlive(url: string, interval: number, isNeeded: () => boolean, logger: Logger): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  let isUnderWay = false;
  const ask = async (): Promise<void> => {
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      if (!isNeeded()) return;
      const { status, ok } = await fetch(url, { credentials: "include", cache: "no-store", signal });
      if (!ok) logger.debug?.(`The keep-alive of the session was answered with HTTP status ${status}.`);
    } catch {
      if (!signal.aborted) logger.debug?.("The keep-alive of the session failed; it is tried again.");
    } finally {
      isUnderWay = false;
    }
  };
  const timer = setInterval(() => void ask(), interval);
  unref(timer);
  return () => {
    clearInterval(timer);
    ending.abort();
  };
}
