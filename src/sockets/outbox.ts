import type { Owner } from "../credential/owners.js";
import type { ConnectionErrorCode } from "../errors.js";
import type { Acks } from "./acks.js";
import { Line } from "./line.js";
import { type PendingAck, sendError } from "./pending-ack.js";

/** What is put on a message when it is emitted. */
export interface Stamp {
  /** Who was current then. */
  owner: Owner;
  /** How many signals of a change had been heard by then. */
  heard: number;
}

/** A message on its way out. */
export interface Outgoing extends Stamp {
  event: string;
  args: readonly unknown[];
  ack?: PendingAck;
  /** It is lost, and not kept, when it cannot leave at once. */
  isVolatile?: boolean;
  compress?: boolean;
  /** The listeners of outgoing messages know of it. */
  isAnnounced?: boolean;
}

/** A message before it is given to a channel. */
export type Unstamped = Omit<Outgoing, keyof Stamp>;

/** The answer to an event of the server's, which only the link that brought the event can take. */
export interface Reply extends Stamp {
  /** Answers whether it needs no more waiting: it was written, or its link is gone. */
  write(): boolean;
}

interface Parts {
  /** How many messages may wait. Of replies there are as many as there were events. */
  limit: number;
  /** Whether the credential is a cookie, which an error's advice goes by. */
  isCookie: boolean;
  acks: Acks;
  /** Writes a message; false when it has to wait. What cannot be encoded is thrown. */
  write(message: Outgoing): boolean;
  /** A message without an acknowledgement to fail will not be sent. */
  onDropped(event: string, code: ConnectionErrorCode): void;
}

/** Messages and replies of one namespace that were not written yet, in the order in which they were made. */
export class Outbox {
  private readonly parts: Parts;
  private readonly messages = new Line<Outgoing>();
  private readonly replies = new Line<Reply>();
  /** The places of messages whose acknowledgement may time out meanwhile. */
  private readonly places = new Map<PendingAck, number>();
  /** The places of volatile messages since the last flush. */
  private volatile: number[] = [];
  private place = 0;
  private isFlushing = false;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  add(message: Outgoing): void {
    this.place += 1;
    this.messages.add(this.place, message);
    if (message.ack) this.places.set(message.ack, this.place);
    if (message.isVolatile) this.volatile.push(this.place);
  }

  addReply(reply: Reply): void {
    this.place += 1;
    this.replies.add(this.place, reply);
  }

  /**
   * Writes what may leave, in order. A message that has to wait holds up the messages after it and no reply. What is
   * volatile and could not leave is lost; the newest messages are refused where more than the limit are left.
   *
   * @param onError - Takes what a message throws that cannot be encoded and has no acknowledgement to fail.
   */
  flush(onError: (error: unknown) => void): void {
    // Encoding a message may run the application's code, which may emit: that waits for its turn.
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      let mayWrite = true;
      for (;;) {
        const next = mayWrite ? this.messages.first : Number.POSITIVE_INFINITY;
        const reply = this.replies.first;
        if (next < reply) mayWrite = this.writeMessage(next, onError);
        else if (reply === Number.POSITIVE_INFINITY || !this.writeReply(reply, onError)) break;
      }
    } finally {
      this.isFlushing = false;
    }
    const lost = this.volatile;
    this.volatile = [];
    for (const place of lost) this.abandon(place);
    for (const refused of this.messages.trim(this.parts.limit)) this.drop(refused, "ERR_BUFFER_FULL");
  }

  /** The acknowledgement of a message has timed out: it need not leave any more. */
  forget(ack: PendingAck): void {
    const place = this.places.get(ack);
    if (place === undefined) return;
    this.places.delete(ack);
    this.messages.delete(place);
  }

  /** Drops all messages that wait, or those with some stamps. */
  discard(code: ConnectionErrorCode, isOf: (stamp: Stamp) => boolean = () => true): void {
    for (const dropped of this.messages.takeAll(isOf)) this.drop(dropped, code);
  }

  /** Drops replies with some stamps; left out, all of them, as they have only the link that asked. */
  discardReplies(isOf: (stamp: Stamp) => boolean = () => true): void {
    this.replies.takeAll(isOf);
  }

  /** Tells the application that a message will not be sent. */
  drop({ event, ack, isVolatile }: Outgoing, code: ConnectionErrorCode): void {
    if (ack) this.places.delete(ack);
    if (ack?.takesErrors) ack.settle(sendError(code, this.parts.isCookie), []);
    else if (!isVolatile) this.parts.onDropped(event, code);
  }

  /** Answers whether the message after it may be tried. */
  private writeMessage(place: number, onError: (error: unknown) => void): boolean {
    const message = this.messages.get(place);
    if (!message) return true;
    const { ack, isVolatile } = message;
    try {
      if (!this.parts.write(message)) {
        if (!isVolatile) return false;
        this.abandon(place);
        return true;
      }
    } catch (error) {
      // It cannot be encoded, and what follows must not wait for it.
      if (error instanceof Error && ack?.takesErrors) ack.settle(error, []);
      else onError(error);
    }
    this.take(place, ack);
    return true;
  }

  private writeReply(place: number, onError: (error: unknown) => void): boolean {
    try {
      if (this.replies.get(place)?.write() === false) return false;
    } catch (error) {
      onError(error);
    }
    this.replies.delete(place);
    return true;
  }

  /** A volatile message is lost. Its acknowledgement waits as if it had been written. */
  private abandon(place: number): void {
    const ack = this.messages.get(place)?.ack;
    if (this.take(place, ack) && ack) this.parts.acks.add(ack);
  }

  private take(place: number, ack: PendingAck | undefined): boolean {
    if (ack) this.places.delete(ack);
    return this.messages.delete(place);
  }
}
