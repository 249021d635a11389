import type { Owner } from "../credential/owners.js";
import { ConnectionError, type ConnectionErrorCode } from "../errors.js";
import type { Message as Content, LinkSocket } from "../links/io-adapter.js";
import { notSent } from "../words/messages.js";
import { type Item, Line } from "./line.js";

/** What is put on a message, or a reply, when it is made. */
export interface Stamp {
  /** Who was current then. */
  readonly owner: Owner;
  /** How many signals of a change had been heard by then. */
  readonly heard: number;
}

/** What the words before an emit say of it. */
export interface Flags {
  /** How long the acknowledgement is waited for, in milliseconds. */
  timeout?: number;
  compress?: boolean;
  /** It is lost, and not kept, when it cannot leave at once. */
  isVolatile?: boolean;
}

/** A message or a reply, with its place in the order of both. */
export interface Stamped {
  readonly stamp: Stamp;
  readonly place: number;
}

/**
 * A message, from `emit` to its acknowledgement. It is in one line at a time: of those that wait to be written, then of
 * those that a link is to acknowledge. In none it is over, and an answer that comes late counts no more.
 */
export class Message implements Stamped, Item<Message> {
  line: Line<Message> | undefined = undefined;
  before: Message | undefined = undefined;
  after: Message | undefined = undefined;
  /** Ends the wait for its acknowledgement. */
  timer: unknown = undefined;
  /** The listeners of outgoing messages know of it. */
  isAnnounced = false;

  /** @param onError - Who is told that it fails; a plain callback never is. */
  constructor(
    readonly content: Content,
    readonly stamp: Stamp,
    readonly place: number,
    readonly isVolatile: boolean | undefined,
    readonly onError: ((error: unknown) => void) | undefined,
  ) {}
}

/** The reply to an event of the server's, which only the link that brought the event can take. */
export interface Reply extends Stamped, Item<Reply> {
  readonly stay: Stay;
  write(): void;
}

/**
 * One time that a link is in a namespace, or that none is: the line of the messages that it has to acknowledge. These end
 * with it, and so do the replies to what it has asked: neither waits for the next link.
 */
export class Stay extends Line<Message> {
  /** The server has let it in. */
  isOpen = false;

  /** @param socket - Until the link has left the namespace, or is gone. */
  constructor(public socket?: LinkSocket) {
    super();
  }
}

/** Of these socket.io-client has words, with which code compares. */
const SOCKET_IO: Partial<Record<ConnectionErrorCode, string>> = {
  ERR_LINK_CLOSED: "socket has been disconnected",
  ERR_ACK_TIMEOUT: "operation has timed out",
};

/** Why a message was not sent, or not acknowledged. */
export function sendError(code: ConnectionErrorCode, isCookie = false): ConnectionError {
  return new ConnectionError(code, SOCKET_IO[code] ?? notSent(code, isCookie));
}
