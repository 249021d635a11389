import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import type { Actor } from "xstate";
import type { connectionMachine } from "../machines/index.js";
import type { ConnectionSnapshot, ConnectionStatus } from "./snapshot.js";
import type { RotorSocket } from "./sockets/rotor-socket.js";

/**
 * A Socket.IO connection that follows its token. Whoever made it ends it with `dispose()`; after that its methods
 * fail with `ERR_DISPOSED`.
 */
export interface Connection<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> {
  /** The socket of the primary namespace, the same object for the life of the connection. */
  readonly socket: RotorSocket<ListenEvents, EmitEvents>;
  /**
   * The socket of another namespace, on the same link and with the same token.
   *
   * @throws {@link ConnectionError} `ERR_INVALID_NAMESPACE` for a name that does not begin with a slash, has a
   * query, or is the library's own, as `/rotor` is.
   */
  of<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    namespace: string,
  ): RotorSocket<Listen, Emit>;
  /** The XState actor, for the bindings of UI frameworks. */
  readonly actor: Actor<typeof connectionMachine>;
  /** One of five states. */
  readonly status: ConnectionStatus;
  /** What is known of the connection; the same object until something changes. */
  getSnapshot(): ConnectionSnapshot;
  /** What a server that renders the page shows: `idle`. */
  getServerSnapshot(): ConnectionSnapshot;
  /**
   * Calls back after each change, with the snapshot; returns the function that ends it. Fits `useSyncExternalStore`, so
   * that it does not fail after `dispose()`: it does nothing.
   *
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for what is no function.
   */
  subscribe(listener: (snapshot: ConnectionSnapshot) => void): () => void;
  /**
   * Resolves when it is connected, at once if it is. It waits through sign-outs and outages.
   *
   * @throws the signal's reason when the signal aborts; {@link ConnectionError} `ERR_DISPOSED` after `dispose()`.
   */
  whenConnected(options?: { signal?: AbortSignal }): Promise<void>;
  /** Starts, or asks for another attempt where the connection has given up. */
  connect(): void;
  /** Stops. Listeners stay, and messages wait for `connect()`. */
  disconnect(): void;
  /**
   * Signs in: stores the token and puts it in force under a new epoch, even if it is the same. Without a token, what
   * the storage holds is put in force anew. Resolves when it is stored; `whenConnected()` waits for the rest. Nothing is
   * sent as the last user from the call on; what is emitted from then on is the new user's, and waits. Where the token
   * cannot be stored, that is dropped with `ERR_IDENTITY_CHANGED`.
   *
   * With `sessionCookie()` call it without a token, after the HTTP call that signs in: this tab and the others make a
   * new handshake, which brings the new cookie. Where the server sees no session yet, as it may be about to store it,
   * that is tried again for `stableAfter`; then a warning says so.
   *
   * @throws {@link ConnectionError} `ERR_INVALID_TOKEN`, `ERR_STORAGE_WRITE` or `ERR_STORAGE_READ_ONLY`.
   */
  login(token?: string): Promise<void>;
  /**
   * Signs out: at once, whatever the storage does. Resolves when the token is removed from the storage as well. With
   * `sessionCookie()` call it after the HTTP call that ends the session: a cookie is the server's to take away. A storage
   * without `write` keeps its token, and the next one that it tells of connects again: sign out there as well.
   *
   * @throws {@link ConnectionError} `ERR_STORAGE_WRITE` when it could not be removed; the connection is signed out
   * all the same.
   */
  logout(): Promise<void>;
  /**
   * Refreshes the token now; resolves when the fresh one is known. While a newer token is being put in force already
   * (`rotating`), it resolves at once and calls nothing.
   *
   * @throws {@link ConnectionError} `ERR_NO_REFRESH`, `ERR_NOT_REFRESHED`, `ERR_REFRESH_FAILED`,
   * `ERR_REFRESH_TIMEOUT` or `ERR_LOGGED_OUT`; `ERR_INVALID_TOKEN` when `refresh` answers with what is no token; the
   * storage's codes when it cannot be read.
   */
  refresh(): Promise<void>;
  /** Ends everything: no timer, listener or handle is left. A second call does nothing. */
  dispose(): void;
  /** The same, for `using`; absent where the runtime has no `Symbol.dispose`. */
  [Symbol.dispose](): void;
}
