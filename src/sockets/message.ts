import type { Clock } from "../clock.js";
import type { Owner } from "../credential/owners.js";
import { ConnectionError, type ConnectionErrorCode, callSafely } from "../errors.js";
import { Item } from "./line.js";

/** What is put on a message, or a reply, when it is made. */
export interface Stamp {
  /** Who was current then. */
  owner: Owner;
  /** How many signals of a change had been heard by then. */
  heard: number;
}

/** A message or a reply. */
export interface Stamped {
  readonly stamp: Stamp;
}

/** What the words before an emit say of it. */
export interface Flags {
  /** How long the acknowledgement is waited for, in milliseconds. */
  timeout?: number;
  compress?: boolean;
  /** It is lost, and not kept, when it cannot leave at once. */
  isVolatile?: boolean;
}

/** What waits for the acknowledgement of a message: one of the two is called, once. */
export interface Ack {
  onAnswer(...values: unknown[]): void;
  /** Left out by a plain callback, which is never told of an error. */
  onError?(error: unknown): void;
}

/**
 * A message, from `emit` to its acknowledgement. It is in one line at a time: of those that wait to be written, then of
 * those that a link is to acknowledge. In none it is over, and an answer that comes late counts no more.
 */
export class Message extends Item<Message> {
  /** Its place in the order of messages and replies. */
  place = 0;
  /** The listeners of outgoing messages know of it. */
  isAnnounced = false;
  #clock: Clock | undefined = undefined;
  #timer: unknown = undefined;

  constructor(
    readonly event: string,
    readonly args: readonly unknown[],
    readonly stamp: Stamp,
    readonly flags: Flags,
    readonly ack?: Ack,
  ) {
    super();
  }

  /** Whether somebody is told when it fails. */
  get takesErrors(): boolean {
    return this.ack?.onError !== undefined;
  }

  /** Limits the wait for the acknowledgement, from now on. */
  limit(timeout: number, clock: Clock, channel: { forget(message: Message): void }): void {
    this.#clock = clock;
    this.#timer = clock.setTimeout(() => {
      channel.forget(this);
      this.fail(new ConnectionError("ERR_ACK_TIMEOUT", "operation has timed out"));
    }, timeout);
  }

  /** The server has acknowledged it. */
  answer(values: readonly unknown[]): void {
    this.#clock?.clearTimeout(this.#timer);
    if (this.ack) callSafely(this.ack.onAnswer, ...values);
  }

  /** It was not sent, or not acknowledged. */
  fail(error: unknown): void {
    this.#clock?.clearTimeout(this.#timer);
    this.ack?.onError?.(error);
  }
}

/** The reply to an event of the server's, which only the link that brought the event can take. */
export class Reply extends Item<Reply> {
  place = 0;

  constructor(
    readonly stamp: Stamp,
    /** The time that this link is in the namespace. */
    readonly stay: { readonly isOver: boolean },
    readonly write: () => void,
  ) {
    super();
  }
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

/** Why a message was not sent, or not acknowledged. */
export function sendError(code: ConnectionErrorCode, isCookie = false): ConnectionError {
  return new ConnectionError(code, (isCookie && OF_COOKIE[code]) || (REASONS[code] ?? ""));
}
