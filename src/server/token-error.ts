import { invalidOption } from "../errors.js";
import { DESCRIPTIONS, isRefusalCode, type RefusalCode, type RefusalData } from "../protocol.js";
import { describeType } from "../value.js";

/**
 * Refuses a token with a word that the client understands. Thrown by a `verify` function, it reaches the client as it
 * is; the description is sent along, so it must hold no token and no claim.
 *
 * @param error - `invalid_token` lets the client refresh, `insufficient_scope` and `access_denied` end the attempt,
 * `temporarily_unavailable` is for whatever is not the token's fault.
 * @param description - What happened, for developers.
 * @param options.retryAfter - How long the client has to stay away, in milliseconds; 0 is at once.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for a word that there is not.
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
    super(error_description);
    this.name = "TokenError";
    const { retryAfter } = options;
    this.data =
      retryAfter === undefined ? { error, error_description } : { error, error_description, retryAfter };
  }
}
