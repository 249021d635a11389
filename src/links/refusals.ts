// How a server refuses: parsed, cleared of tokens and classified in one place.
import type { Verdict } from "../../machines/index.js";
import { meaningOf } from "../error-codes.js";
import { type ConnectionError, reportError } from "../errors.js";
import type { Log } from "../logger.js";
import type { Failures } from "../redaction/failures.js";
import { field, isDuration } from "../value.js";
import { engineError, unknownRefusal } from "../words/messages.js";
import type { LinkEvent } from "./io-adapter.js";
import type { LinkParts } from "./links.js";

/** How a server refused, as far as it can be read. */
export interface Refusal {
  /** The message of the error that the server's middleware passed to `next()`, or of the transport. */
  message: string;
  /** The `data` of that error. */
  data?: unknown;
  /** The HTTP status, where the handshake failed before Socket.IO spoke; never readable on websockets. */
  status?: number;
}

/**
 * Tells what a refusal means: `"retry"` after a delay, `"refresh"` the token, or `"logout"` because this token can
 * never work. `undefined` leaves it to the default.
 */
export type Classify = (refusal: Refusal) => Verdict | undefined;

type Refused = Extract<LinkEvent, { type: "refused" }>;

/** What a refusal means, and its error, without any token in it. It keeps this shape until the statechart hears of it. */
export type ReadRefusal = Omit<Refused, "type">;

export interface RefusalParts extends Pick<Failures, "make"> {
  classify: Classify | undefined;
  log: Log;
}

/** Socket.IO's own words for a namespace that does not exist. */
export const NO_NAMESPACE = "Invalid namespace";

const EXPIRED = /\b(jwt (expired|malformed)|token (has )?expired|invalid token|unauthori[sz]ed)\b/i;

/** The longest time to stay away that is believed, a year in milliseconds; what is longer is no duration. */
const LONGEST_STAY = 31_536_000_000;

/** Beyond this, in milliseconds, a time to stay away is probably in a wrong unit. */
const LONG_STAY = 3_600_000;

/** So many different unknown refusals are logged: a server may put a number of its own into each. */
const LIMIT = 10;
/** How much of a server's words stands in a line, in characters. */
const LONGEST = 200;

const isVerdict = (answer: unknown): answer is Verdict =>
  answer === "retry" || answer === "refresh" || answer === "logout";

/** The server's error code for a refusal, from `data.error` or else `data.code`: the one that is known, or the first. */
export function codeOf(data: unknown): string | undefined {
  const codes = [field(data, "error"), field(data, "code")].filter((code) => typeof code === "string");
  return codes.find(meaningOf) ?? codes[0];
}

/** Refusals of a namespace that say nothing about the token: known, but not allowed here. */
export function isNamespaceOnly(code: string | undefined): boolean {
  return meaningOf(code)?.scope === "namespace";
}

/** Whether a refusal of a namespace other than the primary one is about the whole link: its token, session or server. */
export function concernsLink(code: string | undefined, verdict: Verdict): boolean {
  return !isNamespaceOnly(code) && (verdict !== "retry" || meaningOf(code) !== undefined);
}

/**
 * The default reading of a refusal: the words of RFC 6750 and RFC 6749 in `data.error` or `data.code`, the HTTP
 * status 401, and the usual wordings for an expired token. Anything else is an outage, and is tried again.
 *
 * @param onUnknown - Called where that is only because nothing is known of it.
 * @returns a verdict, and where the server gave one, the time to stay away in milliseconds (0 is at once).
 */
export function classify(
  refusal: Refusal,
  custom: Classify | undefined,
  onUnknown: () => void = () => {},
): { verdict: Verdict; retryAfter?: number } {
  const { message, data, status } = refusal;
  const meaning = meaningOf(codeOf(data));
  let verdict: Verdict | undefined;
  try {
    verdict = custom?.(refusal);
  } catch (error) {
    reportError(error);
  }
  if (!isVerdict(verdict))
    verdict = meaning?.verdict ?? (status === 401 || EXPIRED.test(message) ? "refresh" : undefined);
  if (!verdict) onUnknown();
  const retryAfter = meaning?.isAtOnce ? 0 : field(data, "retryAfter");
  // Whether it can be true is asked once, below, for every adapter.
  return { verdict: verdict ?? "retry", ...(typeof retryAfter === "number" && { retryAfter }) };
}

/** Reads what the servers of one connection refuse. */
export class Refusals {
  readonly #parts: RefusalParts;
  readonly #said = new Set<string>();

  constructor(parts: RefusalParts) {
    this.#parts = parts;
  }

  /**
   * The refusal of a namespace, a `goodbye`, or the answer no to another token.
   *
   * @param cause - The error by which it came.
   */
  read(message: string, data: unknown, cause?: Error): ReadRefusal {
    const { make, classify: custom } = this.#parts;
    const error = make("ERR_REFUSED", message, { cause, data, reason: codeOf(data) });
    const classified = classify({ message, data }, custom, () => {
      // A namespace that does not exist has a warning of its own.
      if (message !== NO_NAMESPACE) this.#warnOfUnknown(error);
    });
    return { ...classified, error };
  }

  /** The end of a handshake before Socket.IO has spoken. */
  readEngine(cause: Error): Refused | Extract<LinkEvent, { type: "failed" }> {
    const { make, classify: custom } = this.#parts;
    const description = field(cause, "description");
    // A status of 0 is that of a request without an answer; over websocket there is none.
    const status =
      typeof description === "number" && description > 0 && !cause.message.includes("websocket")
        ? description
        : undefined;
    const message = engineError(cause, status) || cause.message;
    let isKnown = true;
    const classified = classify(status === undefined ? { message } : { message, status }, custom, () => {
      isKnown = false;
    });
    if (classified.verdict === "retry") {
      const error = make("ERR_TRANSPORT", message, { cause, status });
      if (!isKnown && isRefusal(status)) this.#warnOfUnknown(error);
      return { type: "failed", error };
    }
    const error = make("ERR_REFUSED", `The server refused the handshake: ${message}`, { cause, status });
    return { type: "refused", ...classified, error };
  }

  /** Unknown refusals count as outages, and are tried again for ever: without a line nobody would know why. */
  #warnOfUnknown({ message, reason }: ConnectionError): void {
    const { log } = this.#parts;
    const said = this.#said;
    const words = [message, ...(reason === undefined ? [] : [reason])]
      .map((text) => JSON.stringify(text.slice(0, LONGEST)))
      .join(", ");
    if (said.size >= LIMIT || said.has(words)) return;
    said.add(words);
    log.warn(unknownRefusal(words, said.size === LIMIT) || `unknown-refusal: ${words}`);
  }
}

/**
 * What a refusal comes to, for the statechart. Adapters are anybody's, and pass on what a server has sent.
 *
 * @param otherwise - What it is taken for without a verdict.
 */
export function readRefusal<Otherwise extends Verdict | "replace">(
  { failures, policy, log }: Pick<LinkParts, "failures" | "policy" | "log">,
  link: number,
  version: number,
  { verdict, error, retryAfter }: { verdict: unknown; error: ConnectionError; retryAfter?: number },
  otherwise: Otherwise,
) {
  const code = failures.note(error);
  const session = meaningOf(failures.recall(code).reason)?.session;
  const isStay = isDuration(retryAfter) && retryAfter <= LONGEST_STAY;
  if (isStay && retryAfter > LONG_STAY)
    log.warnOnce(
      "retryAfter",
      `The server asks this client to stay away for ${retryAfter} ms, or ${Math.round(retryAfter / LONG_STAY)} hours. Check the unit on the server: "retryAfter" is in milliseconds. Until then connect() tries again at once.`,
    );
  return {
    link,
    version,
    verdict: policy(version, isVerdict(verdict) ? verdict : otherwise, session ?? undefined),
    code,
    ...(session && { session }),
    ...(isStay && { retryAfter }),
  };
}

/** Whether an HTTP status says that this handshake is not wanted, and not that it comes at a bad time. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}
