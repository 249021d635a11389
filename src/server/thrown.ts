import { isConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import { mask } from "../redaction/mask.js";
import { describeType, isFunction, property } from "../value.js";
import { TokenError } from "./token-error.js";

/** What a class may be called. */
const CLASS = /^[A-Za-z_$][\w$]{0,63}$/;

/** Of what was thrown the class and the place alone: its name and its message may hold anything. */
export function describeThrown(
  error: unknown,
  secrets: readonly string[] = [],
): { kind: string; details: string } {
  if (!(error instanceof Error)) return { kind: describeType(error), details: "" };
  // What TokenError says of a word holds nothing secret, and the place would be in here.
  if (isConnectionError(error, "ERR_INVALID_OPTION")) {
    return { kind: "a ConnectionError", details: ` (${mask(error.message, secrets)})` };
  }
  const made = property(error, "constructor");
  const said: unknown = isFunction(made) ? Reflect.get(made, "name") : undefined;
  const name = typeof said === "string" && CLASS.test(said) ? mask(said, secrets) : "Error";
  const place = placeOf(error);
  return {
    kind: `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`,
    details: place === undefined ? "" : ` at ${mask(place, secrets)}`,
  };
}

/**
 * The refusal for whatever an admission has ended with. What is no {@link TokenError} is a mistake, of the application, of
 * the platform or of ours: it is logged once for each throw site, and the client tries again.
 */
export function toRefusal(error: unknown, log: Log): TokenError {
  if (error instanceof TokenError) return error;
  const { kind, details } = describeThrown(error);
  log.warnOnce(
    `admission:${kind}${details}`,
    `A client was told temporarily_unavailable, as admitting it threw ${kind}${details}. Nobody gets in that way: correct what is thrown there, or report it if it is in socket-rotor.`,
  );
  return new TokenError("temporarily_unavailable");
}

/** What V8 writes of a frame: `at name (place)`, or `at place`. */
const FRAME = /^\s*at (?:.* \((.+)\)|(.+))$/;
/** A file with the line and the column, which is no part of Node. What is longer is no file, but what somebody sent. */
const PLACE = /^(?!node:)(.{1,500}:\d+):\d+$/;

/**
 * Where an error was thrown, as the file and the line of the topmost frame that is no part of Node. Nothing of the
 * error's message, which may hold what must be in no log line, and may look like a frame.
 */
export function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || typeof error.stack !== "string") return undefined;
  const head = error.message === "" ? "\n" : `: ${error.message}\n`;
  const end = error.stack.indexOf(head);
  if (end < 0) return undefined;
  for (const line of error.stack.slice(end + head.length).split("\n")) {
    const frame = FRAME.exec(line);
    const place = PLACE.exec(frame?.[1] ?? frame?.[2] ?? "")?.[1];
    if (place !== undefined) return place;
  }
  return undefined;
}
