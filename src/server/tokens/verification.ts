import { isConnectionError } from "../../errors.js";
import type { Log } from "../../logger.js";
import { mask } from "../../redaction/mask.js";
import { property } from "../../value.js";
import type { LinkEnd } from "../link.js";
import { describeThrown } from "../thrown.js";
import { withinTime } from "../timing.js";
import { isStay, notAStay, TokenError, tokenErrorIn } from "../token-error.js";
import type { Credential, VerifiedToken } from "./credential.js";

/** Verifies a token; rejects with a {@link TokenError} and nothing else. */
export type Verifier = (token: string, ended: LinkEnd) => Promise<Credential>;

/** Before this (March 1973) a time in milliseconds is taken for one in seconds. */
const EARLIEST_TIME = 100_000_000_000;

/** The application's `verify` with a limit of time, and every answer of it made safe. */
export function createVerifier(
  verify: (token: string) => Promise<VerifiedToken>,
  verifyTimeout: number,
  log: Log,
): Verifier {
  return async (token, ended) => {
    let answer: unknown;
    try {
      answer = await withinTime(
        () => verify(token),
        verifyTimeout,
        () => new TokenError("temporarily_unavailable", "Verifying the token took too long."),
        { ended, error: () => new TokenError("temporarily_unavailable", "The connection has ended.") },
      );
    } catch (error) {
      throw refusalOf(error, token, log);
    }
    const credential = credentialOf(answer);
    if (typeof credential !== "string") return credential;
    log.warnOnce(
      `verify:${credential}`,
      `authenticateToken: the answer of "verify" is of no use: ${credential}`,
    );
    throw new TokenError("temporarily_unavailable");
  };
}

/** A credential, or what is wrong with the answer. */
function credentialOf(answer: unknown): Credential | string {
  const subject = property(answer, "subject");
  const tokenId = property(answer, "tokenId");
  const data = property(answer, "data") ?? {};
  if (typeof subject !== "string" || subject === "") {
    return '"subject" must be a string that is not empty, such as the claim "sub". Nobody is let in.';
  }
  if (tokenId !== undefined && typeof tokenId !== "string") {
    return '"tokenId" must be a string, such as the claim "jti", or be left out. Nobody is let in.';
  }
  const expiresAt = timeOf(answer, "expiresAt", "exp");
  const issuedAt = timeOf(answer, "issuedAt", "iat");
  if (typeof expiresAt === "string") return expiresAt;
  if (typeof issuedAt === "string") return issuedAt;
  if (typeof data !== "object") return '"data" must be an object, or be left out. Nobody is let in.';
  return {
    subject,
    data: Object.fromEntries(Object.entries(data)),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(issuedAt !== undefined && { issuedAt }),
    ...(tokenId !== undefined && { tokenId }),
  };
}

/** A time in epoch milliseconds, or none, or what is wrong with it. */
function timeOf(answer: unknown, name: string, claim: string): number | undefined | string {
  const time = property(answer, name) ?? Number.POSITIVE_INFINITY;
  if (time === Number.POSITIVE_INFINITY) return undefined;
  if (typeof time !== "number" || Number.isNaN(time)) {
    return `"${name}" must be a number, in epoch milliseconds, or be left out. Nobody is let in.`;
  }
  if (time < EARLIEST_TIME) {
    return `"${name}" looks like seconds; it is epoch milliseconds: the claim "${claim}" times 1,000. Nobody is let in.`;
  }
  return time;
}

/** Network trouble, as Node's sockets and its `fetch` report it. */
const OUTAGE = /^(E(CONN|TIMEDOUT|NOTFOUND|AI_|PIPE|HOST|NET)|UND_ERR_|ERR_JWKS_TIMEOUT$)/;
const DEEPEST_CAUSE = 5;

/**
 * What a `verify` function threw, in a word for the client: its own, or `temporarily_unavailable` for an outage that
 * can be recognised, or `invalid_token`. The token is taken out of whatever is passed on.
 */
function refusalOf(error: unknown, token: string, log: Log): TokenError {
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
