import { isFunction } from "../value.js";
import { createNotes } from "./notes.js";
import {
  createCleanUpHook,
  isAwaited,
  namespacesOf,
  putNamespace,
  useFirst,
  wrapAdd,
  wrapRemove,
} from "./socket-io-private.js";
import type { ServerClient, ServerSocket, SocketIoNamespace, SocketIoServer } from "./socket-io-types.js";

/** The CONNECT packets that are being answered. */
export interface Connects {
  /**
   * Lets one CONNECT at a time of each connection into a namespace. Socket.IO makes a socket of each that comes before
   * the first has been answered; the others are ignored here, as their answer is that of the first. A CONNECT to a
   * namespace that is joined already closes the connection, which is Socket.IO's own way.
   *
   * What is called here is called whatever listeners the application takes off.
   */
  guard(namespace: SocketIoNamespace, door: Door): void;
}

/** What is asked and told at the entry of a namespace. */
interface Door {
  /** Whether a CONNECT was answered with a refusal already, by the connection alone. */
  isRefused(client: ServerClient): boolean;
  /** Sees the `auth` payload before Socket.IO makes a socket, and answers with the one to use. It must not reject. */
  prepare(client: ServerClient, auth: object): Promise<object> | object;
  /** A socket is connected, and no listener of the application's knows. It must not throw. */
  onConnected(socket: ServerSocket): void;
  /** A socket has left, or was given up before it was connected. It must not throw. */
  onLeft(socket: ServerSocket): void;
}

/** The longest name of a namespace that a client may join, and how many it may be joining at once. */
const LONGEST_NAME = 1_000;
const MOST_PENDING = 1_000;

/** @param onFlood - A connection is closed, as it joins more, or what has a longer name, than any application has. */
export function createConnects(
  onIgnored: (namespace: SocketIoNamespace) => void,
  onFlood: () => void,
): Connects {
  /** By name and not by namespace: one that the application has taken away may be made anew meanwhile. */
  const pending = createNotes<object, Set<string>>();
  const pendingOf = (client: object): Set<string> => {
    const names = pending.get(client) ?? new Set();
    pending.set(client, names);
    return names;
  };
  /** Most clients join what they want at once, and nothing is kept of it. */
  const settle = (client: object, name: string): void => {
    const names = pending.get(client);
    names?.delete(name);
    if (names?.size === 0) pending.set(client, undefined);
  };

  return {
    guard(namespace, { isRefused, prepare, onConnected, onLeft }) {
      const { name } = namespace;
      wrapAdd(namespace, (add) => async (client, auth, added) => {
        if (isRefused(client)) return;
        const names = pendingOf(client);
        if (name.length > LONGEST_NAME || names.size >= MOST_PENDING) {
          onFlood();
          client.conn.close();
          return;
        }
        if (names.has(name)) {
          onIgnored(namespace);
          return;
        }
        names.add(name);
        const connected = (socket: ServerSocket): void => {
          if (isFunction(added)) added(socket);
          settle(client, name);
          onConnected(socket);
        };
        const prepared = prepare(client, auth);
        try {
          await add(client, prepared instanceof Promise ? await prepared : prepared, connected);
        } catch (error) {
          settle(client, name);
          throw error;
        }
      });

      const followSocket = createCleanUpHook((socket) => {
        if (!socket.connected) settle(socket.client, name);
        onLeft(socket);
      });
      useFirst(namespace, (socket, next) => {
        followSocket(socket);
        next();
      });
    },
  };
}

/**
 * Keeps a namespace that Socket.IO cleans up when it is empty for as long as anybody is on the way into it. Socket.IO
 * does so whenever a socket is given up and none is connected: those who were still being verified came into a namespace
 * that nobody finds any more, and on leaving took away the one that had been made anew under its name.
 */
export function keepWhileAwaited(io: SocketIoServer, namespace: SocketIoNamespace): void {
  /** Those who have no socket yet. */
  let coming = 0;
  let isCleanedUp = false;
  let cleanUpIfEmpty: (socket: unknown) => void = () => {};

  const isEmpty = (): boolean => coming === 0 && !isAwaited(namespace) && namespace.sockets.size === 0;
  const hasOwn = wrapRemove(namespace, (forget, cleanUp) => {
    cleanUpIfEmpty = (socket) => {
      if (isCleanedUp || !isEmpty()) return;
      isCleanedUp = true;
      const current = namespacesOf(io).get(namespace.name);
      cleanUp(socket);
      // Where the application had taken it away, another one stands under its name, and stays.
      if (current !== namespace && current !== undefined) putNamespace(io, current);
    };
    return (socket) => {
      forget(socket);
      cleanUpIfEmpty(socket);
    };
  });
  // It has one of its own only where it is cleaned up.
  if (!hasOwn) return;
  wrapAdd(namespace, (add) => async (...args) => {
    coming += 1;
    try {
      await add(...args);
    } finally {
      coming -= 1;
      // No socket was made where the CONNECT was ignored, or failed: none will be given up.
      cleanUpIfEmpty({});
    }
  });
}
