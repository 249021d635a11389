import { ConnectionError } from "../errors.js";
import { describeType } from "../value.js";
import { refuseJson } from "./check-token.js";
import { randomMarker } from "./random-marker.js";
import type { StorageAdapter } from "./storage-adapter.js";

/**
 * What `login()` has to store: the token that it was given, or a new marker where the credential is a cookie;
 * `undefined` where it stores nothing, because the storage follows a sign-in of its own.
 *
 * @throws `ERR_INVALID_TOKEN` or `ERR_STORAGE_READ_ONLY`
 */
export function tokenOfLogin(given: unknown, adapter: StorageAdapter): string | undefined {
  const isCookie = adapter.credential === "cookie";
  if (given === undefined && !isCookie) return undefined;
  if (given !== undefined && isCookie) {
    throw new ConnectionError(
      "ERR_INVALID_TOKEN",
      "login() takes no token here: the credential is a cookie, which the server has set. Call it without one, after the HTTP call that signs in.",
    );
  }
  const token = isCookie ? randomMarker() : given;
  if (typeof token !== "string" || token === "") {
    throw new ConnectionError(
      "ERR_INVALID_TOKEN",
      `login(token) takes a token that is a string, but got ${describeType(token)}.`,
    );
  }
  refuseJson(token, "login(token) takes a token, but got");
  if (!adapter.write) {
    throw new ConnectionError(
      "ERR_STORAGE_READ_ONLY",
      "login(token) needs a storage adapter with a write method. Sign in through whatever this storage follows, and call login() without a token.",
    );
  }
  return token;
}
