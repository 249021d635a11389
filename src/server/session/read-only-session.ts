import { ConnectionError } from "../../errors.js";
import type { Log } from "../../logger.js";
import { isFunction } from "../../value.js";

/**
 * Keeps the session of a socket's request from being saved: it is what was stored when the connection began, or when it
 * was loaded last, and would undo what HTTP has changed since, a sign-out too.
 *
 * The error goes to the callback, as that of a store does, and to the log. It is not thrown: express-session's `save`
 * never throws, and in a listener of a socket that would end the process.
 */
export function makeReadOnly(session: unknown, log: Log): void {
  if (typeof session !== "object" || session === null) return;
  const save = (callback?: unknown): object => {
    const error = new ConnectionError(
      "ERR_SESSION_READ_ONLY",
      "The session of a socket's request was not saved: it may be older than what is stored, and would undo what was changed since. Change it with update(socket, (session) => { ... }) of what shareSession has returned.",
    );
    log.warnOnce("session:save", `shareSession: ${error.message}`);
    if (isFunction(callback)) queueMicrotask(() => callback(error));
    return session;
  };
  // As express-session defines its own, which it puts in the place of this one and which then calls it.
  Object.defineProperty(session, "save", {
    configurable: true,
    enumerable: false,
    value: save,
    writable: true,
  });
}
