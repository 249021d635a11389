import { LONGEST_DELAY } from "../../clock.js";
import { invalidOption } from "../../errors.js";
import type { Logger } from "../../logger.js";
import type { Complete } from "../../options.js";
import { isFunction, property } from "../../value.js";
import { checkOptions } from "../../words/check-options.js";
import { identityKeyOption } from "../identity-key.js";
import { loggerOption, numberOption } from "../option.js";
import type { VerifiedToken } from "./credential.js";
import type { RevocationStore } from "./revocation-store.js";

/** How tokens are verified. Times are milliseconds. An unknown option is an error. */
export interface TokenOptions {
  /**
   * Verifies a token and says who it stands for. It is called once for a connection and a token, however many
   * namespaces are joined, and again for each re-authentication.
   *
   * To refuse, throw a {@link TokenError} with the word that fits. Anything else that is thrown counts as
   * `invalid_token` and is logged once, except for time limits, aborts and network errors, which count as
   * `temporarily_unavailable`.
   *
   * @see {@link joseVerifier} for JWTs.
   */
  verify: (token: string) => Promise<VerifiedToken>;
  /**
   * How long a connection may go on after its token has expired, for clocks that differ and for a re-authentication
   * that is under way. From 0 to 2,147,483,647. @defaultValue 0
   */
  grace?: number | undefined;
  /**
   * How long {@link revoke} is remembered: at least as long as a token can live. From 1; `Infinity` is until the
   * process ends, and for ever in the store of `revocations`. @defaultValue 86,400,000, a day
   */
  rememberFor?: number | undefined;
  /**
   * Where revocations are kept for nodes that start later, the same on all nodes: {@link redisRevocations} or one of
   * your own. It is read at the start, and for each connection once its token was verified. While it does not answer,
   * nobody gets in, and nobody is signed out: clients are told `temporarily_unavailable`.
   * @defaultValue only the nodes that run know what was revoked
   */
  revocations?: RevocationStore | undefined;
  /**
   * How long the store of `revocations` may take to answer. From 1 to 2,147,483,647; together with `verifyTimeout`
   * keep it below the 5,000 for which the client waits for an answer. @defaultValue 900
   */
  revocationsTimeout?: number | undefined;
  /**
   * How long `verify` may take. Then the client is told `temporarily_unavailable`. From 1 to 2,147,483,647; keep it
   * below the 5,000 for which the client waits for an answer. @defaultValue 4,000
   */
  verifyTimeout?: number | undefined;
  /** The longest token that `verify` is asked about, in characters; at least 1. @defaultValue 8,192 */
  maxTokenLength?: number | undefined;
  /**
   * How many more tokens one connection may present in any minute, after its first. Beyond it the client is told
   * `temporarily_unavailable`, with the time to wait. At least 1; `Infinity` takes the limit away.
   * @defaultValue 10
   */
  maxReauthenticationsPerMinute?: number | undefined;
  /**
   * The secret under which the client is told whether it is still the same user: at least 16 characters or bytes.
   * Several nodes must share one, and it has to outlive a restart where tokens are no JWTs with a `sub`: or a client takes
   * itself for someone else, and drops what it has queued. Take it from the configuration.
   * @defaultValue random, for this process
   */
  identityKey?: string | Uint8Array | undefined;
  /** Where one line a decision goes. @defaultValue the console, without what is said of each client */
  logger?: Logger | undefined;
}

/** The options that are a number: the default, the least and the most. */
const NUMBERS = {
  grace: [0, 0, LONGEST_DELAY],
  rememberFor: [86_400_000, 1, Number.POSITIVE_INFINITY],
  revocationsTimeout: [900, 1, LONGEST_DELAY],
  verifyTimeout: [4_000, 1, LONGEST_DELAY],
  maxTokenLength: [8_192, 1, Number.POSITIVE_INFINITY],
  maxReauthenticationsPerMinute: [10, 1, Number.POSITIVE_INFINITY],
} as const;

export type ResolvedTokenOptions = Complete<Omit<TokenOptions, "identityKey" | "revocations">> & {
  identityKey: string | Uint8Array | undefined;
  revocations: RevocationStore | undefined;
};

const KNOWN: readonly string[] = ["verify", "revocations", "identityKey", "logger", ...Object.keys(NUMBERS)];

/**
 * Checks options and fills in defaults.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes.
 */
export function resolveTokenOptions(options: TokenOptions): ResolvedTokenOptions {
  checkOptions("authenticateToken", options, KNOWN);
  const { verify } = options;
  if (typeof verify !== "function") {
    throw invalidOption(
      'The option "verify" takes a function: (token) => Promise<{ subject, expiresAt?, issuedAt?, tokenId?, data? }>.',
    );
  }
  const { revocations } = options;
  if (
    revocations !== undefined &&
    !["add", "list"].every((name) => isFunction(property(revocations, name)))
  ) {
    throw invalidOption(
      'The option "revocations" takes a store with the methods add(id, until) and list(), such as redisRevocations(client).',
    );
  }
  const number = (name: keyof typeof NUMBERS): number => numberOption(name, options[name], NUMBERS[name]);
  return {
    verify,
    revocations,
    identityKey: identityKeyOption(options.identityKey),
    logger: loggerOption(options.logger),
    grace: number("grace"),
    rememberFor: number("rememberFor"),
    revocationsTimeout: number("revocationsTimeout"),
    verifyTimeout: number("verifyTimeout"),
    maxTokenLength: number("maxTokenLength"),
    maxReauthenticationsPerMinute: number("maxReauthenticationsPerMinute"),
  };
}
