import { ConnectionError } from "../errors.js";
import { type Classify, classify, codeOf } from "./classify.js";
import type { LinkEvent } from "./io-adapter.js";

/** Socket.IO's own words for a namespace that does not exist. */
export const NO_NAMESPACE = "Invalid namespace";

/** What a refusal means, and its error, without any token in it. */
export type ReadRefusal = Omit<Extract<LinkEvent, { type: "refused" }>, "type">;

/** How refusals are read. */
export interface RefusalReader {
  classify: Classify | undefined;
  /** Takes tokens out of what the server said. */
  mask(text: string): string;
  maskData(data: unknown): unknown;
  /** Says of a refusal that nothing is known of it, once. */
  warnOfUnknown(refusal: ConnectionError): void;
}

/** @param cause - The error by which the refusal came, redacted already. */
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
  const error = new ConnectionError("ERR_REFUSED", reader.mask(message), {
    ...(cause && { cause }),
    data: reader.maskData(data),
    ...(code !== undefined && { reason: reader.mask(code) }),
  });
  // Of a namespace that does not exist Socket.IO says so, in words that have a warning of their own.
  if (!isKnown && message !== NO_NAMESPACE) reader.warnOfUnknown(error);
  return { verdict, error, ...(retryAfter !== undefined && { retryAfter }) };
}
