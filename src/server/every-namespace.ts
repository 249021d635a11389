import { isFunction, property } from "../value.js";
import { hookBefore } from "./own-hooks.js";
import type { Middleware, SocketIoNamespace, SocketIoServer } from "./socket-io.js";

/**
 * Visits each namespace there is, and each one to come before it can be found: those of a pattern are made when their
 * first client knocks.
 */
export function everyNamespace(io: SocketIoServer, visit: (namespace: SocketIoNamespace) => void): void {
  const visited = new WeakSet<object>();
  const visitOnce = (namespace: unknown): void => {
    if (!isNamespace(namespace) || visited.has(namespace)) return;
    visited.add(namespace);
    visit(namespace);
  };
  for (const namespace of io._nsps.values()) visitOnce(namespace);
  hookBefore(io._nsps, "set", (_, namespace) => visitOnce(namespace));
}

function isNamespace(value: unknown): value is SocketIoNamespace {
  return typeof value === "object" && value !== null && isFunction(property(value, "use"));
}

/** How much of a name is written into a line: clients choose the names that a pattern allows. */
const LONGEST_NAME = 100;

/** A namespace as it is named in a line of the log. Never a part of a key under which something is kept. */
export function quoteName({ name }: { readonly name: string }): string {
  return JSON.stringify(name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name);
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
