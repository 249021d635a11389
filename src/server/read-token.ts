import { property } from "../value.js";
import { TokenError } from "./token-error.js";

/** Reads the token of an `auth` payload, and leaves it there. */
export function peekToken(auth: object, maxTokenLength: number): string {
  return checkToken(Reflect.get(auth, "token"), maxTokenLength);
}

/** Reads the token of a `reauthenticate` message, which is whatever the client has sent. */
export function readToken(message: unknown, maxTokenLength: number): string {
  const auth = property(message, "auth");
  if (typeof auth !== "object" || auth === null) {
    throw new TokenError("invalid_request", 'A re-authentication has the shape { auth: { token: "..." } }.');
  }
  return checkToken(property(auth, "token"), maxTokenLength);
}

function checkToken(token: unknown, maxTokenLength: number): string {
  if (token === undefined || token === null || token === "") {
    throw new TokenError("invalid_token", 'No token was sent. It is expected as "auth.token".');
  }
  if (typeof token !== "string") throw new TokenError("invalid_token", "The token must be a string.");
  if (token.length > maxTokenLength) {
    throw new TokenError("invalid_token", `The token is longer than ${maxTokenLength} characters.`);
  }
  return token;
}
