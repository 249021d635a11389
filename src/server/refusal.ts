import { isConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import { isRefusalCode, type RefusalData } from "../protocol.js";
import { mask } from "../redaction/mask.js";
import { describeType, isFunction, property } from "../value.js";
import { placeOf } from "./place-of-error.js";
import { isStay, notAStay, TokenError } from "./token-error.js";

/** Network trouble, as Node's sockets and its `fetch` report it. */
const OUTAGE = /^(E(CONN|TIMEDOUT|NOTFOUND|AI_|PIPE|HOST|NET)|UND_ERR_|ERR_JWKS_TIMEOUT$)/;
const DEEPEST_CAUSE = 5;
/** More of a description is not sent, nor kept: it may have in it what a client, or another node, has sent. */
const LONGEST_DESCRIPTION = 1_000;
/** What a class may be called. */
const CLASS = /^[A-Za-z_$][\w$]{0,63}$/;

/**
 * What a `verify` function threw, in a word for the client: its own, or `temporarily_unavailable` for an outage that
 * can be recognised, or `invalid_token`. The token is taken out of whatever is passed on.
 */
export function refusalOf(error: unknown, token: string, log: Log): TokenError {
  const said = tokenErrorIn(property(error, "data"), (description) => mask(description, [token]));
  if (said !== undefined) {
    warnOfStay(error, log);
    return said;
  }
  if (isOutage(error)) return new TokenError("temporarily_unavailable");
  warnOfThrown(error, token, log);
  return new TokenError("invalid_token");
}

/** Warns once of a time to stay away that is none, and is not passed on: by `TokenError`, or by an error of one's own. */
function warnOfStay(error: unknown, log: Log): void {
  const given = property(property(error, "data"), "retryAfter");
  const isThrown = isConnectionError(error, "ERR_INVALID_OPTION");
  if (!isThrown && (given === undefined || isStay(given))) return;
  const what = isThrown ? error.message : notAStay('an error that "verify" threw', given);
  log.warnOnce("verify:retryAfter", `authenticateToken: the client was told no time to stay away. ${what}`);
}

/** Warns once of each kind, and each place, of what is thrown for want of a word: a bad token, or a mistake. */
function warnOfThrown(error: unknown, token: string, log: Log): void {
  const { kind, details } = describeThrown(error, [token]);
  log.warnOnce(
    `verify:threw:${kind}${details}`,
    `authenticateToken: "verify" threw ${kind}${details}, which counts as invalid_token: clients refresh, and are signed out if they are refused again. Throw new TokenError("invalid_token") for a bad token, and new TokenError("temporarily_unavailable") for what is not the token's fault.`,
  );
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

/** A refusal as another node has sent it, which may have another version of this library. */
export function refusalDataOf(value: unknown): RefusalData | undefined {
  return tokenErrorIn(value, (description) => description)?.data;
}

/** The refusal that a value holds, if its word is one of ours. */
function tokenErrorIn(value: unknown, clean: (description: string) => string): TokenError | undefined {
  const word = property(value, "error");
  const description = property(value, "error_description");
  const retryAfter = property(value, "retryAfter");
  if (!isRefusalCode(word)) return undefined;
  return new TokenError(
    word,
    typeof description === "string" ? copyOf(clean(description), LONGEST_DESCRIPTION) : undefined,
    isStay(retryAfter) ? { retryAfter } : {},
  );
}

/** The beginning of a text. A slice alone would keep the whole text in memory for as long as it lives itself. */
function copyOf(text: string, length: number): string {
  return Buffer.from(text.slice(0, length)).toString();
}

/** A time limit, an abort or a network error, here or in what caused it. */
function isOutage(error: unknown): boolean {
  let at = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && at !== undefined; depth += 1) {
    const name = property(at, "name");
    const code = property(at, "code");
    if (name === "TimeoutError" || name === "AbortError") return true;
    if (typeof code === "string" && OUTAGE.test(code)) return true;
    at = property(at, "cause");
  }
  return false;
}
