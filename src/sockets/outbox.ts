import type { Owners } from "../credential/owners.js";
import type { ConnectionErrorCode } from "../errors.js";
import { reportError } from "../errors.js";
import type { Failures } from "../redaction/failures.js";
import type { Turn } from "../turn.js";
import type { Gate } from "./gate.js";
import { Line } from "./line.js";
import { type Message, Reply, type Stamp, type Stamped, sendError } from "./message.js";
import { Stay } from "./stay.js";

/** What the namespaces of a connection have in common. */
export interface Common {
  /** How many messages of a namespace may wait. */
  readonly bufferLimit: number;
  /** Whether the credential is a cookie, which an error's advice goes by. */
  readonly isCookie: boolean;
  readonly gate: Pick<Gate, "mayWrite" | "mayReply" | "mayDeliver">;
  readonly owners: Pick<Owners, "current" | "isExpected">;
  readonly failures: Pick<Failures, "clean">;
  readonly turn: Turn;
  /** How many signals of a change were heard. */
  heard(): number;
  /** The number of the current link. */
  current: number;
  /** Whether a connection is wanted. */
  isActive: boolean;
  /** Why what is emitted is refused; `undefined` where it is not. */
  refusal: ConnectionErrorCode | undefined;
  /** Asks to connect: the whole connection, or this namespace of the current link. */
  connect(namespace: string): void;
  /** Asks to disconnect likewise. */
  disconnect(namespace: string): void;
  /** The link before may not be needed any more. */
  onFinished(): void;
  /** More has come in than may wait: the link has to be closed. */
  onOverflow(): void;
}

/** What an outbox tells. */
interface OutboxListener {
  /** A message is about to be written. Answers whether anybody was told, who may have changed everything. */
  onOutgoing(message: Message): boolean;
  /** The server has acknowledged a message. */
  readonly onAck: (message: Message, values: readonly unknown[]) => void;
  /** A message without an acknowledgement to fail will not be sent. */
  onDropped(event: string, code: ConnectionErrorCode): void;
}

/** Messages and replies of one namespace that were not written yet, in the order in which they were made. */
export class Outbox {
  /** Where messages are written, while it is open. */
  stay = new Stay();
  readonly #common: Common;
  readonly #listener: OutboxListener;
  readonly #messages = new Line<Message>();
  readonly #replies = new Line<Reply>();
  /** Volatile messages since the last flush. */
  #volatile: Message[] = [];
  #stamp: Stamp = { owner: {}, heard: 0 };
  #place = 0;
  #isFlushing = false;

  constructor(common: Common, listener: OutboxListener) {
    this.#common = common;
    this.#listener = listener;
  }

  /** What is put on a message that is made now. */
  get stamp(): Stamp {
    const owner = this.#common.owners.current;
    const heard = this.#common.heard();
    // Many messages have the same one.
    if (this.#stamp.owner !== owner || this.#stamp.heard !== heard) this.#stamp = { owner, heard };
    return this.#stamp;
  }

  /**
   * Queues a message, and writes what may be written now; refuses it when nobody is signed in. It is queued even when it
   * can leave at once, because the look at the storage before writing may find another user.
   */
  send(message: Message): void {
    const { refusal } = this.#common;
    if (refusal !== undefined && !this.#isWaitedFor(message)) {
      this.#drop(message, refusal);
      return;
    }
    this.#place += 1;
    message.place = this.#place;
    this.#messages.add(message);
    if (message.flags.isVolatile) this.#volatile.push(message);
    this.#flushOrThrow();
  }

  /** The arguments of an event; the function that acknowledges it is one that replies in the order of the messages. */
  accept(args: readonly unknown[]): readonly unknown[] {
    const acknowledge = args.at(-1);
    if (typeof acknowledge !== "function") return args;
    const { stay } = this;
    const reply = (...values: unknown[]): void => {
      if (stay.isOver) return;
      const made = new Reply(this.stamp, stay, () => acknowledge(...values));
      this.#place += 1;
      made.place = this.#place;
      this.#replies.add(made);
      this.#flushOrThrow();
    };
    return [...args.slice(0, -1), reply];
  }

  /**
   * Writes what may leave, in order. A message that has to wait holds up the messages after it and no reply. What is
   * volatile and could not leave is lost; the newest messages are refused where more than the limit are left.
   *
   * @param onError - Takes what a message throws that cannot be encoded and has no acknowledgement to fail.
   */
  flush(onError: (error: unknown) => void = reportError): void {
    // Encoding a message may run the application's code, which may emit: that waits for its turn.
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    let mayWrite = true;
    for (;;) {
      const message = mayWrite ? this.#messages.first : undefined;
      const reply = this.#replies.first;
      if (message && !(reply && reply.place < message.place)) mayWrite = this.#try(message, onError);
      else if (!reply || !this.#tryReply(reply, onError)) break;
    }
    this.#isFlushing = false;
    if (this.#volatile.length > 0) for (const lost of this.#volatile.splice(0)) this.#lose(lost);
    for (const refused of this.#messages.trim(this.#common.bufferLimit))
      this.#drop(refused, "ERR_BUFFER_FULL");
  }

  /** Drops messages that wait, and tells. */
  discard(code: ConnectionErrorCode, isMeant: (message: Stamped) => boolean): void {
    for (const dropped of this.#messages.removeAll(isMeant)) this.#drop(dropped, code);
  }

  /** Drops replies that wait; left out, all of them, as they have only the link that asked. */
  discardReplies(isMeant?: (reply: Stamped) => boolean): void {
    this.#replies.removeAll(isMeant);
  }

  /** Drops what waits and would be refused now. */
  discardRefused(): void {
    const { refusal } = this.#common;
    if (refusal !== undefined) this.discard(refusal, (message) => !this.#isWaitedFor(message));
  }

  /** Nobody is signed in, but the user of this is about to be. */
  #isWaitedFor({ stamp }: Stamped): boolean {
    return this.#common.refusal !== "ERR_DISPOSED" && this.#common.owners.isExpected(stamp.owner);
  }

  /** Writes what may be written now. What cannot be encoded is thrown. */
  #flushOrThrow(): void {
    const { turn } = this.#common;
    if (turn.isInStep) {
      turn.call(() => this.flush());
      return;
    }
    const errors: unknown[] = [];
    turn.hold(() => this.flush((error) => errors.push(error)));
    if (errors.length > 0) throw errors[0];
  }

  /** Answers whether the message after it may be tried. */
  #try(message: Message, onError: (error: unknown) => void): boolean {
    try {
      if (this.#write(message)) this.#messages.remove(message);
      else if (message.flags.isVolatile) this.#lose(message);
      else return false;
    } catch (error) {
      // It cannot be encoded, and what follows must not wait for it.
      if (this.#messages.remove(message) && message.takesErrors) message.fail(error);
      else onError(error);
    }
    return true;
  }

  /** Answers whether the reply after it may be tried. */
  #tryReply(reply: Reply, onError: (error: unknown) => void): boolean {
    const { stay } = reply;
    try {
      const mayWrite = !stay.isOver && this.#common.gate.mayReply(this.#common.current);
      // Asking may have ended the link, and then nobody waits for it.
      if (!mayWrite && !stay.isOver) return false;
      if (!stay.isOver) reply.write();
    } catch (error) {
      onError(error);
    }
    this.#replies.remove(reply);
    return true;
  }

  #write(message: Message): boolean {
    const { stay } = this;
    if (!this.#mayWrite(message, stay)) return false;
    if (message.flags.isVolatile && !stay.socket?.isWritable) return false;
    // Told once, although it may have to wait for another link after all.
    if (!message.isAnnounced) {
      message.isAnnounced = true;
      if (this.#listener.onOutgoing(message) && !this.#mayWrite(message, stay)) return false;
    }
    return stay.write(message, this.#listener.onAck);
  }

  /** Asks the gate, and whether this stay has outlived that: asking may have found another token, and ended it. */
  #mayWrite({ stamp }: Message, stay: Stay): boolean {
    const { gate, current } = this.#common;
    return stay.isOpen && gate.mayWrite(current, stamp.owner) && stay.isOpen && stay === this.stay;
  }

  /** A volatile message is lost. Its acknowledgement is waited for as if it had been written. */
  #lose(message: Message): void {
    if (this.#messages.remove(message)) this.stay.wait(message);
  }

  /** Tells the application that a message will not be sent. */
  #drop(message: Message, code: ConnectionErrorCode): void {
    if (message.takesErrors) message.fail(sendError(code, this.#common.isCookie));
    else if (!message.flags.isVolatile) this.#listener.onDropped(message.event, code);
  }
}
