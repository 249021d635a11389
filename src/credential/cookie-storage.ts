import { checkOptions } from "../check-options.js";
import { ConnectionError, invalidOption } from "../errors.js";
import {
  type CookieAttributes,
  cookieText,
  isCookieDomain,
  isCookieName,
  isCookiePath,
  valueIn,
} from "./cookie-text.js";
import { createPageWatch, isPollInterval } from "./page-watch.js";
import type { StorageAdapter } from "./storage-adapter.js";
import { unavailable } from "./unavailable.js";

/** Settings of {@link cookieStorage}. All but `pollInterval` matter only where this library writes the cookie. */
export interface CookieStorageOptions {
  /**
   * The path under which the cookie is sent and seen. It has to be the one that the cookie was set with, or a
   * sign-out cannot remove it.
   * @defaultValue `"/"`
   */
  path?: string | undefined;
  /**
   * The domain whose subdomains share the cookie, such as `"example.com"`. It too has to be the one that the
   * cookie was set with.
   * @defaultValue none: this host only
   */
  domain?: string | undefined;
  /**
   * Whether requests from other sites carry the cookie; `"none"` needs `secure`.
   * @defaultValue `"lax"`
   */
  sameSite?: "strict" | "lax" | "none" | undefined;
  /**
   * Whether the cookie is sent over `https:` only.
   * @defaultValue whether the page is on `https:`
   */
  secure?: boolean | undefined;
  /**
   * How long the cookie is kept after a write, in milliseconds, to the second; at least 1,000. `Infinity` is until
   * the browser is closed. Browsers keep no cookie for longer than 400 days.
   * @defaultValue `Infinity`
   */
  maxAge?: number | undefined;
  /**
   * How often the cookie is compared while the page is visible, in milliseconds. Where there is the Cookie Store
   * API it tells of most changes at once, but not of a cookie that expires. `Infinity` turns it off; the cookie is
   * still compared on focus and before each handshake and each message.
   * @defaultValue 1,000
   */
  pollInterval?: number | undefined;
}

const OPTIONS = ["path", "domain", "sameSite", "secure", "maxAge", "pollInterval"];

/**
 * Follows a token in a cookie that scripts can read, whoever writes it: the server, another tab, this library, or
 * code that assigns `document.cookie` by hand. An `HttpOnly` cookie cannot be seen, and counts as signed out.
 *
 * Nothing is touched until the connection starts. Where there is no `document`, or the browser says that it keeps
 * no cookies here, reading fails with `ERR_STORAGE_UNAVAILABLE` and is tried again; nobody is signed out for it.
 * Browsers refuse a cookie without a word; that is noticed, and rejects `login()` with `ERR_STORAGE_WRITE`.
 *
 * The value is percent-encoded where it has to be; a JWT never has to.
 *
 * @param name - The name of the cookie, as the application or its server sets it.
 * @param options - The attributes to write it with, and how often to compare.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what cannot be a cookie's name or attribute, and for an
 * unknown option.
 * @example
 * ```ts
 * import { cookieStorage, createConnection } from "socket-rotor";
 *
 * const connection = createConnection({
 *   url: "https://api.example.com",
 *   storage: cookieStorage("access_token", { domain: "example.com", sameSite: "strict" }),
 * });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-4.1
 * @see https://cookiestore.spec.whatwg.org/#CookieChangeEvent
 */
export function cookieStorage(name: string, options: CookieStorageOptions = {}): StorageAdapter {
  checkOptions("cookieStorage", options, OPTIONS);
  const { path = "/", domain, sameSite = "lax", secure, pollInterval = 1_000 } = options;
  const { maxAge = Number.POSITIVE_INFINITY } = options;
  check({ name, path, domain, sameSite, secure, maxAge, pollInterval });
  const look = (): string | null => {
    const value = valueIn(readCookies(), name);
    // Where cookies are blocked the list is empty; a browser that says so must not sign anybody out.
    if (value === null && globalThis.navigator?.cookieEnabled === false) {
      throw unavailable(
        "cookieStorage cannot use cookies: the browser keeps no cookies here (blocked by a setting, or in a frame of another site)",
      );
    }
    return value;
  };
  const attributes = (): CookieAttributes => ({
    path,
    domain,
    sameSite,
    secure: secure ?? globalThis.location?.protocol === "https:",
    maxAge,
  });
  const watch = createPageWatch({
    look,
    pollInterval,
    listen(onSignal) {
      const onChange = ({ changed, deleted }: CookieChangeEvent): void => {
        if ([...changed, ...deleted].some((cookie) => cookie.name === name)) onSignal();
      };
      // Not in every browser, and on https: and local pages only.
      const store: CookieStore | undefined = globalThis.cookieStore;
      store?.addEventListener("change", onChange);
      return () => store?.removeEventListener("change", onChange);
    },
  });

  return {
    read: look,
    write(token) {
      // Throws where there are none.
      readCookies();
      // biome-ignore lint/suspicious/noDocumentCookie: a sign-out is written before the page is left; the Cookie Store API only promises.
      document.cookie = cookieText(name, token, attributes());
      if (look() !== token) throw refused(name, token === null);
      watch.tell();
    },
    subscribe: watch.subscribe,
  };
}

/** The text of `document.cookie`. */
function readCookies(): string {
  let cookies: string | undefined;
  try {
    cookies = globalThis.document?.cookie;
  } catch (cause) {
    throw unavailable(
      "cookieStorage cannot use cookies: the browser denies access to them (sandboxed frame)",
      cause,
    );
  }
  if (typeof cookies === "string") return cookies;
  throw unavailable("cookieStorage cannot use cookies: this runtime has no document");
}

function refused(name: string, isRemoval: boolean): ConnectionError {
  return new ConnectionError(
    "ERR_STORAGE_WRITE",
    isRemoval
      ? `cookieStorage could not remove the cookie "${name}". Give the path and the domain that it was set with; an HttpOnly cookie only the server can remove.`
      : `The browser did not keep the cookie "${name}" as cookieStorage wrote it. It may be longer than 4,096 bytes, secure on a page that is not, of another domain or path than the page's, hidden by an HttpOnly cookie of the same name, or blocked by a setting of the browser.`,
  );
}

function check(given: Record<keyof CookieStorageOptions | "name", unknown>): void {
  const { name, path, domain, sameSite, secure, maxAge, pollInterval } = given;
  const expect = (holds: boolean, message: string): void => {
    if (!holds) throw invalidOption(message);
  };
  expect(
    isCookieName(name),
    'cookieStorage(name) takes the name of the cookie that holds the token, such as "access_token", without spaces, commas, semicolons or equals signs.',
  );
  expect(isCookiePath(path), 'cookieStorage takes a path that begins with a slash, such as "/".');
  expect(
    domain === undefined || isCookieDomain(domain),
    'cookieStorage takes a domain such as "example.com", without a scheme or a port.',
  );
  expect(
    sameSite === "strict" || sameSite === "lax" || sameSite === "none",
    'cookieStorage takes "strict", "lax" or "none" as its sameSite.',
  );
  expect(
    secure === undefined || typeof secure === "boolean",
    "cookieStorage takes true or false as its secure.",
  );
  expect(
    sameSite !== "none" || secure !== false,
    'cookieStorage takes sameSite: "none" only with secure, as browsers do.',
  );
  expect(
    typeof maxAge === "number" && maxAge >= 1_000,
    "cookieStorage takes at least 1,000 milliseconds as its maxAge, or Infinity for as long as the browser is open.",
  );
  expect(
    isPollInterval(pollInterval),
    "cookieStorage takes at least 50 milliseconds as its pollInterval, or Infinity for no polling.",
  );
}
