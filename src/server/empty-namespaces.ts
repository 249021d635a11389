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

  const isEmpty = (): boolean =>
    coming === 0 &&
    property(property(namespace, "_preConnectSockets"), "size") === 0 &&
    property(property(namespace, "sockets"), "size") === 0;
  const cleanUpIfEmpty = (socket: unknown): void => {
    if (isEmpty() && io._nsps.get(namespace.name) === namespace) Reflect.apply(cleanUp, namespace, [socket]);
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
