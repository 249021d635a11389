// What each error code of a refusal means, once. Both halves, the fakes, inspection and the tables of docs/protocol.md and
// docs/errors.md read it here.
import type { SessionWord, Verdict } from "../machines/index.js";

/** What a server says of each error code where it says nothing else. Apart from the meanings, as clients do not need it. */
export const DESCRIPTIONS = {
  invalid_token: "The token was not accepted.",
  insufficient_scope: "The token does not allow this.",
  access_denied: "Access was denied.",
  invalid_request: "The request is malformed.",
  session_required: "There is no signed-in session.",
  session_ended: "The session has ended.",
  session_changed: "The session has changed.",
  identity_mismatch: "The token belongs to someone else than this connection.",
  temporarily_unavailable: "The server cannot check this now. Try again later.",
} as const;

/**
 * The codes by which a server refuses, after RFC 6750 and RFC 6749. What a client makes of each is in
 * `docs/protocol.md`.
 */
export type RefusalCode = keyof typeof DESCRIPTIONS;

/** What an error code means to a client. */
interface Meaning {
  verdict: Verdict;
  /** What it says of the session behind the handshake. */
  session?: SessionWord;
  /** What it is about where it refuses a namespace other than the primary one, if not the whole link. */
  scope?: "namespace";
  /** As an answer to another token on the same link: whether that token takes effect by a new link. */
  needsNewLink?: boolean;
  /** As such an answer: whether the token is another user's. */
  isOtherUser?: boolean;
  /** Whether the client tries again at once, without a delay. */
  isAtOnce?: boolean;
}

/** The error codes, after RFC 6750 (section 3.1) and RFC 6749 (section 4.1.2.1) where these have one. */
export const ERROR_CODES: Readonly<Record<RefusalCode, Meaning>> = {
  invalid_token: { verdict: "refresh" },
  insufficient_scope: { verdict: "logout", scope: "namespace" },
  access_denied: { verdict: "logout", scope: "namespace" },
  invalid_request: { verdict: "logout" },
  session_required: { verdict: "logout", session: "required" },
  session_ended: { verdict: "logout", session: "ended" },
  session_changed: { verdict: "retry", session: "changed", needsNewLink: true, isAtOnce: true },
  identity_mismatch: { verdict: "retry", needsNewLink: true, isOtherUser: true },
  temporarily_unavailable: { verdict: "retry" },
};

/** Whether a value is one of these codes. */
export function isRefusalCode(value: unknown): value is RefusalCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}

/** What a code means; `undefined` where it is none of ours. */
export function meaningOf(code: unknown): Meaning | undefined {
  return isRefusalCode(code) ? ERROR_CODES[code] : undefined;
}
