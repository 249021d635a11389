import { isFunction, property } from "../value.js";
import { hookBefore, requireMethod } from "./hooks.js";
import type {
  EngineConnection,
  Middleware,
  ServerClient,
  ServerSocket,
  SocketIoNamespace,
  SocketIoServer,
} from "./socket-io-types.js";

// Everything private of Socket.IO and Engine.IO that is touched, and nothing else of the server half touches any of it.
//
// Each function names its member, and what happens where a later version has it no more. Where it names no version, the
// member is there from socket.io 4.7.0 with engine.io 6.5.0 to socket.io 4.8.4 with engine.io 6.6.11: the test of this
// file looks for each in both.

type Method = (...args: unknown[]) => unknown;

// The server

/** `_nsps` of the server. Without it every function refuses the server, and says so. */
export function hasNamespaces(io: unknown): boolean {
  const namespaces = property(io, "_nsps");
  return ["values", "set"].every((name) => isFunction(property(namespaces, name)));
}

/** `_nsps` of the server. */
export function namespacesOf(io: SocketIoServer): ReadonlyMap<string, SocketIoNamespace> {
  return io._nsps;
}

/**
 * `_nsps` of the server, and its `set`. Visits each namespace there is, and each one to come before it can be found:
 * those of a pattern are made when their first client knocks. Without it, as {@link namespacesOf}.
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

/** `_nsps` of the server: has a namespace found by its name again. Without it, as {@link namespacesOf}. */
export function putNamespace(io: SocketIoServer, namespace: SocketIoNamespace): void {
  const namespaces: unknown = Reflect.get(io, "_nsps");
  if (namespaces instanceof Map) namespaces.set(namespace.name, namespace);
}

/**
 * `parentNamespacesFromRegExp` of the server: makes a namespace, and no child of a pattern of the application's, which
 * would inherit what that has. Without it, it is one where the pattern fits the name.
 */
export function makeApart(io: SocketIoServer, name: string): SocketIoNamespace {
  const patterns: unknown = Reflect.get(io, "parentNamespacesFromRegExp");
  if (!(patterns instanceof Map)) return io.of(name);
  const hidden = [...patterns];
  patterns.clear();
  try {
    return io.of(name);
  } finally {
    for (const [pattern, namespace] of hidden) patterns.set(pattern, namespace);
  }
}

/** `parentNsps` of the server: whether namespaces are made by a pattern. Without it `checkSetup` does not know. */
export function hasPatterns(io: SocketIoServer): boolean {
  const parents: unknown = Reflect.get(io, "parentNsps");
  return parents instanceof Map && parents.size > 0;
}

/**
 * `opts` of the server. Without it `checkSetup` finds no mistake in the options, and recovered connections are verified
 * only where the application itself sets `skipMiddlewares` to `false`.
 */
export function optionOf(io: SocketIoServer, name: string): unknown {
  return property(Reflect.get(io, "opts"), name);
}

/** `_connectTimeout` of the server. Without it `checkSetup` does not compare it. */
export function connectTimeoutOf(io: SocketIoServer): number | undefined {
  const timeout: unknown = Reflect.get(io, "_connectTimeout");
  return typeof timeout === "number" ? timeout : undefined;
}

/** `_path` of the server. Without it the path counts as the one that Socket.IO has by default. */
export function requestPathOf(io: SocketIoServer): string {
  const path: unknown = Reflect.get(io, "_path");
  return `${typeof path === "string" ? path : "/socket.io"}/`;
}

/** `httpServer` of the server. Without it a session store is listened to from the first handshake on. */
export function httpServerOf(io: SocketIoServer): unknown {
  return Reflect.get(io, "httpServer");
}

// The Engine.IO server, its connections and its requests

/** `middlewares` of an Engine.IO server. Without it nothing that looks at requests can be set up, and says so. */
export function engineMiddlewares(engine: unknown): unknown[] | undefined {
  const middlewares = property(engine, "middlewares");
  return Array.isArray(middlewares) ? middlewares : undefined;
}

/** `opts` of an Engine.IO server: whether it has a middleware for CORS. Without it refusals come before its headers. */
export function hasCors(engine: unknown): boolean {
  return Boolean(property(property(engine, "opts"), "cors"));
}

/** `clients` of the Engine.IO server. Without it `drain` waits for those alone that have joined a namespace. */
export function connectionsOf(io: SocketIoServer): EngineConnection[] {
  const clients = property(Reflect.get(io, "engine"), "clients");
  // A map is that of Engine.IO for Bun.
  const all = clients instanceof Map ? [...clients.values()] : Object.values(Object(clients));
  return all.filter(isConnection);
}

function isConnection(value: unknown): value is EngineConnection {
  return isFunction(property(value, "close")) && isFunction(property(value, "emit"));
}

/** `server` of a connection. Without it a warning names another reason. */
export function engineServerOf(conn: EngineConnection): unknown {
  return property(conn, "server");
}

/** `_query` of a request, which only Engine.IO's have. Without it each request of a poll counts as a handshake. */
export function queryOf(request: unknown): unknown {
  return property(request, "_query");
}

/** `_query` of a request: makes one look like one of Engine.IO's. */
export function setQuery(request: object): void {
  Object.assign(request, { _query: {} });
}

// A namespace

/**
 * `_fns` of a namespace. Adds a middleware before those that are there: `use` would add it after what a namespace of a
 * pattern inherits, and the application's own checks would run before anybody is known. Without it they do.
 */
export function useFirst(namespace: SocketIoNamespace, middleware: Middleware): void {
  const middlewares = middlewaresOf(namespace);
  if (Array.isArray(middlewares)) middlewares.unshift(middleware);
  else namespace.use(middleware);
}

/** `_fns` of a namespace. Without it `checkSetup` does not see a session middleware that was given to `io.use`. */
export function middlewaresOf(namespace: SocketIoNamespace): unknown {
  return Reflect.get(namespace, "_fns");
}

/**
 * `_add` of a namespace, by which Socket.IO makes a socket of a CONNECT: puts something in the place of it. Without it
 * nothing can be set up, and says so.
 */
export function wrapAdd(
  namespace: SocketIoNamespace,
  wrap: (add: Method) => (client: ServerClient, auth: object, ...rest: unknown[]) => unknown,
): void {
  const add = requireMethod(namespace, "_add");
  Reflect.set(
    namespace,
    "_add",
    wrap((...args) => Reflect.apply(add, namespace, args)),
  );
}

/**
 * `_remove` of a namespace of its own, which it has where it is cleaned up when it is empty: puts something in the place
 * of it that is given Socket.IO's two halves, which forgets a socket and which cleans up. Without it namespaces of a
 * pattern may go while a client is on the way into them.
 *
 * @returns Whether it has one.
 */
export function wrapRemove(
  namespace: SocketIoNamespace,
  wrap: (forget: (socket: unknown) => void, cleanUp: (socket: unknown) => void) => (socket: unknown) => void,
): boolean {
  const cleanUp: unknown = Reflect.get(namespace, "_remove");
  const forget = property(Object.getPrototypeOf(namespace), "_remove");
  if (!Object.hasOwn(namespace, "_remove") || !isFunction(cleanUp) || !isFunction(forget)) return false;
  const bound =
    (method: Method) =>
    (socket: unknown): void =>
      void Reflect.apply(method, namespace, [socket]);
  Reflect.set(namespace, "_remove", wrap(bound(forget), bound(cleanUp)));
  return true;
}

/** `_remove` of a namespace of its own: has it cleaned up where nobody is in it, as for every socket that is refused. */
export function removeNobody(namespace: SocketIoNamespace): void {
  const remove: unknown = Reflect.get(namespace, "_remove");
  if (Object.hasOwn(namespace, "_remove") && isFunction(remove)) Reflect.apply(remove, namespace, [{}]);
}

/** `_preConnectSockets` of a namespace, from socket.io 4.8 on. Without it, as {@link wrapRemove}. */
export function isAwaited(namespace: SocketIoNamespace): boolean {
  const waiting: unknown = Reflect.get(namespace, "_preConnectSockets");
  // A middleware of the application's may never let go of a socket whose connection has ended.
  const isThere = (socket: unknown): boolean => property(property(socket, "conn"), "readyState") !== "closed";
  return waiting instanceof Map && [...waiting.values()].some(isThere);
}

/**
 * `_onServerSideEmit` of a namespace, which emits whatever a peer has sent: a "connect" without a socket, to a listener
 * that takes one, ends the process. Puts `listener` in the place of it. Without it nothing can be set up, and says so.
 */
export function replaceServerSideEmit(
  namespace: SocketIoNamespace,
  listener: (packet: unknown) => void,
): void {
  requireMethod(namespace, "_onServerSideEmit");
  Reflect.set(namespace, "_onServerSideEmit", listener);
}

/** `pubClient` and `channel` of the adapter for Redis. Without them two servers on one channel are told later, by a message. */
export function channelOf(namespace: SocketIoNamespace): readonly unknown[] {
  const adapter: unknown = Reflect.get(namespace, "adapter");
  return [property(adapter, "pubClient"), property(adapter, "channel")];
}

// A socket, and what makes one

/**
 * `_cleanup` of a socket, which Socket.IO calls where it leaves, and where it is given up before it is connected, for
 * whatever reason. Without it those that have left are not forgotten.
 *
 * @param hook - Is called once for each socket, first.
 * @returns Has to be called with each socket.
 */
export function createCleanUpHook(hook: (socket: ServerSocket) => void): (socket: ServerSocket) => void {
  // One for all sockets of the namespace, and not a closure for each.
  function cleanUp(this: ServerSocket): void {
    // Replaced and not deleted: to delete a property slows V8 down on the whole socket.
    const original = property(Object.getPrototypeOf(this), "_cleanup");
    Reflect.set(this, "_cleanup", original);
    hook(this);
    if (isFunction(original)) Reflect.apply(original, this, []);
  }
  return (socket) => void Reflect.set(socket, "_cleanup", cleanUp);
}

/** `pid` of a socket: nothing of it is to be replayed by state recovery. Without it, it may be. */
export function forgetRecovery(socket: ServerSocket): void {
  Reflect.deleteProperty(socket, "pid");
}

/** An event, and a refusal, in Socket.IO's protocol. */
const [EVENT, CONNECT_ERROR] = [2, 4];

/**
 * `packet` of a socket. Writes to the connection itself: with state recovery on, `emit` goes through the adapter, which
 * keeps the message and may take its time, so that a goodbye would come after the disconnection. Without it, it may.
 */
export function writeTo(socket: ServerSocket, event: string, message: object): void {
  const packet: unknown = Reflect.get(socket, "packet");
  if (isFunction(packet)) Reflect.apply(packet, socket, [{ type: EVENT, data: [event, message] }]);
  else socket.emit(event, message);
}

/** `_packet` of what makes sockets: refuses a CONNECT without one. Without it the client gets no answer. */
export function writeRefusal(client: ServerClient, namespace: SocketIoNamespace, data: object): void {
  const packet: unknown = Reflect.get(client, "_packet");
  if (isFunction(packet)) Reflect.apply(packet, client, [{ type: CONNECT_ERROR, nsp: namespace.name, data }]);
}
