import { hear } from "./own-hooks.js";
import type { EngineConnection, ServerSocket } from "./socket-io.js";

/** One connection of a client, with its sockets in all namespaces. Whose it is, tokens and sessions know. */
export interface Link {
  readonly conn: EngineConnection;
  /** The connected sockets, those of the control namespace among them. */
  readonly sockets: ReadonlySet<ServerSocket>;
  /** Aborted when the link ends. */
  readonly ended: AbortSignal;
  /** Counts a socket as connected. */
  join(socket: ServerSocket): void;
  /** Counts it no more. */
  leave(socket: ServerSocket): void;
  /** Disconnects every namespace, and then the connection. What is being verified for it is refused. */
  close(): void;
}

/** @param onListenerThrew - A listener of the application's threw when a socket was disconnected. */
export function createLink(conn: EngineConnection, onListenerThrew: (error: unknown) => void): Link {
  const sockets = new Set<ServerSocket>();
  const ended = new AbortController();
  const end = (): void => ended.abort();
  // Before Socket.IO hears of it: where a listener of the application's throws then, nobody after it hears of anything.
  hear(conn, "close", end);
  /** What the application's listeners throw must keep nobody else from hearing of it, and nothing from ending. */
  const attempt = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      onListenerThrew(error);
    }
  };

  return {
    conn,
    sockets,
    ended: ended.signal,

    join: (socket) => void sockets.add(socket),
    leave: (socket) => void sockets.delete(socket),

    close() {
      end();
      for (const socket of sockets) attempt(() => socket.disconnect());
      attempt(() => conn.close());
    },
  };
}
