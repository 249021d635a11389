import type { Socket } from "socket.io-client";
import { field, MOST_HELD, sizeOf } from "../value.js";
import type { LinkSocket, LinkSocketListener, Message } from "./io-adapter.js";
import type { SocketIoLink } from "./socket-io.js";

/** What Socket.IO's connection state recovery needs: a state of the server, and the last event that was delivered. */
interface Session {
  pid: string;
  offset: string | undefined;
}

/** The numbers of packets in Socket.IO's protocol. */
const CONNECT = 0;
const EVENT = 2;
const BINARY_EVENT = 5;

/** What a server gives for an id, of a session or of a packet: it is sent back, so that it has to be short. */
const ID = /^[!-~]{1,128}$/;
const isId = (value: unknown): value is string => typeof value === "string" && ID.test(value);

/** A link's socket for one namespace, over a socket of socket.io-client. */
export class NamespaceSocket implements LinkSocket {
  listener: LinkSocketListener | undefined;
  /** What may be recovered of it. */
  session: Session | undefined;
  readonly #link: SocketIoLink;
  readonly #socket: Socket;
  readonly #offered: Session | undefined;
  #isWanted = true;
  /** The server may not have read yet that the namespace was left: a CONNECT that comes along with it ends the link. */
  #hasLeft = false;
  #isSettling = false;
  /** Sends a CONNECT that waits until a newer token is accepted on this link. */
  #unsent: ((credential: object) => void) | undefined;
  /** What came in before anybody listened, until somebody does. */
  #early: Parameters<LinkSocketListener["onEvent"]>[] | undefined = [];
  /** What that takes, with what socket.io-client keeps until the namespace is connected. */
  #held = 0;

  /** @param offered - What is offered to the server for recovery. */
  constructor(link: SocketIoLink, socket: Socket, offered: Session | undefined) {
    this.#link = link;
    this.#socket = socket;
    this.#offered = offered;
    // socket.io-client offers it with its first CONNECT.
    if (offered) Object.assign(socket, { _pid: offered.pid, _lastOffset: offered.offset });
    socket.on("connect", () => {
      if (this.#isWanted) this.listener?.onConnect();
      // Left while the server was still deciding about its CONNECT: only now is there something to leave.
      else this.#disconnect();
    });
    socket.onAny((event, ...args) => this.#receive(event, args));
  }

  get id(): string | undefined {
    return this.#socket.id;
  }
  get isConnected(): boolean {
    return this.#socket.connected;
  }
  get isRecovered(): boolean {
    return this.#socket.recovered === true;
  }
  get isWritable(): boolean {
    return this.#socket.connected && this.#socket.io.engine?.transport?.writable === true;
  }

  listen(next: LinkSocketListener | undefined): void {
    const early = this.#early ?? [];
    this.listener = next;
    this.#early = undefined;
    this.#held = 0;
    if (this.#socket.connected) next?.onConnect();
    for (const each of early) this.listener?.onEvent(...each);
  }

  write({ event, args, onAck, compress }: Message): boolean {
    const socket = this.#socket;
    socket.compress(compress !== false);
    if (onAck) socket.emit(event, ...args, onAck);
    else socket.emit(event, ...args);
    if (socket.sendBuffer.length === 0) return true;
    // socket.io-client found the link dead and kept the message for itself; it goes to a link that lives.
    socket.sendBuffer = [];
    return false;
  }

  leave(): void {
    const socket = this.#socket;
    this.#isWanted = false;
    this.session = undefined;
    this.#early &&= [];
    // A DISCONNECT that overtakes the answer to a CONNECT would be ignored by the server.
    const isAsking = socket.active && !socket.connected && socket.io.engine?.readyState === "open";
    if (!isAsking) this.#disconnect();
  }

  /** The link begins: joins the namespace, unless the application has left it meanwhile. */
  begin(): void {
    if (this.#isWanted) this.#socket.connect();
  }

  /** Joins the namespace, unless it is joined or joining; once the link has begun, if it has not. */
  join(): void {
    this.#isWanted = true;
    if (this.#unsent) this.present(this.#unsent);
    if (!this.#link.hasBegun || this.#isSettling) return;
    if (!this.#hasLeft) {
      this.#connect();
      return;
    }
    this.#isSettling = true;
    void this.#link.settle().then(() => {
      this.#isSettling = this.#hasLeft = false;
      this.#connect();
    });
  }

  /** A packet of this namespace came in; socket.io-client gets it next. */
  onPacket({ type, data }: { type: number; data?: unknown }): void {
    if (!this.#socket.connected && (type === EVENT || type === BINARY_EVENT)) this.#hold(data);
    if (type !== CONNECT) return;
    // What waited for this is delivered now.
    this.#held = 0;
    const pid = field(data, "pid");
    // A state that was recovered goes on where it was.
    const offset = pid === this.#offered?.pid ? this.#offered?.offset : undefined;
    this.session = isId(pid) ? { pid, offset } : undefined;
  }

  /** The link is closed. */
  close(): void {
    this.#isWanted = false;
    this.listener = undefined;
    this.#socket.disconnect();
  }

  /** Presents the token in a CONNECT. */
  present(send: (credential: object) => void): void {
    this.#unsent = this.#link.present(send) ? undefined : send;
  }

  #connect(): void {
    const socket = this.#socket;
    if (!this.#isWanted || socket.active) return;
    // A namespace that was left, or let go, has nothing to recover, but socket.io-client would offer it.
    Reflect.set(socket, "_pid", undefined);
    socket.connect();
  }

  #disconnect(): void {
    this.#hasLeft ||= this.#socket.connected;
    this.#socket.disconnect();
  }

  #receive(event: string, args: unknown[]): void {
    if (!this.#isWanted) return;
    const { session, listener } = this;
    const last = args.at(-1);
    // The server adds one to each recoverable event. Any other that ends in a text is not told from these, but by it.
    const onDelivered =
      session && isId(last)
        ? () => {
            session.offset = last;
          }
        : undefined;
    if (listener) listener.onEvent(event, args, onDelivered);
    // A listener that has left hears the same from another link.
    else if (this.#early) {
      this.#early.push([event, args, onDelivered]);
      this.#hold(args);
    }
  }

  #hold(values: unknown): void {
    this.#held += sizeOf(values);
    if (this.#held <= MOST_HELD) return;
    this.#early &&= [];
    this.#socket.receiveBuffer = [];
    this.#link.overflow();
  }
}
