import { ConnectionError, callSafely, disposed } from "../errors.js";
import type { LinkSocket, LinkSocketListener } from "../links/io-adapter.js";
import { isNamespace } from "../protocol.js";
import { MOST_HELD, sizeOf } from "../value.js";
import { notANamespace } from "../words/messages.js";
import { type Item, Line } from "./line.js";
import { Stay } from "./message.js";
import { Outbox } from "./outbox.js";
import { PacketIds } from "./packet-ids.js";
import { RotorSocket } from "./rotor-socket.js";
import type { Traffic } from "./traffic.js";

/** What a channel tells the socket in front of it. */
export interface ChannelListener {
  /** An event from the server. */
  onEvent(event: string, args: readonly unknown[]): void;
  /** An event of the library's own. */
  onReserved(event: string, args: readonly unknown[]): void;
  /** A message is about to be written. Answers whether anybody was told, who may have changed everything. */
  onOutgoing(event: string, args: readonly unknown[]): boolean;
}

/** An event or an acknowledgement that came in, and waits until it is certain whose it is. */
interface Incoming extends Item<Incoming> {
  readonly size: number;
  deliver(): void;
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
  /** Who is told; it outlives every link. */
  listener: ChannelListener | undefined;
  /** What the application holds of it. */
  readonly socket: RotorSocket;
  /** Whether the server restored the state of the link before. */
  recovered = false;
  /** The link that was asked to join this namespace, and is not current yet; 0 for none. */
  opening = 0;
  #state: State = "waiting";
  /** Of the links before, which are finishing. */
  #oldStays: Stay[] = [];
  readonly #parts: Traffic["parts"];
  /** Only with `overlap` are two links open that bring the same. */
  readonly #packetIds: PacketIds | undefined;
  readonly #incoming = new Line<Incoming>();
  /** What all that takes together. */
  #size = 0;

  constructor(
    readonly namespace: string,
    readonly traffic: Traffic,
  ) {
    checkNamespace(namespace);
    this.#parts = traffic.parts;
    if (traffic.parts.rotation === "overlap") this.#packetIds = new PacketIds();
    this.outbox = new Outbox(this, traffic);
    this.socket = new RotorSocket(this);
  }

  get id(): string | undefined {
    return this.connected ? this.#link?.id : undefined;
  }
  get connected(): boolean {
    return this.#state === "open" || this.#state === "moving";
  }
  get active(): boolean {
    const { isActive, refusal } = this.traffic;
    return isActive && refusal === undefined && (this.connected || this.#state === "waiting");
  }
  /** Whether the links before are not needed any more: nothing is pending, and this one has joined, or will not. */
  get isFinished(): boolean {
    return this.#state !== "moving" && this.#oldStays.every(({ size }) => size === 0);
  }
  /** Whether a link should join this namespace. */
  get isWanted(): boolean {
    return this.#state !== "left" && this.#state !== "refused";
  }

  connect(): void {
    if (this.traffic.refusal === "ERR_DISPOSED") {
      if (this.#parts.turn.isEnding) return;
      throw disposed();
    }
    if (!this.isWanted) this.#state = this.#link ? "lost" : "waiting";
    this.traffic.connect(this, this.#link !== undefined && this.#state !== "lost");
  }

  /** A link is current: its socket carries this channel from now on. */
  attach(socket: LinkSocket): void {
    if (!this.connected) this.#state = "waiting";
    if (socket === this.#link) return;
    this.outbox.stay.socket = socket;
    this.#follow(socket);
  }

  /**
   * Another link of the same user is current. The last one brings the acknowledgements that are pending, until `finish`.
   * Its events count until this one has joined the namespace, and brings them too.
   */
  switchTo(socket: LinkSocket): void {
    if (!this.connected) this.#state = "waiting";
    else if (!socket.isConnected) this.#state = "moving";
    this.#oldStays.push(this.outbox.stay);
    this.outbox.stay = new Stay(socket);
    this.#follow(socket);
  }

  /** The link before is gone. */
  finish(): void {
    this.#endOld();
    if (this.#link?.isConnected === false) this.#close(ROTATION_REASON, this.#link);
  }

  /** No link is current any more. */
  detach(reason: string, next?: State): void {
    this.#link?.listen(undefined);
    this.#drop();
    this.#close(reason, undefined, next);
  }

  /** Leaves this namespace until the application connects again. */
  leave(): void {
    const link = this.#link;
    link?.listen(undefined);
    link?.leave();
    this.detach("io client disconnect", "left");
  }

  /** A new token: what the server refused to the last one may be open to this one. */
  renew(): void {
    if (this.#state === "refused") this.#state = "waiting";
  }

  /** An attempt to connect has failed. */
  fail(error: ConnectionError): void {
    if (!this.connected && this.#state !== "left") this.fire("connect_error", error);
  }

  /** The gate may be open: delivers what has come in, and writes what waits, for as long as it is. */
  flush(): void {
    this.#parts.turn.call(() => {
      this.#deliver();
      this.outbox.flush();
    });
  }

  /** Fires an event of the library's own, not within a step of the statechart. */
  fire(event: string, ...args: readonly unknown[]): void {
    this.#parts.turn.call(() => this.listener?.onReserved(event, args));
  }

  /** Delivers an event or an acknowledgement at once, where nothing is before it, or as soon as it may. */
  receive(values: readonly unknown[], deliver: () => void): void {
    const { turn } = this.#parts;
    if (this.#incoming.size === 0 && turn.isIdle && this.#mayDeliver) {
      callSafely(deliver);
      return;
    }
    const size = sizeOf(values);
    this.#incoming.add({ size, deliver });
    this.#size += size;
    turn.call(() => this.#deliver());
    if (this.#size <= MOST_HELD) return;
    this.#drop();
    this.traffic.overflow();
  }

  /** Delivers for as long as it may: it asks the gate before each, as a listener may change everything. */
  #deliver(): void {
    for (let { first } = this.#incoming; first && this.#mayDeliver; { first } = this.#incoming) {
      this.#incoming.remove(first);
      this.#size -= first.size;
      callSafely(first.deliver);
    }
  }

  /** Drops what came in and waits. */
  #drop(): void {
    this.#incoming.removeAll();
    this.#packetIds?.clear();
    this.#size = 0;
  }

  get #mayDeliver(): boolean {
    return this.#parts.gate.mayDeliver(this.traffic.link);
  }

  get #link(): LinkSocket | undefined {
    return this.outbox.stay.socket;
  }

  #follow(socket: LinkSocket): void {
    const listener: LinkSocketListener = {
      onConnect: () => {
        if (socket === this.#link) this.#open();
      },
      onEvent: (event, given, onDelivered) => {
        const id = onDelivered && given.at(-1);
        if (id && this.#packetIds?.isRepeated(id, socket)) return onDelivered();
        const args = this.outbox.accept(given);
        this.receive(args, () => {
          onDelivered?.();
          this.listener?.onEvent(event, args);
        });
      },
      onDisconnect: (reason) => {
        // Of one that is finishing only what it brings counts.
        if (socket === this.#link) this.#close(reason, socket, "lost");
      },
      onRefused: (error, isFinal) => {
        const next = isFinal ? "refused" : "lost";
        if (this.connected) this.#close(ROTATION_REASON, socket, next);
        else this.#state = next;
        this.fail(this.#parts.failures.clean(error));
      },
    };
    socket.listen(listener);
  }

  #open(): void {
    const { stay } = this.outbox;
    this.#leaveOld();
    stay.isOpen = true;
    this.#state = "open";
    this.recovered = stay.socket?.isRecovered === true;
    this.#parts.turn.call(() => this.outbox.flush());
    this.fire("connect");
    this.traffic.tellFinished();
  }

  /** The link has left the namespace, or is gone, and the links before with it. */
  #close(
    reason: string,
    socket: LinkSocket | undefined,
    next: State = this.connected ? "waiting" : this.#state,
  ): void {
    const { connected, outbox } = this;
    this.#state = next;
    this.#oldStays.push(outbox.stay);
    outbox.stay = new Stay(socket);
    outbox.discardReplies();
    this.#endOld(connected ? reason : undefined);
  }

  /** What the links before bring does not count any more, but for acknowledgements. */
  #leaveOld(): void {
    for (const { socket } of this.#oldStays) if (socket !== this.#link) socket?.listen(undefined);
  }

  /** The links before acknowledge nothing any more; nor do they take a reply of who hears that the last one is gone. */
  #endOld(reason?: string): void {
    this.#leaveOld();
    for (const old of this.#oldStays) old.socket = undefined;
    if (reason !== undefined) this.fire("disconnect", reason);
    for (const old of this.#oldStays.splice(0)) this.outbox.giveUp(old);
    this.traffic.tellFinished();
  }
}

function checkNamespace(namespace: string): void {
  if (isNamespace(namespace)) return;
  throw new ConnectionError("ERR_INVALID_NAMESPACE", notANamespace(namespace));
}
