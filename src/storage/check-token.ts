import { ConnectionError } from "../errors.js";
import { describeType } from "../value.js";

/** Refuses what is neither a string nor `null`, naming the place. The value itself is never shown. */
export function checkToken(token: unknown, where: string): string | null {
  if (token === null || typeof token === "string") return token;
  throw new ConnectionError(
    "ERR_INVALID_TOKEN",
    `${where} takes a string, or null when nobody is signed in, but got ${describeType(token)}.`,
  );
}
