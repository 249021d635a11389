import { ConnectionError } from "../errors.js";
import type { Complete } from "../options.js";
import { cookieNotWritten } from "../words/messages.js";
import { checkCookieStorage } from "../words/options.js";
import { checkPollInterval, createPageWatch, unavailable } from "./page-watch.js";
import { type StorageAdapter, slowStorages } from "./storage-adapter.js";
import { createStoredText, type TokenShape } from "./stored-text.js";

/** Settings of {@link cookieStorage}. All but `pollInterval` and `decode` matter only where this library writes the cookie. */
export interface CookieStorageOptions extends TokenShape {
  /** The path that the cookie was set with, or a sign-out cannot remove it. @defaultValue `"/"` */
  path?: string | undefined;
  /**
   * The domain whose subdomains share the cookie, such as `"example.com"`; also as it was set with.
   * @defaultValue none: this host only
   */
  domain?: string | undefined;
  /** Whether requests from other sites carry the cookie; `"none"` needs `secure`. @defaultValue `"lax"` */
  sameSite?: "strict" | "lax" | "none" | undefined;
  /** Whether the cookie is sent over `https:` only. @defaultValue whether the page is on `https:` */
  secure?: boolean | undefined;
  /**
   * How long the cookie is kept after a write, in milliseconds, cut to seconds; at least 1,000. `Infinity` is until the
   * browser is closed. Browsers keep no cookie for longer than 400 days. @defaultValue `Infinity`
   */
  maxAge?: number | undefined;
  /**
   * How often the cookie is compared while the page is visible, in milliseconds: the Cookie Store API, where there is
   * one, does not tell of a cookie that expires. `Infinity` turns it off; the cookie is still compared on focus and
   * before each handshake and each message. @defaultValue 1,000
   */
  pollInterval?: number | undefined;
}

/**
 * Follows a token in a cookie that scripts can read, set by the server, another tab, this library, or your own code. An
 * `HttpOnly` cookie cannot be seen, and counts as signed out.
 *
 * Nothing is touched until the connection starts. Without a `document`, or where the browser keeps no cookies, reading
 * fails with `ERR_STORAGE_UNAVAILABLE` and is tried again; nobody is signed out. A cookie that the browser does not keep
 * rejects `login()` with `ERR_STORAGE_WRITE`. Characters that a cookie cannot hold are percent-encoded. A value that is
 * cut into `name.0`, `name.1` and so on is read as one; a write makes it one cookie again, which has to fit.
 *
 * @param name - The name of the cookie, as the application or its server sets it.
 * @param options - The attributes to write it with, and how often to compare.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for a bad interval; in development, for what cannot be a cookie's
 *   name or attribute.
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
  checkCookieStorage(name, options);
  const { path = "/", domain, sameSite = "lax", secure, pollInterval = 1_000 } = options;
  const { maxAge = Number.POSITIVE_INFINITY } = options;
  checkPollInterval("cookieStorage", pollInterval);
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
  const put = (cookie: string, value: string | null): void => {
    // biome-ignore lint/suspicious/noDocumentCookie: a sign-out is written before the page is left; the Cookie Store API only promises.
    document.cookie = cookieText(cookie, value, {
      path,
      domain,
      sameSite,
      secure: secure ?? globalThis.location?.protocol === "https:",
      maxAge,
    });
  };
  const stored = createStoredText(options, look, (text) => {
    // Throws where there are none.
    const before = cookiesOf(readCookies(), name);
    put(name, text);
    // The pieces are removed once the whole is there.
    if (text === null || look() === text) for (const [piece] of before) if (piece !== name) put(piece, null);
    if (look() !== text)
      throw new ConnectionError("ERR_STORAGE_WRITE", cookieNotWritten(name, text === null));
    watch.tell();
  });
  const watch = createPageWatch({
    look: stored.read,
    pollInterval,
    listen(onSignal) {
      const onChange = ({ changed, deleted }: CookieChangeEvent): void => {
        if ([...changed, ...deleted].some((cookie) => cookie.name?.startsWith(name))) onSignal();
      };
      // Not in every browser, and on https: and local pages only.
      const store: CookieStore | undefined = globalThis.cookieStore;
      store?.addEventListener("change", onChange);
      return () => store?.removeEventListener("change", onChange);
    },
  });
  const storage: StorageAdapter = { ...stored, subscribe: watch.subscribe };
  // A browser asks another process for its cookies.
  slowStorages.add(storage);
  return storage;
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

type Attributes = Omit<CookieStorageOptions, "pollInterval" | keyof TokenShape>;

/** What may not stand in a value as it is (RFC 6265, section 4.1.1), and the sign that encodes it. */
const TO_ENCODE = /[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]|%/gu;

/** The text to assign to `document.cookie`; `null` removes. */
export function cookieText(
  name: string,
  value: string | null,
  attributes: Complete<Omit<Attributes, "domain">> & Pick<Attributes, "domain">,
): string {
  const { path, domain, sameSite, secure, maxAge } = attributes;
  const parts = [`${name}=${(value ?? "").replace(TO_ENCODE, encodeURIComponent)}`, `Path=${path}`];
  if (domain !== undefined) parts.push(`Domain=${domain}`);
  if (value === null) parts.push("Max-Age=0");
  else if (maxAge !== Number.POSITIVE_INFINITY) parts.push(`Max-Age=${Math.floor(maxAge / 1_000)}`);
  parts.push(`SameSite=${sameSite}`);
  if (secure) parts.push("Secure");
  return parts.join("; ");
}

/** The cookies that hold a value: the one of that name, and `name.0`, `name.1` and so on, as of Supabase and Auth.js. */
function cookiesOf(cookies: string, name: string): readonly [name: string, value: string][] {
  const values = new Map<string, string>();
  for (const cookie of cookies.split(";")) {
    const [key = "", ...value] = cookie.split("=");
    // The first of several is that of the longest path.
    if (value.length > 0 && !values.has(key.trim())) values.set(key.trim(), value.join("=").trim());
  }
  const found: [string, string][] = [];
  const take = (key: string): boolean => {
    const value = values.get(key);
    if (value !== undefined) found.push([key, value]);
    return value !== undefined;
  };
  take(name);
  for (let piece = 0; take(`${name}.${piece}`); piece += 1);
  return found;
}

/** The value of a name in the text of `document.cookie`. A whole one counts before pieces. */
export function valueIn(cookies: string, name: string): string | null {
  const found = cookiesOf(cookies, name);
  if (found.length === 0) return null;
  const isWhole = found[0]?.[0] === name;
  return decode((isWhole ? found.slice(0, 1) : found).map(([, value]) => value).join(""));
}

function decode(value: string): string {
  const bare = /^"(.*)"$/.exec(value)?.[1] ?? value;
  try {
    return decodeURIComponent(bare);
  } catch {
    // Somebody else's percent signs.
    return bare;
  }
}
