import { type ConnectionErrorCode, reportError } from "../errors.js";
import type { Message as Content } from "../links/io-adapter.js";
import type { Channel } from "./channel.js";
import { Line } from "./line.js";
import { type Flags, type Message, type Reply, type Stamped, Stay, sendError } from "./message.js";
import type { Traffic } from "./traffic.js";

/** Messages and replies of one namespace, in the order in which they were made, until they are written. */
export class Outbox {
  /** Where messages are written, while it is open. */
  stay = new Stay();
  readonly #channel: Channel;
  readonly #traffic: Traffic;
  readonly #parts: Traffic["parts"];
  readonly #messages = new Line<Message>();
  readonly #replies = new Line<Reply>();
  /** Volatile messages since the last flush. */
  #volatile: Message[] = [];
  #place = 0;
  #isFlushing = false;

  constructor(channel: Channel, traffic: Traffic) {
    this.#channel = channel;
    this.#traffic = traffic;
    this.#parts = traffic.parts;
  }

  /**
   * Sends a message. Where its acknowledgement is waited for, one of `onAnswer` and `onError` is called, once: for the
   * answer, or for the time limit, a drop or the end of the link.
   */
  send(
    event: string,
    args: readonly unknown[],
    { compress, isVolatile }: Flags,
    timeout = Number.POSITIVE_INFINITY,
    onAnswer?: (...values: unknown[]) => void,
    onError?: (error: unknown) => void,
  ): void {
    const { clock } = this.#parts;
    const { stamp, refusal } = this.#traffic;
    const content: Content = { event, args };
    if (compress !== undefined) content.compress = compress;
    const message: Message = {
      content,
      stamp,
      place: ++this.#place,
      isVolatile,
      onError,
      timer: undefined,
      isAnnounced: false,
      line: undefined,
      before: undefined,
      after: undefined,
    };
    if (refusal !== undefined && !this.#traffic.isExpected(message)) {
      this.#drop(message, refusal);
      return;
    }
    if (onAnswer) {
      content.onAck = (...values) =>
        this.#channel.receive(values, () => {
          if (!this.#forget(message)) return;
          clock.clearTimeout(message.timer);
          onAnswer(...values);
        });
      if (timeout < Number.POSITIVE_INFINITY) {
        message.timer = clock.setTimeout(() => {
          this.#forget(message);
          onError?.(sendError("ERR_ACK_TIMEOUT"));
        }, timeout);
      }
    }
    // Queued even when it can leave at once: the look at the storage before writing may find another user.
    this.#messages.add(message);
    if (isVolatile) this.#volatile.push(message);
    this.#flushOrThrow();
  }

  /** The arguments of an event; the function that acknowledges it is one that replies in the order of the messages. */
  accept(args: readonly unknown[]): readonly unknown[] {
    const acknowledge = args.at(-1);
    if (typeof acknowledge !== "function") return args;
    const { stay } = this;
    const reply = (...values: unknown[]): void => {
      if (!stay.socket?.isConnected) return;
      const { stamp } = this.#traffic;
      this.#replies.add({ stamp, place: ++this.#place, stay, write: () => acknowledge(...values) });
      this.#flushOrThrow();
    };
    return [...args.slice(0, -1), reply];
  }

  /**
   * Writes what may leave, in order. A message that has to wait holds up the messages after it and no reply. What is
   * volatile and could not leave is lost; the newest messages are refused where more than the limit are left.
   *
   * @param onError - Takes what a message throws that cannot be encoded and has nobody to tell.
   */
  flush(onError: (error: unknown) => void = reportError): void {
    // Encoding a message may run the application's code, which may emit: that waits for its turn.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    const { bufferLimit } = this.#parts;
    let mayWrite = true;
    for (;;) {
      const message = mayWrite ? this.#messages.first : undefined;
      const reply = this.#replies.first;
      try {
        if (message && !(reply && reply.place < message.place)) mayWrite = this.#write(message);
        else if (!reply || !this.#reply(reply)) break;
      } catch (error) {
        onError(error);
      }
    }
    this.#isFlushing = false;
    if (this.#volatile.length > 0) for (const lost of this.#volatile.splice(0)) this.#lose(lost);
    if (this.#messages.size > bufferLimit)
      for (const refused of this.#messages.trim(bufferLimit)) this.#drop(refused, "ERR_BUFFER_FULL");
  }

  /** Drops messages that wait, and tells. */
  discard(code: ConnectionErrorCode, isMeant: (message: Stamped) => boolean): void {
    for (const dropped of this.#messages.removeAll(isMeant)) this.#drop(dropped, code);
  }

  /** Drops replies that wait; left out, all of them, as they have only the link that asked. */
  discardReplies(isMeant?: (reply: Stamped) => boolean): void {
    this.#replies.removeAll(isMeant);
  }

  /** A link has ended: no acknowledgement will come any more. */
  giveUp(stay: Stay): void {
    for (const message of stay.removeAll())
      if (message.onError) this.#fail(message, sendError("ERR_LINK_CLOSED"));
  }

  /** Writes what may be written now. What cannot be encoded is thrown. */
  #flushOrThrow(): void {
    const { turn } = this.#parts;
    if (turn.isInStep) {
      turn.call(() => this.flush());
      return;
    }
    const errors: unknown[] = [];
    turn.hold(() => this.flush((error) => errors.push(error)));
    if (errors.length > 0) throw errors[0];
  }

  /** Writes a message, or loses a volatile one. Answers whether the message after it may be tried. */
  #write(message: Message): boolean {
    const { stay } = this;
    const { content, isVolatile } = message;
    try {
      let mayWrite = this.#mayWrite(message, stay) && !(isVolatile && !stay.socket?.isWritable);
      // Told once, although it may have to wait for another link after all.
      if (mayWrite && !message.isAnnounced) {
        message.isAnnounced = true;
        if (this.#channel.listener?.onOutgoing(content.event, content.args))
          mayWrite = this.#mayWrite(message, stay);
      }
      if (!mayWrite || !stay.socket?.write(content)) {
        if (isVolatile) this.#lose(message);
        return isVolatile === true;
      }
    } catch (error) {
      // It cannot be encoded, and what follows must not wait for it.
      if (!this.#messages.remove(message) || !message.onError) throw error;
      this.#fail(message, error);
      return true;
    }
    // Within that call it may have been acknowledged, or dropped.
    if (message.line) this.#await(message, stay);
    return true;
  }

  /** Writes a reply. Answers whether the reply after it may be tried. */
  #reply(reply: Reply): boolean {
    const mayWrite = this.#parts.gate.mayReply(this.#traffic.link);
    // Asking may have ended the link, and then nobody waits for it.
    const isAwaited = reply.stay.socket?.isConnected;
    if (isAwaited && !mayWrite) return false;
    this.#replies.remove(reply);
    if (isAwaited) reply.write();
    return true;
  }

  /** Asks the gate, and whether this stay has outlived that: asking may have found another token, and ended it. */
  #mayWrite({ stamp }: Message, stay: Stay): boolean {
    return (
      stay.isOpen &&
      stay.socket?.isConnected === true &&
      this.#parts.gate.mayWrite(this.#traffic.link, stamp.owner) &&
      stay.socket?.isConnected &&
      stay === this.stay
    );
  }

  /** A volatile message is lost. Its acknowledgement is waited for as if it had been written. */
  #lose(message: Message): void {
    if (message.line === this.#messages) this.#await(message, this.stay);
  }

  /** It does not wait any more to be written. Its acknowledgement is waited for, where anybody wants it. */
  #await(message: Message, stay: Stay): void {
    if (!message.content.onAck) this.#messages.remove(message);
    else {
      stay.add(message);
      // It has ended within the call that wrote it.
      if (stay !== this.stay && !stay.socket) this.giveUp(stay);
    }
  }

  /** A message is not waited for any more. Answers whether it was. */
  #forget(message: Message): boolean {
    const { line } = message;
    if (!line?.remove(message)) return false;
    if (line.size === 0 && line !== this.stay) this.#traffic.tellFinished();
    return true;
  }

  /** Tells the application that a message will not be sent. */
  #drop(message: Message, code: ConnectionErrorCode): void {
    if (message.onError) this.#fail(message, sendError(code, this.#parts.isCookie));
    else if (!message.isVolatile) this.#channel.fire("dropped", message.content.event, code);
  }

  /** It was not sent, or not acknowledged. */
  #fail({ timer, onError }: Message, error: unknown): void {
    this.#parts.clock.clearTimeout(timer);
    onError?.(error);
  }
}
