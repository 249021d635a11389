import type { Clock } from "../clock.js";
import { ConnectionError, type ConnectionErrorCode } from "../errors.js";

/** What waits for the answer to a message. */
export interface PendingAck {
  /** Called once: with an error, or with what the server acknowledged. */
  settle(error: Error | null, values: readonly unknown[]): void;
  /** Whether it can be told of an error; a plain callback of Socket.IO cannot. */
  takesErrors: boolean;
  /** Ends its time limit without settling it. */
  cancel?(): void;
}

const REASONS: Partial<Record<ConnectionErrorCode, string>> = {
  ERR_LOGGED_OUT: "Nobody is signed in, so the message was not sent. Sign in, then send it again.",
  ERR_IDENTITY_CHANGED:
    'Before the message was sent another user signed in, or a token came of which nobody can tell whose it is (the "identify" option can), so it was dropped.',
  ERR_BUFFER_FULL:
    'Too many messages are waiting for a connection, so this one was refused. See the "bufferLimit" option.',
  // In socket.io-client's own words, as is the one of the time limit.
  ERR_LINK_CLOSED: "socket has been disconnected",
  ERR_DISPOSED: "The connection was disposed of, so the message was not sent.",
};

/** Of a session only the server can tell whose it is. */
const OF_COOKIE: typeof REASONS = {
  ERR_IDENTITY_CHANGED:
    'Before the message was sent the server said that another user is signed in, or nobody in particular, so it was dropped. If it is the same user, give shareSession() on the server an "identityKey" that outlives a restart.',
};

/** Why a message was not sent, or not answered. */
export function sendError(code: ConnectionErrorCode, isCookie = false): ConnectionError {
  return new ConnectionError(
    code,
    (isCookie && OF_COOKIE[code]) || (REASONS[code] ?? "The message was not sent."),
  );
}

/** Adds a time limit to an acknowledgement; `Infinity` adds none. */
export function limitAck(
  ack: PendingAck,
  timeout: number,
  clock: Clock,
  onTimeout: (limited: PendingAck) => void,
): PendingAck {
  if (timeout === Number.POSITIVE_INFINITY) return ack;
  let isSettled = false;
  const limited: PendingAck = {
    takesErrors: ack.takesErrors,
    cancel: () => clock.clearTimeout(timer),
    settle(error, values) {
      if (isSettled) return;
      isSettled = true;
      clock.clearTimeout(timer);
      ack.settle(error, values);
    },
  };
  const timer = clock.setTimeout(() => {
    onTimeout(limited);
    limited.settle(new ConnectionError("ERR_ACK_TIMEOUT", "operation has timed out"), []);
  }, timeout);
  return limited;
}
