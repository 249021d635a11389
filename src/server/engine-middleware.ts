import { ConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import { isFunction, property } from "../value.js";
import { type HandshakeRequest, isHandshake, isHttpResponse } from "./handshake-request.js";
import { createNotes, type Notes } from "./notes.js";
import {
  engineMiddlewares,
  engineServerOf,
  everyNamespace,
  hasCors,
  removeNobody,
  wrapAdd,
  writeRefusal,
} from "./socket-io-private.js";
import type { EngineConnection, ServerClient, SocketIoNamespace, SocketIoServer } from "./socket-io-types.js";
import { TokenError } from "./token-error.js";

/**
 * Those of ours, in the order in which they run, before any of the application's: the origin before Engine.IO's CORS
 * headers, the others after them, which "cors" looks at, and without which a browser could not read the status of a
 * refusal.
 */
const BEFORE_CORS = ["origin"] as const;
const AFTER_CORS = ["cors", "limit", "session"] as const;

type Stage = (typeof BEFORE_CORS)[number] | (typeof AFTER_CORS)[number];

/** Has to call `next`, or to refuse. */
export type EngineMiddleware = (request: HandshakeRequest, response: unknown, next: () => void) => void;

/** A middleware, and the requests of handshakes that it has let pass. */
interface Entry {
  readonly middleware: EngineMiddleware;
  readonly passed: Notes<object, true>;
}

/** What guards the requests of a Socket.IO server, by whichever Engine.IO server of it they come. */
interface Guard {
  readonly stages: Map<Stage, Entry>;
  /** The Engine.IO servers whose requests go through the stages. */
  readonly engines: WeakSet<object>;
  readonly caller: string;
  readonly log: Log;
}

const guards = new WeakMap<object, Guard>();

/**
 * Adds a middleware to the Engine.IO server, and to those that are bound later, where it runs for each request before
 * Engine.IO's own `allowRequest`, whatever the order of the calls. Nobody gets in by a connection whose handshake the
 * middleware has not seen: Engine.IO calls none for WebTransport, and nothing leads to an Engine.IO server that was bound
 * before the last.
 */
export function addEngineMiddleware(
  io: SocketIoServer,
  caller: string,
  stage: Stage,
  log: Log,
  middleware: EngineMiddleware,
): void {
  const engine: unknown = Reflect.get(io, "engine");
  if (engine !== undefined && !isEngine(engine)) throw noMiddlewares(caller);
  if (!isEngine(engine)) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      `${caller} was called before the server listens. Call it after new Server(httpServer), io.attach(httpServer) or io.listen(port).`,
    );
  }
  const guard = guards.get(io) ?? createGuard(io, engine, caller, log);
  if (guard.stages.has(stage)) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      `${caller} was called on this server before. Call it once: an HTTP server that is attached later is covered too.`,
    );
  }
  guard.stages.set(stage, { middleware, passed: createNotes() });
}

export function hasEngineMiddleware(io: object, stage: Stage): boolean {
  return guards.get(io)?.stages.has(stage) ?? false;
}

function createGuard(io: SocketIoServer, engine: object, caller: string, log: Log): Guard {
  const guard: Guard = { stages: new Map(), engines: new WeakSet(), caller, log };
  guards.set(io, guard);
  cover(guard, engine);
  const bind: unknown = Reflect.get(io, "bind");
  Reflect.set(io, "bind", (later: unknown) => {
    if (!isEngine(later)) throw noMiddlewares(caller);
    cover(guard, later);
    return isFunction(bind) ? Reflect.apply(bind, io, [later]) : io;
  });
  everyNamespace(io, (namespace) => {
    wrapAdd(
      namespace,
      (add) =>
        (client, ...rest) =>
          refuseUnseen(io, namespace, client) ? undefined : add(client, ...rest),
    );
  });
  return guard;
}

/**
 * Refuses a CONNECT of a connection whose handshake not every middleware of ours has let pass, and says whether it did.
 * Socket.IO makes no socket for it, and nothing is verified or read.
 */
export function refuseUnseen(
  io: SocketIoServer,
  namespace: SocketIoNamespace,
  client: ServerClient,
): boolean {
  const guard = guards.get(io);
  if (guard === undefined || hasPassed(guard, client.conn.request)) return false;
  warnOfUnseen(guard, client.conn);
  const { message, data } = new TokenError("temporarily_unavailable");
  writeRefusal(client, namespace, { message, data });
  removeNobody(namespace);
  return true;
}

function hasPassed({ stages }: Guard, request: object | null): boolean {
  if (request === null) return false;
  for (const { passed } of stages.values()) if (!passed.get(request)) return false;
  return true;
}

function warnOfUnseen({ engines, caller, log }: Guard, conn: EngineConnection): void {
  const server = engineServerOf(conn);
  if (conn.request === null) {
    log.warnOnce(
      "engine:webtransport",
      `${caller}: nobody is let in over WebTransport, as Engine.IO does not say who begins such a connection. Take "webtransport" out of the option "transports" of the server and of the clients.`,
    );
  } else if (typeof server !== "object" || server === null || !engines.has(server)) {
    log.warnOnce(
      "engine:uncovered",
      `${caller}: nobody is let in by an HTTP server that was attached before the one that was attached last when ${caller} was called, as its requests cannot be looked at. Call ${caller} right after the first io.attach: those that are attached later are covered too.`,
    );
  } else {
    log.warnOnce(
      "engine:early",
      `${caller}: a connection that was begun before ${caller} was called is not let in, as its request was not looked at. Call ${caller} right after io.attach, before clients connect.`,
    );
  }
}

function noMiddlewares(caller: string): ConnectionError {
  return new ConnectionError(
    "ERR_SERVER_SETUP",
    `${caller} cannot look at the requests of this engine, as it has no middlewares: it may be that of @socket.io/bun-engine. Attach an HTTP server of node:http in its place, which Bun has too: new Server(createServer()).`,
  );
}

function isEngine(engine: unknown): engine is object {
  return engineMiddlewares(engine) !== undefined;
}

function cover({ stages, engines }: Guard, engine: object): void {
  if (engines.has(engine)) return;
  engines.add(engine);
  const through =
    (names: readonly Stage[]): EngineMiddleware =>
    (request, response, next) => {
      // Node and ws listen for errors before and after, but not now: a reset would end the process.
      if (names === BEFORE_CORS && !isHttpResponse(response)) ignoreErrors(request.socket);
      const enter = (index: number): void => {
        const name = names[index];
        if (name === undefined) {
          next();
          return;
        }
        const entry = stages.get(name);
        if (entry === undefined) enter(index + 1);
        else
          entry.middleware(request, response, () => {
            if (isHandshake(request)) entry.passed.set(request, true);
            enter(index + 1);
          });
      };
      enter(0);
    };
  // Engine.IO adds its CORS middleware first, when it is made.
  const middlewares = engineMiddlewares(engine);
  middlewares?.splice(hasCors(engine) ? 1 : 0, 0, through(AFTER_CORS));
  middlewares?.unshift(through(BEFORE_CORS));
}

function ignore(): void {}

function ignoreErrors(socket: unknown): void {
  const on = property(socket, "on");
  if (isFunction(on)) Reflect.apply(on, socket, ["error", ignore]);
}
