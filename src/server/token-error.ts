import { ConnectionError, invalidOption } from "../errors.js";
import { describeNumber, describeType, isDuration } from "../value.js";

/**
 * The words by which a server refuses, after RFC 6750 and RFC 6749. What a client makes of each is in
 * `docs/protocol.md`.
 */
export type RefusalWord =
  | "invalid_token"
  | "insufficient_scope"
  | "access_denied"
  | "invalid_request"
  | "session_required"
  | "session_ended"
  | "session_changed"
  | "identity_mismatch"
  | "temporarily_unavailable";

/** What a refused client reads as `error.data` of its `connect_error`, and in answers and goodbyes. */
export interface RefusalData {
  error: RefusalWord;
  /** For developers, not for users. Holds no token and no claim. */
  error_description?: string;
  /** How long to stay away, in milliseconds. 0 is at once. */
  retryAfter?: number;
}

const DESCRIPTIONS: Readonly<Record<RefusalWord, string>> = {
  invalid_token: "The token was not accepted.",
  insufficient_scope: "The token does not allow this.",
  access_denied: "Access was denied.",
  invalid_request: "The request is malformed.",
  session_required: "There is no signed-in session.",
  session_ended: "The session has ended.",
  session_changed: "The session has changed.",
  identity_mismatch: "The token belongs to someone else than this connection.",
  temporarily_unavailable: "The server cannot check this now. Try again later.",
};

/** The longest that a client is told to stay away, a day in milliseconds. What is longer is another unit, or a date. */
export const LONGEST_STAY = 86_400_000;

/** Whether a value is a time to stay away. */
export function isStay(value: unknown): value is number {
  return isDuration(value) && value <= LONGEST_STAY;
}

/** Whether a value is a word that clients know. */
export function isRefusalWord(value: unknown): value is RefusalWord {
  return typeof value === "string" && Object.hasOwn(DESCRIPTIONS, value);
}

/**
 * Refuses a token with a word that the client understands. Thrown by a `verify` function, it reaches the client as it
 * is; the description is sent along, so it must hold no token and no claim.
 *
 * @param error - `invalid_token` lets the client refresh, `insufficient_scope` and `access_denied` end the attempt,
 * `temporarily_unavailable` is for whatever is not the token's fault.
 * @param description - What happened, for developers. Of what `verify` throws at most 1,000 characters are sent.
 * @param options.retryAfter - How long the client has to stay away, in milliseconds, from 0, which is at once, to
 * 86,400,000, a day.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for a word that there is not, and for a `retryAfter` that is none.
 * Thrown out of `verify`, the second says the same word to the client, without the time.
 * @example
 * ```ts
 * import { TokenError } from "socket-rotor/server";
 *
 * throw new TokenError("temporarily_unavailable", "The user store is down.", { retryAfter: 5_000 });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export class TokenError extends Error {
  declare readonly name: "TokenError";
  readonly data: RefusalData;

  constructor(error: RefusalWord, description?: string, options: { retryAfter?: number | undefined } = {}) {
    if (!isRefusalWord(error)) {
      const given = typeof error === "string" ? "another string" : describeType(error);
      throw invalidOption(
        `TokenError takes one of the words that clients know, but got ${given}. They are: ${Object.keys(DESCRIPTIONS).join(", ")}.`,
      );
    }
    const error_description = description ?? DESCRIPTIONS[error];
    const { retryAfter } = options;
    if (retryAfter !== undefined && !isStay(retryAfter)) {
      // With the word, for which it is thrown in vain otherwise: an outage must sign nobody out.
      throw new ConnectionError("ERR_INVALID_OPTION", notAStay("TokenError", retryAfter), {
        data: { error, error_description },
      });
    }
    super(error_description);
    this.name = "TokenError";
    this.data =
      retryAfter === undefined ? { error, error_description } : { error, error_description, retryAfter };
  }
}

/** What is wrong with a time to stay away, and what to do. */
export function notAStay(where: string, given: unknown): string {
  return `${where}: "retryAfter" is how long a client has to stay away, in milliseconds, a number from 0 to ${LONGEST_STAY}, which is a day; it was ${describeNumber(given)}. Of a date take the difference to now; seconds times 1,000.`;
}
