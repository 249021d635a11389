import { ConnectionError } from "../errors.js";

/** Refuses what is neither a string nor `null`, naming the place. The value itself is never shown. */
export function checkToken(token: unknown, where: string): string | null {
  if (token === null || typeof token === "string") return token;
  throw new ConnectionError(
    "ERR_INVALID_TOKEN",
    `${where} takes a string, or null when nobody is signed in, but got ${describeType(token)}.`,
  );
}

/** The kind of a value, for an error message that must not show the value. */
export function describeType(value: unknown): string {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value === "") return "an empty string";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
