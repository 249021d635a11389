import type { Middleware, SocketIoNamespace, SocketIoServer } from "./socket-io.js";

/** Visits each namespace there is and each one to come; those of a pattern are made when their first client knocks. */
export function everyNamespace(io: SocketIoServer, visit: (namespace: SocketIoNamespace) => void): void {
  for (const namespace of io._nsps.values()) visit(namespace);
  io.on("new_namespace", visit);
}

/**
 * Adds a middleware before those that are there. `use` would add it after what a dynamic namespace inherits from its
 * pattern, and the application's own checks would run before anybody is known.
 */
export function useFirst(namespace: SocketIoNamespace, middleware: Middleware): void {
  const middlewares: unknown = Reflect.get(namespace, "_fns");
  if (Array.isArray(middlewares)) middlewares.unshift(middleware);
  else namespace.use(middleware);
}
