/** The attributes that a cookie is written with. */
export interface CookieAttributes {
  path: string;
  domain: string | undefined;
  sameSite: string;
  secure: boolean;
  /** In milliseconds; `Infinity` is until the browser is closed. */
  maxAge: number;
}

/** What may not stand in a value as it is (RFC 6265, section 4.1.1), and the sign that encodes it. */
const TO_ENCODE = /[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]|%/gu;

/** The text to assign to `document.cookie`; `null` removes. */
export function cookieText(name: string, value: string | null, attributes: CookieAttributes): string {
  const { path, domain, sameSite, secure, maxAge } = attributes;
  const parts = [`${name}=${(value ?? "").replace(TO_ENCODE, encodeURIComponent)}`, `Path=${path}`];
  if (domain !== undefined) parts.push(`Domain=${domain}`);
  if (value === null) parts.push("Max-Age=0");
  else if (maxAge !== Number.POSITIVE_INFINITY) parts.push(`Max-Age=${Math.floor(maxAge / 1_000)}`);
  parts.push(`SameSite=${sameSite}`);
  if (secure) parts.push("Secure");
  return parts.join("; ");
}

/** The first value of a name in the text of `document.cookie`, which is that of the longest path. */
export function valueIn(cookies: string, name: string): string | null {
  for (const cookie of cookies.split(";")) {
    const at = cookie.indexOf("=");
    if (at >= 0 && cookie.slice(0, at).trim() === name) return decode(cookie.slice(at + 1).trim());
  }
  return null;
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

/** Whether this can be a cookie's name (RFC 6265: a token of RFC 2616). */
export function isCookieName(name: unknown): boolean {
  return typeof name === "string" && /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}

/** Whether this can be a path attribute, and no more than one attribute. */
export function isCookiePath(path: unknown): boolean {
  return typeof path === "string" && /^\/[\x20-\x3a\x3c-\x7e]*$/.test(path);
}

/** Whether this can be a domain attribute. */
export function isCookieDomain(domain: unknown): boolean {
  return typeof domain === "string" && /^\.?[a-z\d-]+(\.[a-z\d-]+)*$/i.test(domain);
}
