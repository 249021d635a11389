import { type ConnectionError, callSafely, disposed } from "../errors.js";
import type { LinkSocket } from "../links/io-adapter.js";
import { Inbox } from "./inbox.js";
import type { Message } from "./message.js";
import { type Common, Outbox } from "./outbox.js";
import { Stay } from "./stay.js";

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
 * Where a namespace is:
 *
 * - `waiting` for a link, or for its server to accept the namespace;
 * - `open`;
 * - `moving`: open on the last link, while the current one has not joined it yet;
 * - `lost`: the link goes on without it, until the next link or the application's own `connect()`;
 * - `refused`: the same, and no link joins it until there is another token;
 * - `left` by the application: no link joins it.
 */
type State = "waiting" | "open" | "moving" | "lost" | "refused" | "left";

/** The reason for a `disconnect` that a rotation causes. */
const ROTATION_REASON = "token rotation";

/**
 * One namespace between the application and whichever link is current. It holds what must survive a link: who listens,
 * and unsent messages. It attaches as it is told, asks the gate, and decides nothing.
 */
export class Channel {
  readonly outbox: Outbox;
  /** Whether the server restored the state of the link before. */
  recovered = false;
  readonly #namespace: string;
  readonly #common: Common;
  readonly #inbox: Inbox;
  #listener: ChannelListener | undefined;
  #state: State = "waiting";
  /** Of the link before, which is finishing. */
  #oldStay: Stay | undefined;

  constructor(namespace: string, common: Common) {
    this.#namespace = namespace;
    this.#common = common;
    this.#inbox = new Inbox(common);
    this.outbox = new Outbox(common, {
      onOutgoing: ({ event, args }) => this.#listener?.onOutgoing(event, args) === true,
      onAck: (message, values) =>
        this.#inbox.receive(true, values, () => {
          if (this.forget(message)) message.answer(values);
        }),
      onDropped: (event, code) => this.#fire("dropped", event, code),
    });
  }

  get id(): string | undefined {
    return this.connected ? this.#socket?.id : undefined;
  }
  get connected(): boolean {
    return this.#state === "open" || this.#state === "moving";
  }
  get active(): boolean {
    const { isActive, refusal } = this.#common;
    return isActive && refusal === undefined && (this.connected || this.#state === "waiting");
  }
  /** Whether the link before is not needed any more: nothing is pending on it, and this one has joined, or will not. */
  get isFinished(): boolean {
    return !this.#oldStay?.pending.size && this.#state !== "moving";
  }
  /** Whether the current link has joined this namespace, or is about to. */
  get isJoined(): boolean {
    return this.#socket !== undefined && this.isWanted && this.#state !== "lost";
  }
  /** Whether a link should join this namespace. */
  get isWanted(): boolean {
    return this.#state !== "left" && this.#state !== "refused";
  }

  /** Says who is told; it outlives every link. */
  listen(listener: ChannelListener): void {
    this.#listener = listener;
  }

  /** Calls the application, not within a step of the statechart. */
  call(call: () => void): void {
    this.#common.turn.call(call);
  }

  /** A message is not waited for any more. Answers whether it was. */
  forget(message: Message): boolean {
    const { line } = message;
    if (!line?.remove(message)) return false;
    if (line === this.#oldStay?.pending && line.size === 0) this.#common.onFinished();
    return true;
  }

  connect(): void {
    const { refusal, turn } = this.#common;
    if (refusal === "ERR_DISPOSED") {
      if (turn.isEnding) return;
      throw disposed();
    }
    if (!this.isWanted) this.#state = this.#socket ? "lost" : "waiting";
    this.#common.connect(this.#namespace);
  }

  disconnect(): void {
    this.#common.disconnect(this.#namespace);
  }

  /** A link is current: its socket carries this channel from now on. */
  attach(socket: LinkSocket): void {
    if (!this.connected) this.#state = "waiting";
    if (socket === this.#socket) return;
    this.outbox.stay.socket = socket;
    this.#follow(socket);
  }

  /**
   * Another link of the same user is current. The last one brings the acknowledgements that are pending, until `finish`;
   * its events do not count any more, as this one brings them too.
   */
  switchTo(socket: LinkSocket): void {
    const { stay } = this.outbox;
    this.#socket?.listen(undefined);
    this.#inbox.drop(true);
    if (this.#oldStay) stay.takeOver(this.#oldStay);
    this.#oldStay = stay;
    if (!this.connected) this.#state = "waiting";
    else if (!socket.isConnected) this.#state = "moving";
    this.outbox.stay = new Stay(socket);
    this.#follow(socket);
  }

  /** The link before is gone. */
  finish(): void {
    this.#endOld();
    if (this.#socket?.isConnected === false) this.#close(ROTATION_REASON, this.#socket);
  }

  /** No link is current any more. */
  detach(reason: string, next?: State): void {
    this.#socket?.listen(undefined);
    this.#inbox.drop();
    this.#close(reason, undefined, next);
  }

  /** Leaves this namespace until the application connects again. */
  leave(): void {
    const socket = this.#socket;
    socket?.listen(undefined);
    socket?.leave();
    this.detach("io client disconnect", "left");
  }

  /** A new token: what the server refused to the last one may be open to this one. */
  renew(): void {
    if (this.#state === "refused") this.#state = "waiting";
  }

  /** An attempt to connect has failed. */
  fail(error: ConnectionError): void {
    if (!this.connected && this.#state !== "left") this.#fire("connect_error", error);
  }

  /** The gate may be open: delivers what has come in, and writes what waits, for as long as it is. */
  flush(): void {
    this.call(() => {
      this.#inbox.deliver();
      this.outbox.flush();
    });
  }

  get #socket(): LinkSocket | undefined {
    return this.outbox.stay.socket;
  }

  #follow(socket: LinkSocket): void {
    socket.listen({
      onConnect: () => this.#open(),
      onEvent: (event, given, onDelivered) => {
        const args = this.outbox.accept(given);
        const deliver = (): void => {
          onDelivered?.();
          this.#listener?.onEvent(event, args);
        };
        this.#inbox.receive(false, args, () => callSafely(deliver));
      },
      onDisconnect: (reason) => this.#close(reason, socket, "lost"),
      onRefused: (error, isFinal) => {
        const next = isFinal ? "refused" : "lost";
        if (this.connected) this.#close(ROTATION_REASON, socket, next);
        else this.#state = next;
        this.fail(this.#common.failures.clean(error));
      },
    });
  }

  #open(): void {
    const { stay } = this.outbox;
    const wasMoving = this.#state === "moving";
    stay.open();
    this.#state = "open";
    this.recovered = stay.socket?.isRecovered === true;
    this.call(() => this.outbox.flush());
    this.#fire("connect");
    if (wasMoving) this.#common.onFinished();
  }

  /** The link has left the namespace, or is gone, and the link before with it. */
  #close(
    reason: string,
    socket: LinkSocket | undefined,
    next: State = this.connected ? "waiting" : this.#state,
  ): void {
    const { connected, outbox } = this;
    const { stay } = outbox;
    const wasMoving = this.#state === "moving";
    this.#state = next;
    outbox.stay = new Stay(socket);
    stay.end();
    this.#oldStay?.end();
    outbox.discardReplies();
    if (connected) this.#fire("disconnect", reason);
    stay.giveUp();
    this.#endOld();
    if (wasMoving) this.#common.onFinished();
  }

  /** The link before will acknowledge nothing any more. */
  #endOld(): void {
    const old = this.#oldStay;
    this.#oldStay = undefined;
    old?.end();
    if (old?.giveUp()) this.#common.onFinished();
  }

  #fire(event: string, ...args: readonly unknown[]): void {
    this.call(() => this.#listener?.onReserved(event, args));
  }
}
