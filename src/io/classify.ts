import type { Verdict } from "../../machines/index.js";
import { reportError } from "../report-error.js";
import { field, isDuration } from "../value.js";

/** How a server refused, as far as it can be read. */
export interface Refusal {
  /** The message of the error that the server's middleware passed to `next()`, or of the transport. */
  message: string;
  /** The `data` of that error. */
  data?: unknown;
  /** The HTTP status, where the handshake failed before Socket.IO spoke; never readable on websockets. */
  status?: number;
}

/** A verdict, and where the server gave one, the time to stay away in milliseconds (0 is at once). */
export interface Classification {
  verdict: Verdict;
  retryAfter?: number;
}

/**
 * Tells what a refusal means: `"retry"` after a delay, `"refresh"` the token, or `"logout"` because this token can
 * never work. `undefined` leaves it to the default.
 */
export type Classify = (refusal: Refusal) => Verdict | undefined;

export const isVerdict = (answer: unknown): answer is Verdict =>
  answer === "retry" || answer === "refresh" || answer === "logout";

const VERDICTS: ReadonlyMap<unknown, Verdict> = new Map<unknown, Verdict>([
  ["invalid_token", "refresh"],
  ["insufficient_scope", "logout"],
  ["access_denied", "logout"],
  ["invalid_request", "logout"],
  ["session_required", "logout"],
  ["session_ended", "logout"],
  ["session_changed", "retry"],
  ["identity_mismatch", "retry"],
  ["temporarily_unavailable", "retry"],
]);

/** Whether a text is one of the error codes that both halves know. */
export const isErrorCode = (text: unknown): boolean => VERDICTS.has(text);

const EXPIRED = /\b(jwt (expired|malformed)|token (has )?expired|invalid token|unauthori[sz]ed)\b/i;

/**
 * The default reading of a refusal: the words of RFC 6750 and RFC 6749 in `data.error` or `data.code`, the HTTP
 * status 401, and the usual wordings for an expired token. Anything else is an outage, and is tried again.
 *
 * @param onUnknown - Called where that is only because nothing is known of it.
 */
export function classify(
  refusal: Refusal,
  custom: Classify | undefined,
  onUnknown: () => void = () => {},
): Classification {
  const word = refusalWord(refusal.data);
  let own: Verdict | undefined;
  try {
    const answer = custom?.(refusal);
    if (isVerdict(answer)) own = answer;
  } catch (error) {
    reportError(error);
  }
  const known =
    own ??
    VERDICTS.get(word) ??
    (refusal.status === 401 || EXPIRED.test(refusal.message) ? "refresh" : undefined);
  if (known === undefined) onUnknown();
  const verdict = known ?? "retry";
  if (word === "session_changed") return { verdict, retryAfter: 0 };
  const retryAfter = field(refusal.data, "retryAfter");
  return isDuration(retryAfter) ? { verdict, retryAfter } : { verdict };
}

/** The server's word for a refusal, from `data.error` or else `data.code`. */
export function refusalWord(data: unknown): string | undefined {
  for (const key of ["error", "code"]) {
    const word = field(data, key);
    if (typeof word === "string") return word;
  }
  return undefined;
}

/** Refusals of a namespace that say nothing about the token: known, but not allowed here. */
export function isNamespaceOnly(word: string | undefined): boolean {
  return word === "insufficient_scope" || word === "access_denied";
}

/** Whether a refusal of a namespace other than the primary one is about the whole link: its token, session or server. */
export function concernsLink(word: string | undefined, verdict: Verdict): boolean {
  return !isNamespaceOnly(word) && (verdict !== "retry" || VERDICTS.has(word));
}
