import { type LinkEnd, LinkEnding } from "./link-end.js";
import { hear } from "./own-hooks.js";
import type { EngineConnection, ServerSocket } from "./socket-io.js";

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
  /** Disconnects every namespace, and then the connection. What is being verified for it is refused. */
  close(): void;
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

  close(): void {
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
