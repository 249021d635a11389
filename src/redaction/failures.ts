import type { TokenStore } from "../credential/token-store.js";
import {
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionErrorDetails,
  isConnectionError,
} from "../errors.js";

/** The last error of each code. The statechart knows codes only, because an error object could carry a token. */
export interface Failures {
  /** Remembers an error, and answers with its code. `isOurs`: its words are the library's. */
  note(error: ConnectionError, isOurs?: boolean): ConnectionErrorCode;
  /** The error last noted under a code. */
  recall(code: string): ConnectionError;
  /** Whether an error's words are the library's: an adapter or a function of the application may say anything. */
  isOurs(error: ConnectionError): boolean;
  /** Makes an error without tokens: in its words, in its data, and in what is behind it. */
  make(code: ConnectionErrorCode, message: string, details?: ConnectionErrorDetails): ConnectionError;
  /** The same for an error of an adapter. */
  clean(error: ConnectionError): ConnectionError;
}

export function createFailures(
  timeout: number,
  { mask, maskError, maskData }: Pick<TokenStore, "mask" | "maskError" | "maskData">,
): Failures {
  const last = new Map<string, ConnectionError>();
  /** Errors that were made here, so that nothing is looked through twice, and whether the words are ours. */
  const safe = new WeakMap<ConnectionError, boolean>();
  const make: Failures["make"] = (code, message, { cause, reason, status, data } = {}) => {
    const made = new ConnectionError(code, mask(message), {
      ...(cause !== undefined && { cause: maskError(cause) }),
      reason: reason && mask(reason),
      status,
      data: maskData(data),
    });
    safe.set(made, false);
    return made;
  };
  const clean = (error: ConnectionError): ConnectionError => {
    if (safe.has(error)) return error;
    // The code goes on to the statechart: only what looks like one may.
    if (!isConnectionError(error) || !/^ERR_[A-Z_]+$/.test(error.code)) {
      return make(
        "ERR_TRANSPORT",
        "The IO adapter reported something other than a ConnectionError. Its own words are in the cause.",
        { cause: error },
      );
    }
    return make(error.code, error.message, error);
  };
  return {
    note(error, isOurs = false) {
      const noted = clean(error);
      if (isOurs) safe.set(noted, true);
      last.set(noted.code, noted);
      return noted.code;
    },
    isOurs: (error) => safe.get(error) === true,
    recall(code) {
      const known = last.get(code);
      if (known) return known;
      // The statechart knows this one by itself.
      const tooSlow = new ConnectionError(
        "ERR_CONNECT_TIMEOUT",
        `The server did not accept the connection within ${timeout} ms. Check that the path leads to a Socket.IO server; raise the "timeout" option for slow networks.`,
      );
      safe.set(tooSlow, true);
      last.set(code, tooSlow);
      return tooSlow;
    },
    make,
    clean,
  };
}
