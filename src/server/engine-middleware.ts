import { ConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import { isFunction, property } from "../value.js";
import { everyNamespace, useFirst } from "./every-namespace.js";
import { isHttpResponse } from "./refuse-request.js";
import type { HandshakeRequest, SocketIoServer } from "./socket-io.js";
import { TokenError } from "./token-error.js";

/**
 * Those of ours, in the order in which they run, before any of the application's: the origin before Engine.IO's CORS
 * headers, the others after them, without which a browser could not read the status of a refusal.
 */
const BEFORE_CORS = ["origin"] as const;
const AFTER_CORS = ["limit", "session"] as const;

type Stage = (typeof BEFORE_CORS)[number] | (typeof AFTER_CORS)[number];

/** Has to call `next`, or to refuse. */
export type EngineMiddleware = (request: HandshakeRequest, response: unknown, next: () => void) => void;

/** What guards the requests of a Socket.IO server, by whichever Engine.IO server of it they come. */
interface Guard {
  readonly stages: Map<Stage, EngineMiddleware>;
  /** The Engine.IO servers whose requests go through the stages. */
  readonly engines: WeakSet<object>;
}

const guards = new WeakMap<object, Guard>();

/**
 * Adds a middleware to the Engine.IO server, and to those that are bound later, where it runs for each request before
 * Engine.IO's own `allowRequest`, whatever the order of the calls. Nobody gets in by one that was bound before the last,
 * which nothing leads to.
 */
export function addEngineMiddleware(
  io: SocketIoServer,
  caller: string,
  stage: Stage,
  log: Log,
  middleware: EngineMiddleware,
): void {
  const engine: unknown = Reflect.get(io, "engine");
  if (!hasMiddlewares(engine)) {
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
  guard.stages.set(stage, middleware);
}

export function hasEngineMiddleware(io: object, stage: Stage): boolean {
  return guards.get(io)?.stages.has(stage) ?? false;
}

function createGuard(io: SocketIoServer, engine: Engine, caller: string, log: Log): Guard {
  const guard: Guard = { stages: new Map(), engines: new WeakSet() };
  guards.set(io, guard);
  cover(guard, engine);
  const bind: unknown = Reflect.get(io, "bind");
  Reflect.set(io, "bind", (later: unknown) => {
    if (!hasMiddlewares(later)) {
      throw new ConnectionError(
        "ERR_SERVER_SETUP",
        `The engine was not bound: it has no middlewares, so that ${caller} could not look at its requests.`,
      );
    }
    cover(guard, later);
    return isFunction(bind) ? Reflect.apply(bind, io, [later]) : io;
  });
  everyNamespace(io, (namespace) =>
    useFirst(namespace, ({ conn }, next) => {
      const origin = property(conn, "server");
      if (typeof origin === "object" && origin !== null && guard.engines.has(origin)) {
        next();
        return;
      }
      log.warnOnce(
        "engine:uncovered",
        `${caller}: nobody is let in by an HTTP server that was attached before the one that was attached last when ${caller} was called, as its requests cannot be looked at. Call ${caller} right after the first io.attach: those that are attached later are covered too.`,
      );
      next(new TokenError("temporarily_unavailable"));
    }),
  );
  return guard;
}

interface Engine {
  readonly middlewares: unknown[];
}

function hasMiddlewares(engine: unknown): engine is Engine {
  return Array.isArray(property(engine, "middlewares"));
}

function cover({ stages, engines }: Guard, engine: Engine): void {
  if (engines.has(engine)) return;
  engines.add(engine);
  const through =
    (names: readonly Stage[]): EngineMiddleware =>
    (request, response, next) => {
      // Node and ws listen for errors before and after, but not now: a reset would end the process.
      if (!isHttpResponse(response)) ignoreErrors(request.socket);
      const enter = ([name, ...rest]: readonly Stage[]): void => {
        if (name === undefined) {
          next();
          return;
        }
        const middleware = stages.get(name);
        if (middleware === undefined) enter(rest);
        else middleware(request, response, () => enter(rest));
      };
      enter(names);
    };
  // Engine.IO adds its CORS middleware first, when it is made.
  const cors = property(property(engine, "opts"), "cors") ? 1 : 0;
  engine.middlewares.splice(cors, 0, through(AFTER_CORS));
  engine.middlewares.unshift(through(BEFORE_CORS));
}

function ignoreErrors(socket: unknown): void {
  const on = property(socket, "on");
  if (isFunction(on)) Reflect.apply(on, socket, ["error", () => {}]);
}

/** Whether a request begins a connection. An empty `sid` does too. */
export function isHandshake(request: HandshakeRequest): boolean {
  return !property(property(request, "_query"), "sid");
}
