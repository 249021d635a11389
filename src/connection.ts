import type { DefaultEventsMap, EventsMap } from "@socket.io/component-emitter";
import type { ConnectionActor } from "./connection-logic.js";
import { ConnectionError, callSafely, disposed, invalidOption, reasonOf, throwIfAborted } from "./errors.js";
import type { Parts } from "./parts.js";
import { type ConnectionSnapshot, type ConnectionStatus, SERVER_SNAPSHOT, takeSnapshot } from "./snapshot.js";
import type { RotorSocket } from "./sockets/rotor-socket.js";
import { describeType, isFunction } from "./value.js";

/**
 * A Socket.IO connection that follows its token. End it with `dispose()`; after that its methods
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
  readonly actor: ConnectionActor;
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
   * Signs in: stores the token and makes it the current one under a new version, even if it is the same. Without a token, what
   * the storage holds is applied anew. Resolves when it is stored; `whenConnected()` waits for the rest. Nothing is
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
   * @throws {@link ConnectionError} `ERR_STORAGE_WRITE` when it could not be removed; it is signed out even so.
   */
  logout(): Promise<void>;
  /**
   * Refreshes the token now; resolves when the fresh one is known. While a newer token is being applied already
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

/** Of a plain object stores such as MobX's would make a copy, whose getters remember what they said first. */
const NO_PLAIN_OBJECT = {};

/** Makes the connection of an actor, which has not started, or runs. */
export function makeConnection(parts: Parts): Connection {
  const { actor, namespace, source, refresher, of, turn, lifetime, shown } = parts;
  const socket = of(namespace);
  const listeners = new Set<(snapshot: ConnectionSnapshot) => void>();
  let isDisposed = false;
  let snapshot = takeSnapshot(parts);
  /** The last one that subscribers were told of, or are about to be. */
  let told = snapshot;

  /** The state as it is now, which in a listener of a socket is ahead of what subscribers were told. */
  const look = (): ConnectionSnapshot => {
    snapshot = takeSnapshot(parts, snapshot);
    return snapshot;
  };
  /** Tells subscribers of a state, one after another, even where it has gone on by then. */
  shown.onChange = () => {
    const news = look();
    if (news === told) return;
    told = news;
    turn.call(() => {
      for (const listener of [...listeners]) callSafely(listener, news);
    });
  };
  const dispose = (): void => {
    if (isDisposed) return;
    isDisposed = true;
    turn.step(() => {
      lifetime.end(true);
      // The actor of somebody else's statechart is theirs to stop.
      if (!actor._parent) actor.stop();
      turn.call(() => listeners.clear());
    });
  };
  const check = (): void => {
    if (lifetime.isOver) throw disposed();
  };
  /** The storage is written only while the actor runs, or before it starts. */
  const checkStorage = (): void => {
    check();
    if (lifetime.isStopped) throw disposed();
  };

  const connection: Omit<Connection, typeof Symbol.dispose> = {
    socket,
    of<Listen extends EventsMap, Emit extends EventsMap>(name: string) {
      check();
      return of<Listen, Emit>(name);
    },
    actor,
    get status() {
      return look().status;
    },
    getSnapshot: look,
    getServerSnapshot: () => SERVER_SNAPSHOT,
    subscribe(listener) {
      if (!isFunction(listener))
        throw invalidOption(`subscribe() takes a function, but got ${describeType(listener)}.`);
      // Frameworks subscribe and unsubscribe in an order of their own, and there is nothing left to tell.
      if (isDisposed) return () => {};
      // One entry a call, so that the same function may be subscribed twice.
      const entry = (news: ConnectionSnapshot): void => {
        listener(news);
      };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    async whenConnected({ signal } = {}) {
      check();
      if (signal) throwIfAborted(signal);
      if (look().status === "connected") return;
      await new Promise<void>((resolve, reject) => {
        const end = (): void => {
          listeners.delete(onChange);
          signal?.removeEventListener("abort", onAbort);
        };
        const onAbort = (): void => {
          end();
          reject(signal && reasonOf(signal));
        };
        const onChange = (): void => {
          if (!lifetime.isOver && look().status !== "connected") return;
          end();
          if (lifetime.isOver) reject(disposed());
          else resolve();
        };
        listeners.add(onChange);
        signal?.addEventListener("abort", onAbort);
      });
    },
    connect() {
      socket.connect();
    },
    disconnect() {
      if (!turn.isEnding) check();
      socket.disconnect();
    },
    login(...given) {
      try {
        checkStorage();
        // A token that is `undefined` by mistake must not make the last user's current again.
        if (given.length > 0 && given[0] === undefined) {
          throw new ConnectionError(
            "ERR_INVALID_TOKEN",
            "login(token) takes a token that is a string, but got undefined.",
          );
        }
        // The very promise: between its end and what the application does then, no message comes.
        return source.login(given[0]);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    async logout() {
      checkStorage();
      await source.logout();
    },
    async refresh() {
      check();
      if (!refresher) {
        throw new ConnectionError(
          "ERR_NO_REFRESH",
          'refresh() needs the "refresh" option: a function that answers with another token.',
        );
      }
      // A newer token is being applied already.
      if (look().status === "rotating") return;
      if (lifetime.isRunning) turn.step(() => actor.send({ type: "refresh" }));
      // In a listener the statechart is in the middle of a step, and hears of it when that has ended.
      if (!refresher.isUnderWay) await Promise.resolve();
      await refresher.outcome();
    },
    dispose,
  };
  Object.setPrototypeOf(connection, NO_PLAIN_OBJECT);
  return Object.assign(connection, { [Symbol.dispose ?? "dispose"]: dispose });
}
