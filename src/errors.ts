/** The codes, with what each means. `docs/errors.md` says what to do about it. */
export const ERROR_CODES = [
  "ERR_INVALID_OPTION", // an option is unknown, missing or wrong, or a member that the socket has not was assigned.
  "ERR_INVALID_TOKEN", // what is no string or `null`, or looks like JSON, was given where a token belongs.
  "ERR_INVALID_NAMESPACE", // `of()` was given something that is no namespace.
  "ERR_RESERVED_EVENT", // the event name belongs to Socket.IO or to this library.
  "ERR_AUTH_ASSIGNED", // code assigned `socket.auth`; tokens come from the storage or from `login()`.
  "ERR_DISPOSED", // the connection was disposed of.
  "ERR_LOGGED_OUT", // nobody is signed in, so that nothing can be sent.
  "ERR_IDENTITY_CHANGED", // the message was queued by one user, and perhaps another is signed in now.
  "ERR_BUFFER_FULL", // `bufferLimit` messages are queued already.
  "ERR_LINK_CLOSED", // the message was sent, but its link closed before the acknowledgement came.
  "ERR_ACK_TIMEOUT", // no acknowledgement came in time.
  "ERR_STORAGE_READ", // the storage adapter threw while reading, or answers with another token each time.
  "ERR_STORAGE_TIMEOUT", // the storage adapter did not answer within `readTimeout`.
  "ERR_STORAGE_WRITE", // the storage adapter could not write.
  "ERR_STORAGE_READ_ONLY", // the storage adapter cannot write at all.
  "ERR_STORAGE_UNAVAILABLE", // there is no Web Storage or no cookie here, or access to it is denied.
  "ERR_NO_REFRESH", // `refresh()` was called, and no `refresh` option was given.
  "ERR_NOT_REFRESHED", // `refresh()` was called in a state that does not refresh.
  "ERR_REFRESH_FAILED", // `refresh` threw or answered with the same token, or the storage changed meanwhile.
  "ERR_REFRESH_TIMEOUT", // the `refresh` function did not answer within `refreshTimeout`.
  "ERR_CREDENTIAL", // the `auth` or `extraHeaders` function threw.
  "ERR_CONNECT_TIMEOUT", // the server did not accept the connection within `timeout`.
  "ERR_TRANSPORT", // the server could not be reached.
  "ERR_REFUSED", // the server refused the connection.
  "ERR_DISCONNECTED", // the connection ended without having been asked to.
  "ERR_SERVER_SETUP", // on the server, something was set up twice, in the wrong order, or is taken.
  "ERR_SESSION_READ_ONLY", // on the server, the session of a socket's request was to be saved.
] as const;

/**
 * Every way in which this library reports trouble. A code keeps its meaning between versions, while the words of a
 * message may change. What each means, and what to do about it, is in `docs/errors.md`.
 */
export type ConnectionErrorCode = (typeof ERROR_CODES)[number];

/** What a {@link ConnectionError} may carry beside its code and its message. */
export interface ConnectionErrorDetails {
  /** The error behind this one, with every token taken out of its words. */
  cause?: unknown;
  /** The server's `error` word, such as `invalid_token` (RFC 6750) or `temporarily_unavailable` (RFC 6749). */
  reason?: string | undefined;
  /** The HTTP status of a refused handshake, where the transport lets it be read. */
  status?: number | undefined;
  /** What the server sent along with its refusal (`error.data` in Socket.IO), with every token taken out. */
  data?: unknown;
}

/**
 * The one error class of this library: what happened, in which part, and what to do next.
 *
 * @example
 * ```ts
 * import { createConnection, isConnectionError, webStorage } from "socket-rotor";
 *
 * const connection = createConnection({ url: "https://api.example.com", storage: webStorage("accessToken") });
 * try {
 *   await connection.socket.emitWithAck("save", { title: "Draft" });
 * } catch (error) {
 *   if (isConnectionError(error, "ERR_IDENTITY_CHANGED")) console.warn("Another user is signed in now.");
 *   else throw error;
 * }
 * ```
 */
export class ConnectionError extends Error {
  declare readonly name: "ConnectionError";
  /** The stable code to compare with. */
  readonly code: ConnectionErrorCode;
  /** The server's `error` word, where it sent one. */
  declare readonly reason?: string;
  /** The HTTP status of a refused handshake, where the transport lets it be read. */
  declare readonly status?: number;
  /** What the server sent along with its refusal, as in Socket.IO's `connect_error`. */
  declare readonly data?: unknown;

  constructor(code: ConnectionErrorCode, message: string, details: ConnectionErrorDetails = {}) {
    // The build for a browser in production leaves our own words out. Of the details `Error` takes the cause.
    super(message || `${code}: see docs/errors.md of socket-rotor`, details);
    // No field with an initialiser: what makes CommonJS of it would take the class its name for that.
    this.name = "ConnectionError";
    this.code = code;
    for (const name of ["reason", "status", "data"] as const)
      if (details[name] !== undefined) Object.assign(this, { [name]: details[name] });
  }
}

/**
 * Tells whether something thrown comes from this library and, where a code is given, whether it has that code, which is
 * its type then.
 *
 * It compares by name and code, not by class, so that it holds across two copies of the package.
 *
 * @param error - Anything.
 * @param code - The code to look for; left out, any of ours will do.
 * @example
 * ```ts
 * import { isConnectionError } from "socket-rotor";
 *
 * const isOver = (error: unknown): boolean => isConnectionError(error, "ERR_LOGGED_OUT");
 * ```
 */
export function isConnectionError<Code extends ConnectionErrorCode = ConnectionErrorCode>(
  error: unknown,
  code?: Code,
): error is ConnectionError & { readonly code: Code } {
  return (
    error instanceof Error &&
    error.name === "ConnectionError" &&
    "code" in error &&
    // Others have classes of that name, with codes such as ELOGIN.
    String(error.code).startsWith("ERR_") &&
    (code === undefined || error.code === code)
  );
}

/** The error for every call on a connection that was disposed of. */
export function disposed(): ConnectionError {
  return new ConnectionError(
    "ERR_DISPOSED",
    "The connection was disposed of, or its actor was stopped. Make a new one with createConnection(), or another actor of connectionLogic.",
  );
}

/** The error for an option that is unknown, missing, of the wrong type or out of its bounds. */
export function invalidOption(message: string): ConnectionError {
  return new ConnectionError("ERR_INVALID_OPTION", message);
}

/** Why a signal was aborted; React Native and older browsers have no `reason`. */
export function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? Object.assign(new Error("It was given up."), { name: "AbortError" });
}

/** As `signal.throwIfAborted()`, which is not in every runtime either. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw reasonOf(signal);
}

/** Throws an error of the application's outside of our call stack: it is reported as uncaught, and ends nothing of ours. */
export function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Calls the application; what it throws is reported as uncaught. */
export function callSafely<Args extends readonly unknown[]>(
  callback: (...args: Args) => unknown,
  ...args: Args
): void {
  try {
    callback(...args);
  } catch (error) {
    reportError(error);
  }
}
