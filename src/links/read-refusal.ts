import type { ConnectionError } from "../errors.js";
import type { Failures } from "../failures.js";
import { type Classify, classify, codeOf } from "./classify.js";
import type { LinkEvent } from "./io-adapter.js";

/** Socket.IO's own words for a namespace that does not exist. */
export const NO_NAMESPACE = "Invalid namespace";

/** What a refusal means, and its error, without any token in it. */
export type ReadRefusal = Omit<Extract<LinkEvent, { type: "refused" }>, "type">;

/** How refusals are read. */
export interface RefusalReader extends Pick<Failures, "make"> {
  classify: Classify | undefined;
  /** Says of a refusal that nothing is known of it, once. */
  warnOfUnknown(refusal: ConnectionError): void;
}

/**
 * Reads a refusal: once, so that what it says is parsed, cleared of tokens and classified in one place.
 *
 * @param cause - The error by which it came.
 */
export function readRefusal(
  refusal: { message: string; data: unknown },
  reader: RefusalReader,
  cause?: Error,
): ReadRefusal {
  const { message, data } = refusal;
  let isKnown = true;
  const { verdict, retryAfter } = classify(refusal, reader.classify, () => {
    isKnown = false;
  });
  const code = codeOf(data);
  const error = reader.make("ERR_REFUSED", message, {
    cause,
    data,
    ...(code !== undefined && { reason: code }),
  });
  // Of a namespace that does not exist Socket.IO says so, in words that have a warning of their own.
  if (!isKnown && message !== NO_NAMESPACE) reader.warnOfUnknown(error);
  return { verdict, error, ...(retryAfter !== undefined && { retryAfter }) };
}
