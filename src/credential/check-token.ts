import { ConnectionError } from "../errors.js";
import { describeType } from "../value.js";

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
export function refuseJson(text: string, lead: string): void {
  const start = (JSON_START.exec(text) ?? BASE64_START.exec(text))?.[1];
  if (start === undefined) return;
  const kind = /^[{e]|7b/i.test(start)
    ? "an object"
    : /^[[W]|5b/i.test(start)
      ? "an array"
      : "a quoted string";
  throw new ConnectionError(
    "ERR_INVALID_TOKEN",
    `${lead} what looks like JSON: ${kind}. It is not sent, as there may be more in it than the access token. Take the token out with JSON.parse: before login(), in refresh, or in the read() of fromSubscription or of a storage adapter of your own. See docs/storage-adapters.md#a-token-inside-json.`,
  );
}
