import { ConnectionError } from "../errors.js";
import { isFunction, property } from "../value.js";
import { useFirst } from "./socket-io-private.js";
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
  const pending = new WeakMap<object, Set<string>>();
  const pendingOf = (client: object): Set<string> => {
    const names = pending.get(client) ?? new Set();
    pending.set(client, names);
    return names;
  };
  /** Most clients join what they want at once, and nothing is kept of it. */
  const settle = (client: object, name: string): void => {
    const names = pending.get(client);
    names?.delete(name);
    if (names?.size === 0) pending.delete(client);
  };

  return {
    guard(namespace, { isRefused, prepare, onConnected, onLeft }) {
      const { name } = namespace;
      const add: unknown = Reflect.get(namespace, "_add");
      if (!isFunction(add)) {
        throw new ConnectionError(
          "ERR_SERVER_SETUP",
          "This version of Socket.IO is not known to socket-rotor: its namespaces have no _add(). Use socket.io 4.7 or newer, and report the version.",
        );
      }

      const guarded = async (client: ServerClient, auth: object, added: unknown): Promise<void> => {
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
          await Reflect.apply(add, namespace, [
            client,
            prepared instanceof Promise ? await prepared : prepared,
            connected,
          ]);
        } catch (error) {
          settle(client, name);
          throw error;
        }
      };
      Reflect.set(namespace, "_add", guarded);

      // One for all sockets of the namespace, and not a closure for each.
      function cleanUp(this: ServerSocket): void {
        Reflect.deleteProperty(this, "_cleanup");
        if (!this.connected) settle(this.client, name);
        onLeft(this);
        const cleanup: unknown = Reflect.get(this, "_cleanup");
        if (isFunction(cleanup)) Reflect.apply(cleanup, this, []);
      }
      useFirst(namespace, (socket, next) => {
        // It is called where a socket leaves, and where one is given up before it is connected, for whatever reason.
        Reflect.set(socket, "_cleanup", cleanUp);
        next();
      });
    },
  };
}

/**
 * Keeps a namespace that Socket.IO cleans up when it is empty for as long as anybody is on the way into it. Socket.IO
 * does so whenever a socket is given up and none is connected: whoever was still being verified came into a namespace
 * that nobody finds any more, and on leaving took away the one that had been made anew under its name.
 */
export function keepWhileAwaited(io: SocketIoServer, namespace: SocketIoNamespace): void {
  const add: unknown = Reflect.get(namespace, "_add");
  const cleanUp: unknown = Reflect.get(namespace, "_remove");
  const remove = property(Object.getPrototypeOf(namespace), "_remove");
  // It has one of its own only where it is cleaned up.
  if (!Object.hasOwn(namespace, "_remove") || !isFunction(cleanUp)) return;
  if (!isFunction(remove) || !isFunction(add)) return;
  /** Those who have no socket yet. */
  let coming = 0;
  let isCleanedUp = false;

  const isAnybodyWaiting = (): boolean => {
    const waiting: unknown = Reflect.get(namespace, "_preConnectSockets");
    // A middleware of the application's may never let go of a socket whose connection has ended.
    const isThere = (socket: unknown): boolean =>
      property(property(socket, "conn"), "readyState") !== "closed";
    return waiting instanceof Map && [...waiting.values()].some(isThere);
  };
  const isEmpty = (): boolean =>
    coming === 0 && !isAnybodyWaiting() && property(property(namespace, "sockets"), "size") === 0;
  const cleanUpIfEmpty = (socket: unknown): void => {
    if (isCleanedUp || !isEmpty()) return;
    isCleanedUp = true;
    const current = io._nsps.get(namespace.name);
    Reflect.apply(cleanUp, namespace, [socket]);
    // Where the application had taken it away, another one stands under its name, and stays.
    const namespaces: unknown = Reflect.get(io, "_nsps");
    if (namespaces instanceof Map && current !== namespace && current)
      namespaces.set(namespace.name, current);
  };

  Reflect.set(namespace, "_remove", (socket: unknown) => {
    Reflect.apply(remove, namespace, [socket]);
    cleanUpIfEmpty(socket);
  });
  Reflect.set(namespace, "_add", async (...args: unknown[]) => {
    coming += 1;
    try {
      await Reflect.apply(add, namespace, args);
    } finally {
      coming -= 1;
      // No socket was made where the CONNECT was ignored, or failed: none will be given up.
      cleanUpIfEmpty({});
    }
  });
}
