import { ConnectionError } from "../errors.js";
import { type Classify, classify, codeOf } from "./classify.js";
import type { LinkEvent } from "./io-adapter.js";

/** What a refusal means, and its error, without any token in it. */
export type ReadRefusal = Omit<Extract<LinkEvent, { type: "refused" }>, "type">;

/** How refusals are read. */
export interface RefusalReader {
  classify: Classify | undefined;
  /** Takes tokens out of what the server said. */
  mask(text: string): string;
  maskData(data: unknown): unknown;
}

/** @param cause - The error by which the refusal came, redacted already. */
export function readRefusal(
  refusal: { message: string; data: unknown },
  reader: RefusalReader,
  cause?: Error,
): ReadRefusal {
  const { message, data } = refusal;
  const { verdict, retryAfter } = classify(refusal, reader.classify);
  const code = codeOf(data);
  return {
    verdict,
    error: new ConnectionError("ERR_REFUSED", reader.mask(message), {
      ...(cause && { cause }),
      data: reader.maskData(data),
      ...(code !== undefined && { reason: reader.mask(code) }),
    }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}
