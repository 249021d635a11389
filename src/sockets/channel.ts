import type { Owner } from "../credential/owners.js";
import {
  type ConnectionError,
  type ConnectionErrorCode,
  callSafely,
  disposed,
  reportError,
} from "../errors.js";
import type { LinkSocket, Message } from "../links/io-adapter.js";
import type { Turn } from "../turn.js";
import { Acks } from "./acks.js";
import { Inbox, type Incoming } from "./inbox.js";
import { Outbox, type Outgoing, type Stamp, type Unstamped } from "./outbox.js";
import type { PendingAck } from "./pending-ack.js";
import { Replies } from "./replies.js";

/** What a channel asks for, beyond obeying. */
export interface ChannelParts {
  bufferLimit: number;
  turn: Turn;
  /** Whether the credential is a cookie. */
  isCookie: boolean;
  /** What is put on a message, or a reply, that is made now. */
  stamp(): Stamp;
  /** Whether this is emitted as a user who is signing in. */
  isExpected(owner: Owner): boolean;
  /** The gate, about the current link. */
  mayWrite(owner: Owner): boolean;
  mayReply(): boolean;
  mayDeliver(): boolean;
  /** Asks to connect: the whole connection, or this namespace of the current link. */
  connect(): void;
  /** Asks to disconnect likewise. */
  disconnect(): void;
  /** The link before may not be needed any more. */
  onFinished(): void;
  /** More has come in than may wait: the link has to be closed. */
  onOverflow(): void;
  /** An error of the link's without tokens. */
  clean(error: ConnectionError): ConnectionError;
}

/** The reason for a `disconnect` that a rotation causes. */
const ROTATION_REASON = "token rotation";

/** What a channel tells the socket in front of it. */
export interface ChannelListener {
  /** An event from the server. */
  onEvent(event: string, args: readonly unknown[]): void;
  /** An event of the library's own. */
  onReserved(event: string, args: readonly unknown[]): void;
  /** A message is about to be written. Answers whether anybody was told, who may have changed everything. */
  onOutgoing(event: string, args: readonly unknown[]): boolean;
}

/**
 * One namespace between the application and whichever link is current. It holds what must survive a
 * link: who listens, and unsent messages. It attaches and refuses as it is told, asks the gate, and decides nothing.
 */
export class Channel {
  readonly #outbox: Outbox;
  readonly #acks: Acks;
  readonly #inbox = new Inbox();
  readonly #replies: Replies;
  readonly #parts: ChannelParts;
  #listener: ChannelListener | undefined;
  #socket: LinkSocket | undefined;
  #isOpen = false;
  #isRecovered = false;
  #isActive = false;
  /** Another link is current, and has not joined this namespace yet. */
  #isJoining = false;
  /** The link goes on without this namespace, until the next link or the application's own `connect()`. */
  #isLost = false;
  #refusal: ConnectionErrorCode | undefined;
  /** The gate was asked for the callback of an acknowledgement, which is called at once. */
  #isDelivering = false;
  /** The application left this namespace, or the server closed it to this token. */
  #absence: "left" | "refused" | undefined;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#acks = new Acks(() => parts.onFinished());
    this.#outbox = new Outbox({
      limit: parts.bufferLimit,
      isCookie: parts.isCookie,
      acks: this.#acks,
      write: (message) => this.#write(message),
      onDropped: (event, code) => this.#fire("dropped", event, code),
    });
    this.#replies = new Replies({
      mayWrite: () => parts.mayReply(),
      queue: (reply) => {
        this.#outbox.addReply({ ...reply, ...parts.stamp() });
        this.#flushOrThrow();
      },
    });
  }

  get id(): string | undefined {
    return this.#isOpen ? this.#socket?.id : undefined;
  }
  get connected(): boolean {
    return this.#isOpen;
  }
  get recovered(): boolean {
    return this.#isRecovered;
  }
  get active(): boolean {
    return this.#isActive && this.#refusal === undefined && this.#absence === undefined && !this.#isLost;
  }
  /** Whether the link before is not needed any more: nothing is due on it, and this one has joined, or will not. */
  get isFinished(): boolean {
    return this.#acks.isFinished && !this.#isJoining;
  }
  /** Whether the current link has joined this namespace, or is about to. */
  get isJoined(): boolean {
    return this.#socket !== undefined && !this.#isLost;
  }
  /** Whether a link should join this namespace. */
  get isWanted(): boolean {
    return this.#absence === undefined;
  }

  /** Says who is told; it outlives every link. */
  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  /**
   * Queues a message for the owner who is current, and writes what may be written now; refuses it when nobody is signed
   * in. It is queued even when it can leave at once, because the look at the storage before writing may find another user.
   */
  send(message: Unstamped): void {
    const stamped: Outgoing = { ...message, ...this.#parts.stamp() };
    if (this.#refusal !== undefined && !this.#isWaitedFor(stamped)) {
      this.#outbox.drop(stamped, this.#refusal);
      return;
    }
    this.#outbox.add(stamped);
    this.#flushOrThrow();
  }

  /** Calls the application, not within a step of the statechart. */
  call(call: () => void): void {
    if (!this.#isDelivering) this.#parts.turn.call(call);
    else {
      this.#isDelivering = false;
      callSafely(call);
    }
  }

  forget(ack: PendingAck): void {
    this.#acks.delete(ack);
    this.#outbox.forget(ack);
  }

  connect(): void {
    if (this.#refusal === "ERR_DISPOSED") {
      if (this.#parts.turn.isEnding) return;
      throw disposed();
    }
    this.#absence = undefined;
    this.#parts.connect();
  }

  disconnect(): void {
    this.#parts.disconnect();
  }

  /** A link is current: its socket carries this channel from now on. */
  attach(socket: LinkSocket): void {
    this.#isLost = false;
    if (socket !== this.#socket) this.#follow(socket);
  }

  /**
   * Another link of the same user is current. The last one brings the acknowledgements that are due, until `finish`; its
   * events do not count any more, as this one brings them too.
   */
  switchTo(socket: LinkSocket): void {
    this.#socket?.listen(undefined);
    this.#inbox.dropEvents();
    this.#isLost = false;
    this.#acks.changeLink();
    this.#replies.changeLink();
    this.#isJoining = this.#isOpen && !socket.isConnected;
    this.#follow(socket);
  }

  /** The link before is gone. */
  finish(): void {
    this.#replies.closeOldLink();
    this.#acks.closeOldLink();
    if (this.#socket?.isConnected === false) this.#close(ROTATION_REASON);
  }

  #follow(socket: LinkSocket): void {
    this.#socket = socket;
    socket.listen({
      onConnect: () => this.#open(),
      onEvent: (event, args, onDelivered) => {
        const due = this.#replies.accept(args, socket);
        this.#receive({
          isAck: false,
          values: args,
          deliver: () => {
            onDelivered?.();
            this.#deliver(event, due);
          },
        });
      },
      onDisconnect: (reason) => {
        this.#isLost = true;
        this.#close(reason);
      },
      onRefused: (error, isFinal) => {
        this.#isLost = true;
        if (isFinal) this.#absence = "refused";
        if (this.#isOpen) this.#close(ROTATION_REASON);
        this.fail(this.#parts.clean(error));
      },
    });
  }

  /** No link is current any more. */
  detach(reason: string): void {
    this.#socket?.listen(undefined);
    this.#inbox.clear();
    this.#close(reason);
    this.#socket = undefined;
  }

  /** The gate may be open: delivers what has come in, and writes what waits, for as long as it is. */
  flush(): void {
    this.call(() => {
      this.#deliverDue();
      this.#outbox.flush(reportError);
    });
  }

  /** Drops what waits, all of it or what has some stamps. */
  discard(code: ConnectionErrorCode, isOf?: (stamp: Stamp) => boolean): void {
    this.#outbox.discard(code, isOf);
  }

  /** Drops what may be another user's, replies too. */
  discardOf(isOf: (stamp: Stamp) => boolean): void {
    this.#outbox.discardReplies(isOf);
    this.discard("ERR_IDENTITY_CHANGED", isOf);
  }

  /** Leaves this namespace for good, or until the application connects again. */
  leave(): void {
    this.#absence = "left";
    const socket = this.#socket;
    this.detach("io client disconnect");
    socket?.leave();
  }

  /** Refuses what is sent from now on, and drops what is queued; `undefined` ends it. */
  refuse(code: ConnectionErrorCode | undefined): void {
    this.#refusal = code;
    if (code !== undefined) this.discard(code, (stamp) => !this.#isWaitedFor(stamp));
  }

  /** Nobody is signed in, but the user of this is about to be. */
  #isWaitedFor({ owner }: Stamp): boolean {
    return this.#refusal !== "ERR_DISPOSED" && this.#parts.isExpected(owner);
  }

  setActive(isActive: boolean): void {
    this.#isActive = isActive;
  }

  /** A new token: what the server refused to the last one may be open to this one. */
  renew(): void {
    if (this.#absence !== "refused") return;
    this.#absence = undefined;
    this.#isLost = false;
  }

  /** An attempt to connect has failed. */
  fail(error: ConnectionError): void {
    if (!this.#isOpen && this.#absence !== "left") this.#fire("connect_error", error);
  }

  #open(): void {
    this.#isOpen = true;
    this.#isRecovered = this.#socket?.isRecovered === true;
    this.call(() => this.#outbox.flush(reportError));
    this.#fire("connect");
    this.#endJoining();
  }

  #close(reason: string): void {
    this.#replies.closeLink();
    this.#outbox.discardReplies();
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#fire("disconnect", reason);
    }
    this.#acks.closeLink();
    this.#endJoining();
  }

  #endJoining(): void {
    if (!this.#isJoining) return;
    this.#isJoining = false;
    this.#parts.onFinished();
  }

  #write(message: Outgoing): boolean {
    const socket = this.#writable(message);
    if (!socket || (message.isVolatile && !socket.isWritable)) return false;
    if (this.#announce(message) && socket !== this.#writable(message)) return false;
    const { event, args, compress, ack } = message;
    const written: Message = compress === undefined ? { event, args } : { event, args, compress };
    if (!ack) return socket.write(written);
    written.onAck = (...values) => {
      this.#receive({
        isAck: true,
        values,
        deliver: () => {
          if (!this.#acks.delete(ack)) return;
          this.#isDelivering = true;
          ack.settle(null, values);
          this.#isDelivering = false;
        },
      });
    };
    this.#acks.add(ack);
    let isWritten = false;
    try {
      isWritten = socket.write(written);
    } finally {
      if (!isWritten) this.#acks.delete(ack);
    }
    return isWritten;
  }

  /** The socket to write a message to, when that is certain. */
  #writable({ owner }: Outgoing): LinkSocket | undefined {
    const socket = this.#socket;
    // While one link takes the place of another, the namespace is open before it has joined the new one.
    if (!socket?.isConnected || !this.#isOpen || !this.#parts.mayWrite(owner)) return undefined;
    // Asking may have found another token, and detached this very socket.
    return socket === this.#socket ? socket : undefined;
  }

  /** Tells of a message that leaves, once, although it may have to wait for another link after all. */
  #announce(message: Outgoing): boolean {
    if (message.isAnnounced) return false;
    message.isAnnounced = true;
    return this.#listener?.onOutgoing(message.event, message.args) === true;
  }

  /** Writes what may be written now. What cannot be encoded is thrown. */
  #flushOrThrow(): void {
    if (this.#parts.turn.isInStep) {
      this.flush();
      return;
    }
    const errors: unknown[] = [];
    this.#parts.turn.hold(() => this.#outbox.flush((error) => errors.push(error)));
    if (errors.length > 0) throw errors[0];
  }

  /** Delivers what has come in, for as long as it is certain whose it is: a listener may change everything. */
  #deliverDue(): void {
    this.#inbox.drain(() => this.#parts.mayDeliver());
  }

  #receive(due: Incoming): void {
    this.#inbox.add(due);
    this.call(() => this.#deliverDue());
    if (this.#inbox.hasRoom()) return;
    this.#inbox.clear();
    this.#parts.onOverflow();
  }

  #deliver(event: string, args: readonly unknown[]): void {
    callSafely(() => this.#listener?.onEvent(event, args));
  }

  #fire(event: string, ...args: readonly unknown[]): void {
    this.call(() => this.#listener?.onReserved(event, args));
  }
}
