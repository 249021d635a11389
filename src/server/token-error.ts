import { DESCRIPTIONS, isRefusalCode, type RefusalCode } from "../error-codes.js";
import { ConnectionError, invalidOption } from "../errors.js";
import type { RefusalData } from "../protocol.js";
import { describeNumber, describeType, isDuration, property } from "../value.js";

/** The longest that a client is told to stay away, a day in milliseconds. What is longer is another unit, or a date. */
export const LONGEST_STAY = 86_400_000;

/** Whether a value is a time to stay away. */
export function isStay(value: unknown): value is number {
  return isDuration(value) && value <= LONGEST_STAY;
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

  constructor(error: RefusalCode, description?: string, options: { retryAfter?: number | undefined } = {}) {
    if (!isRefusalCode(error)) {
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

/** The error of a refusal that was made before. */
export function refused({ error, error_description, retryAfter }: RefusalData): TokenError {
  return new TokenError(error, error_description, { retryAfter });
}

/** More of a description is not sent, nor kept: it may have in it what a client, or another node, has sent. */
const LONGEST_DESCRIPTION = 1_000;

/** A refusal as another node has sent it, which may have another version of this library. */
export function refusalDataOf(value: unknown): RefusalData | undefined {
  return tokenErrorIn(value, (description) => description)?.data;
}

/** The refusal that a value holds, if its word is one of ours. */
export function tokenErrorIn(value: unknown, clean: (description: string) => string): TokenError | undefined {
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
