import { CONTROL_NAMESPACE, type RefusalData } from "../protocol.js";
import { hear } from "./hooks.js";
import { writeTo } from "./socket-io-private.js";
import type { EngineConnection, ServerSocket } from "./socket-io-types.js";
import { TokenError } from "./token-error.js";

/** One connection of a client, with its sockets in all namespaces. Whose it is, tokens and sessions know. */
export interface Link {
  readonly conn: EngineConnection;
  /** The connected sockets, those of the control namespace among them. */
  readonly sockets: ReadonlySet<ServerSocket>;
  /** Aborted when the link ends. */
  readonly ended: LinkEnd;
  /** Counts a socket as connected. */
  join(socket: ServerSocket): void;
  /** Counts it no more. */
  leave(socket: ServerSocket): void;
  /** Writes to the client's half, where it has joined the control namespace. */
  tell(event: string, message: object): void;
  /**
   * Tells the client why, and then disconnects every namespace and the connection. What is being verified for it is
   * refused. Every end that tokens, sessions or a deploy decide comes through here.
   */
  disconnectWithReason(reason: RefusalData): void;
}

/** @param onListenerThrew - A listener of the application's threw when a socket was disconnected. */
export function createLink(conn: EngineConnection, onListenerThrew: (error: unknown) => void): Link {
  return new Connection(conn, onListenerThrew);
}

/** A class, as each connection has one: closures would take more memory. */
class Connection implements Link {
  readonly conn: EngineConnection;
  readonly sockets = new Set<ServerSocket>();
  readonly ended = new LinkEnding();
  readonly #onListenerThrew: (error: unknown) => void;

  constructor(conn: EngineConnection, onListenerThrew: (error: unknown) => void) {
    this.conn = conn;
    this.#onListenerThrew = onListenerThrew;
    // Before Socket.IO hears of it: where a listener of the application's throws then, nobody after it hears of anything.
    hear(conn, "close", () => this.ended.abort());
  }

  join(socket: ServerSocket): void {
    this.sockets.add(socket);
  }

  leave(socket: ServerSocket): void {
    this.sockets.delete(socket);
  }

  tell(event: string, message: object): void {
    for (const socket of this.sockets) {
      if (socket.nsp.name === CONTROL_NAMESPACE) writeTo(socket, event, message);
    }
  }

  disconnectWithReason(reason: RefusalData): void {
    this.tell("goodbye", reason);
    this.ended.abort();
    for (const socket of this.sockets) this.#attempt(() => socket.disconnect());
    this.#attempt(() => this.conn.close());
  }

  /** What the application's listeners throw must keep nobody else from hearing of it, and nothing from ending. */
  #attempt(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      this.#onListenerThrew(error);
    }
  }
}

/** The end of a link. An `AbortSignal` would cost a tenth of a handshake's CPU, and memory for as long as the link lives. */
export interface LinkEnd {
  readonly aborted: boolean;
  /** Calls back when the link ends; answers with what takes that back. */
  subscribe(listener: () => void): () => void;
}

class LinkEnding implements LinkEnd {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

/** The links of one Socket.IO server on this node. */
export interface OpenLinks extends Iterable<Link> {
  /** How many there are. */
  readonly size: number;
  /** The link of a connection, made when it is asked for first, and forgotten when the connection closes. */
  open(conn: EngineConnection): Link;
  /** The link of a connection, if it has one. */
  of(conn: object): Link | undefined;
}

export function createOpenLinks(create: (conn: EngineConnection) => Link): OpenLinks {
  const links = new Map<object, Link>();
  return {
    get size() {
      return links.size;
    },
    open(conn) {
      const known = links.get(conn);
      if (known !== undefined) return known;
      // Its "close" has been, so nothing would ever forget it.
      if (conn.readyState === "closed") {
        throw new TokenError("temporarily_unavailable", "The connection has ended.");
      }
      const link = create(conn);
      links.set(conn, link);
      hear(conn, "close", () => links.delete(conn));
      return link;
    },
    of: (conn) => links.get(conn),
    [Symbol.iterator]: () => [...links.values()].values(),
  };
}

/** A way of knowing whose a connection is. */
export interface Authentication {
  /** Takes out of a socket's handshake what the adapter would send to other nodes with `fetchSockets()`. */
  hide(socket: ServerSocket): void;
  /** Rejects with a {@link TokenError} where a CONNECT with this `auth` payload is not let in. */
  admit(link: Link, auth: object): Promise<void>;
  /** Whose a link is that was admitted. */
  identityOf(link: Link): string | undefined;
  /** Puts into a socket's `data` what is known of its link now. */
  applyToSocket(link: Link, socket: ServerSocket): void;
}
