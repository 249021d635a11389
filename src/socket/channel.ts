import { type ConnectionError, type ConnectionErrorCode, disposed } from "../errors.js";
import type { LinkSocket } from "../io/io-adapter.js";
import { callSafely, reportError } from "../report-error.js";
import { Inbox, type Incoming } from "./inbox.js";
import { Outbox, type Outgoing, type Reply } from "./outbox.js";
import type { PendingAck } from "./pending-ack.js";
import { Replies } from "./replies.js";

/** What a channel asks for, beyond obeying. */
export interface ChannelParts {
  bufferLimit: number;
  /** Whether the credential is a cookie. */
  isCookie?: boolean;
  /** How many signals of a change were heard. */
  heard(): number;
  /** Whether the current link's token is certain to be in force; a change that is found is reported. */
  mayWrite(): boolean;
  /** Whether the current link is certain to be the user's who is signed in. */
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
 * link: who listens, and unsent messages. It attaches, holds, drops and refuses as it is told, and decides nothing.
 */
export class Channel {
  readonly outbox: Outbox;
  readonly #inbox = new Inbox();
  readonly #replies: Replies;
  readonly #parts: ChannelParts;
  #listener: ChannelListener | undefined;
  #socket: LinkSocket | undefined;
  #isOpen = false;
  #isRecovered = false;
  #isHeld = false;
  #isPaused = false;
  #isActive = false;
  /** Another link is current, and has not joined this namespace yet. */
  #isJoining = false;
  /** The link goes on without this namespace, until the next link or the application's own `connect()`. */
  #isLost = false;
  #refusal: ConnectionErrorCode | undefined;
  /** The application left this namespace, or the server closed it to this token. */
  #absence: "left" | "refused" | undefined;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.outbox = new Outbox(
      parts.bufferLimit,
      (event, code) => this.#fire("dropped", event, code),
      () => parts.onFinished(),
      parts.isCookie,
    );
    this.#replies = new Replies({
      mayWrite: () => this.#mayWrite(),
      queue: (reply) => this.#queue(reply),
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
    return this.outbox.isFinished && !this.#isJoining;
  }
  /** Whether the link in force has joined this namespace, or is about to. */
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
   * Queues a message, and writes what may be written now; refuses it when nobody is signed in. It is queued even
   * when it can leave at once, because the look at the storage before writing may find another user.
   */
  send(message: Outgoing): void {
    if (this.#refusal !== undefined) {
      this.outbox.drop(message, this.#refusal);
      return;
    }
    this.#queue(message);
  }

  forget(ack: PendingAck): void {
    this.outbox.forget(ack);
  }

  connect(): void {
    if (this.#refusal === "ERR_DISPOSED") throw disposed();
    this.#absence = undefined;
    this.#parts.connect();
  }

  disconnect(): void {
    this.#parts.disconnect();
  }

  /** A link is current: its socket carries this channel from now on, where it is held or paused as the others are. */
  attach(socket: LinkSocket, isHeld: boolean, isPaused = false): void {
    this.#isHeld = isHeld;
    this.#isPaused = isPaused;
    this.#isLost = false;
    if (socket !== this.#socket) this.#follow(socket);
  }

  /**
   * Another link of the same user is current, and nothing is written on it before `release`. The last one brings the
   * acknowledgements that are due, until `finish`; its events do not count any more, as this one brings them too.
   */
  switchTo(socket: LinkSocket): void {
    this.#socket?.listen(undefined);
    this.#inbox.dropEvents();
    this.#isPaused = true;
    this.#isLost = false;
    this.outbox.changeLink();
    this.#replies.changeLink();
    this.#isJoining = this.#isOpen && !socket.isConnected;
    this.#follow(socket);
  }

  /** The link before is gone. */
  finish(): void {
    this.#replies.closeOldLink();
    this.outbox.closeOldLink();
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

  /** Nothing is written or delivered until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** What was held is delivered, and written. */
  release(): void {
    this.#isPaused = false;
    this.#isHeld = false;
    this.#deliverDue();
    this.#flush();
  }

  /** What was held is delivered; no message is written until the next link is attached. Replies have only this one. */
  pause(): void {
    this.#isPaused = true;
    this.#isHeld = false;
    this.#deliverDue();
    this.#flush();
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
    if (code !== undefined) this.outbox.discard(code);
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
    this.#flush();
    this.#fire("connect");
    this.#endJoining();
  }

  #close(reason: string): void {
    this.#replies.closeLink();
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#fire("disconnect", reason);
    }
    this.outbox.closeLink();
    this.#endJoining();
  }

  #endJoining(): void {
    if (!this.#isJoining) return;
    this.#isJoining = false;
    this.#parts.onFinished();
  }

  #write(message: Outgoing): boolean {
    const socket = this.#writable();
    if (!socket || (message.isVolatile && !socket.isWritable)) return false;
    if (this.#announce(message) && socket !== this.#writable()) return false;
    return this.outbox.send(message, ({ onAck, ...written }) =>
      socket.write(
        onAck
          ? {
              ...written,
              onAck: (...values) => this.#receive({ isAck: true, values, deliver: () => onAck(...values) }),
            }
          : written,
      ),
    );
  }

  /** The socket to write to, when it is certain that messages may go there. */
  #writable(): LinkSocket | undefined {
    const socket = this.#socket;
    // While one link takes the place of another, the namespace is open before it has joined the new one.
    if (!socket?.isConnected || !this.#isOpen || this.#isPaused || !this.#mayWrite()) return undefined;
    // Asking may have found another token, and detached this very socket.
    return socket === this.#socket ? socket : undefined;
  }

  #mayWrite(): boolean {
    return !this.#isHeld && this.#parts.mayWrite();
  }

  /** Queues what is to leave, and writes what may be written now. What cannot be encoded is thrown. */
  #queue(due: Outgoing | Reply): void {
    const errors: unknown[] = [];
    due.heard = this.#parts.heard();
    this.outbox.add(due);
    this.outbox.drain(
      (message) => this.#write(message),
      (error) => errors.push(error),
    );
    if (errors.length > 0) throw errors[0];
  }

  /** Tells of a message that leaves, once, although it may have to wait for another link after all. */
  #announce(message: Outgoing): boolean {
    if (message.isAnnounced) return false;
    message.isAnnounced = true;
    return this.#listener?.onOutgoing(message.event, message.args) === true;
  }

  #flush(): void {
    this.outbox.drain((due) => this.#write(due), reportError);
  }

  /** Delivers what has come in, until something makes it uncertain whose it is. */
  #deliverDue(): void {
    this.#inbox.drain(() => {
      // A listener may have changed everything just now, and the rest waits for what follows from it.
      this.#isHeld ||= !this.#parts.mayDeliver();
      return !this.#isHeld;
    });
  }

  #receive(due: Incoming): void {
    this.#inbox.add(due);
    this.#deliverDue();
    if (this.#inbox.hasRoom()) return;
    this.#inbox.clear();
    this.#parts.onOverflow();
  }

  #deliver(event: string, args: readonly unknown[]): void {
    callSafely(() => this.#listener?.onEvent(event, args));
  }

  #fire(event: string, ...args: readonly unknown[]): void {
    callSafely(() => this.#listener?.onReserved(event, args));
  }
}
