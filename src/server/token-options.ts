import { randomBytes } from "node:crypto";
import { ConnectionError } from "../errors.js";
import { consoleLogger, type Logger } from "../logger.js";
import type { VerifiedToken } from "./credential.js";

/** How tokens are verified. Times are milliseconds. An unknown option is an error. */
export interface TokenOptions {
  /**
   * Verifies a token and says who it stands for. It is called once for a connection and a token, however many
   * namespaces are joined, and again for each re-authentication.
   *
   * To refuse, throw a {@link TokenError} with the word that fits. Anything else that is thrown counts as
   * `invalid_token`, except for time limits, aborts and network errors, which count as `temporarily_unavailable`.
   */
  verify: (token: string) => Promise<VerifiedToken>;
  /**
   * How long `verify` may take. Then the client is told `temporarily_unavailable`. From 1 to 2,147,483,647; keep it
   * below the 5,000 for which the client waits for an answer. @defaultValue 4,000
   */
  verifyTimeout?: number;
  /** The longest token that `verify` is asked about, in characters; at least 1. @defaultValue 8,192 */
  maxTokenLength?: number;
  /**
   * How many more tokens one connection may present in any minute, after its first. Beyond it the client is told
   * `temporarily_unavailable`, with the time to wait. At least 1; `Infinity` takes the limit away.
   * @defaultValue 10
   */
  maxReauthenticationsPerMinute?: number;
  /**
   * The secret under which the client is told whether it is still the same user: at least 16 characters or bytes.
   * Several nodes must share one, or a client that moves from one to the other takes itself for someone else.
   * @defaultValue random, for this process
   */
  identityKey?: string | Uint8Array;
  /** Where one line a decision goes. @defaultValue the console, without what is said of each client */
  logger?: Logger;
}

const LONGEST_TIMER = 2 ** 31 - 1;
const SHORTEST_KEY = 16;
const KEY_BYTES = 32;

/** The options that are a number: the default, the least and the most. */
const NUMBERS = {
  verifyTimeout: [4_000, 1, LONGEST_TIMER],
  maxTokenLength: [8_192, 1, Number.POSITIVE_INFINITY],
  maxReauthenticationsPerMinute: [10, 1, Number.POSITIVE_INFINITY],
} as const;

const KNOWN: readonly string[] = ["verify", "identityKey", "logger", ...Object.keys(NUMBERS)];

/**
 * Checks options and fills in defaults.
 *
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION`, naming the option and what it takes.
 */
export function resolveTokenOptions(options: TokenOptions): Required<TokenOptions> {
  if (typeof options !== "object" || options === null) {
    throw invalid("authenticateToken takes an object of options after the server.");
  }
  for (const name of Object.keys(options)) {
    if (KNOWN.includes(name)) continue;
    throw invalid(`There is no option "${name}". The options are: ${[...KNOWN].sort().join(", ")}.`);
  }
  const { verify, identityKey = randomBytes(KEY_BYTES), logger = consoleLogger } = options;
  if (typeof verify !== "function") {
    throw invalid(
      'The option "verify" takes a function: (token) => Promise<{ subject, expiresAt?, data? }>.',
    );
  }
  if (
    !(typeof identityKey === "string" || identityKey instanceof Uint8Array) ||
    identityKey.length < SHORTEST_KEY
  ) {
    throw invalid(`The option "identityKey" takes a string or a Uint8Array of at least ${SHORTEST_KEY}.`);
  }
  if (typeof logger !== "object" || logger === null) {
    throw invalid('The option "logger" takes an object, such as console, or {} for silence.');
  }
  return {
    verify,
    identityKey,
    logger,
    verifyTimeout: numberOption(options, "verifyTimeout"),
    maxTokenLength: numberOption(options, "maxTokenLength"),
    maxReauthenticationsPerMinute: numberOption(options, "maxReauthenticationsPerMinute"),
  };
}

function numberOption(options: TokenOptions, name: keyof typeof NUMBERS): number {
  const [fallback, least, most] = NUMBERS[name];
  const value: unknown = options[name] ?? fallback;
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw invalid(
    `The option "${name}" takes a number from ${least} to ${most}, but got ${typeof value === "number" ? value : `a ${typeof value}`}.`,
  );
}

function invalid(message: string): ConnectionError {
  return new ConnectionError("ERR_INVALID_OPTION", message);
}
