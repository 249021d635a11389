import type { SessionWord, Verdict } from "../../machines/index.js";
import type { ConnectionError } from "../errors.js";
import { reportError } from "../errors.js";
import { meaningOf } from "../protocol.js";
import { field } from "../value.js";

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
  const meaning = meaningOf(codeOf(refusal.data));
  let own: Verdict | undefined;
  try {
    const answer = custom?.(refusal);
    if (isVerdict(answer)) own = answer;
  } catch (error) {
    reportError(error);
  }
  const known =
    own ??
    meaning?.verdict ??
    (refusal.status === 401 || EXPIRED.test(refusal.message) ? "refresh" : undefined);
  if (known === undefined) onUnknown();
  const verdict = known ?? "retry";
  if (meaning?.isAtOnce) return { verdict, retryAfter: 0 };
  const retryAfter = field(refusal.data, "retryAfter");
  // Whether it can be true is asked once, in read-report.ts, for every adapter.
  return typeof retryAfter === "number" ? { verdict, retryAfter } : { verdict };
}

/** The server's error code for a refusal, from `data.error` or else `data.code`. */
export function codeOf(data: unknown): string | undefined {
  for (const key of ["error", "code"]) {
    const code = field(data, key);
    if (typeof code === "string") return code;
  }
  return undefined;
}

/** Refusals of a namespace that say nothing about the token: known, but not allowed here. */
export function isNamespaceOnly(code: string | undefined): boolean {
  return meaningOf(code)?.scope === "namespace";
}

/** Whether a refusal of a namespace other than the primary one is about the whole link: its token, session or server. */
export function concernsLink(code: string | undefined, verdict: Verdict): boolean {
  return !isNamespaceOnly(code) && (verdict !== "retry" || meaningOf(code) !== undefined);
}

/** What a refusal says of the session, for the statechart, where it says something. */
export function sessionOf({ reason }: ConnectionError): { session?: SessionWord } {
  const session = meaningOf(reason)?.session;
  return session ? { session } : {};
}
