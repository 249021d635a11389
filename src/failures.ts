import { ConnectionError, type ConnectionErrorCode } from "./errors.js";

/**
 * The last error of each kind. The statechart knows codes only, because an error object could carry a token
 * into a snapshot; this is where a code becomes words again for the application.
 */
export interface Failures {
  /** Remembers an error, and answers with its code for the statechart. */
  note(error: ConnectionError): ConnectionErrorCode;
  /** The error last noted under a code. */
  recall(code: string): ConnectionError;
}

export function createFailures(timeout: number): Failures {
  const last = new Map<string, ConnectionError>();
  const connectTimeout = new ConnectionError(
    "ERR_CONNECT_TIMEOUT",
    `The server did not accept the connection within ${timeout} ms. Check that the path leads to a Socket.IO server; raise the "timeout" option for slow networks.`,
  );
  return {
    note(error) {
      last.set(error.code, error);
      return error.code;
    },
    recall: (code) => last.get(code) ?? connectTimeout,
  };
}
