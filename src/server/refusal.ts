import { mask } from "../inspect/mask.js";
import type { Log } from "../logger.js";
import { isDuration, property } from "../value.js";
import { isRefusalWord, type RefusalData, TokenError } from "./token-error.js";

/** Network trouble, as Node's sockets and its `fetch` report it. */
const OUTAGE = /^(E(CONN|TIMEDOUT|NOTFOUND|AI_|PIPE|HOST|NET)|UND_ERR_|ERR_JWKS_TIMEOUT$)/;
const DEEPEST_CAUSE = 5;

/**
 * What a `verify` function threw, in a word for the client: its own, or `temporarily_unavailable` for an outage that
 * can be recognised, or `invalid_token`. The token is taken out of whatever is passed on.
 */
export function refusalOf(error: unknown, token: string, log: Log): TokenError {
  const said = tokenErrorIn(property(error, "data"), (description) => mask(description, [token]));
  if (said !== undefined) return said;
  if (isOutage(error)) return new TokenError("temporarily_unavailable");
  if (error instanceof TypeError || error instanceof ReferenceError) {
    log.warnOnce(
      `verify:${error.name}`,
      `authenticateToken: "verify" threw a ${error.name}, which counts as invalid_token. If that is a mistake in "verify" and no bad token, clients are signed out by it.`,
    );
  }
  return new TokenError("invalid_token");
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
  if (!isRefusalWord(word)) return undefined;
  return new TokenError(
    word,
    typeof description === "string" ? clean(description) : undefined,
    isDuration(retryAfter) ? { retryAfter } : {},
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
