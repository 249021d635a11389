import { isFunction, property } from "../value.js";
import type { SocketIoNamespace, SocketIoServer } from "./socket-io.js";

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
