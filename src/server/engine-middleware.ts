import { ServerResponse, STATUS_CODES } from "node:http";
import { ConnectionError } from "../errors.js";
import { isFunction, property } from "../value.js";
import type { HandshakeRequest } from "./socket-io.js";
import type { RefusalData } from "./token-error.js";

/** Those of ours, in the order in which they run, before any of the application's. */
const STAGES = ["origin", "limit", "session"] as const;

type Stage = (typeof STAGES)[number];

/** Has to call `next`, or to refuse. */
export type EngineMiddleware = (request: HandshakeRequest, response: unknown, next: () => void) => void;

const added = new WeakMap<object, Set<Stage>>();

/**
 * Adds a middleware to the Engine.IO server, where it runs for each request before Engine.IO's own `allowRequest`:
 * the origin first, then Engine.IO's CORS headers, without which a browser could not read the status of a refusal, then
 * the limit, the session, and then what the application has added, whatever the order of the calls.
 */
export function addEngineMiddleware(
  io: object,
  caller: string,
  stage: Stage,
  middleware: EngineMiddleware,
): void {
  const engine: unknown = Reflect.get(io, "engine");
  const middlewares = property(engine, "middlewares");
  if (typeof engine !== "object" || engine === null || !Array.isArray(middlewares)) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      `${caller} was called before the server listens. Call it after new Server(httpServer), io.attach(httpServer) or io.listen(port).`,
    );
  }
  const stages = added.get(engine) ?? new Set();
  if (stages.has(stage)) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      `${caller} was called on this server before. Call it once.`,
    );
  }
  // Engine.IO adds its CORS middleware first, when it is made.
  const cors = property(property(engine, "opts"), "cors") ? 1 : 0;
  const guarded: EngineMiddleware = (request, response, next) => {
    // Node and ws listen for errors before and after, but not now: a reset would end the process.
    if (!(response instanceof ServerResponse)) ignoreErrors(request.socket);
    middleware(request, response, next);
  };
  const before = STAGES.slice(0, STAGES.indexOf(stage)).filter((earlier) => stages.has(earlier)).length;
  middlewares.splice(stage === "origin" ? 0 : before + cors, 0, guarded);
  added.set(engine, stages.add(stage));
}

export function hasEngineMiddleware(io: object, stage: Stage): boolean {
  const engine: unknown = Reflect.get(io, "engine");
  return typeof engine === "object" && engine !== null && (added.get(engine)?.has(stage) ?? false);
}

function ignoreErrors(socket: unknown): void {
  const on = property(socket, "on");
  if (isFunction(on)) Reflect.apply(on, socket, ["error", () => {}]);
}

/** Whether a request begins a connection. An empty `sid` does too. */
export function isHandshake(request: HandshakeRequest): boolean {
  return !property(property(request, "_query"), "sid");
}

/** Answers a request with a status; a request for a websocket too, for which Engine.IO's response does nothing. */
export function refuseRequest(
  request: HandshakeRequest,
  response: unknown,
  status: 403 | 429 | 503,
  refusal: RefusalData,
): void {
  const body = JSON.stringify(refusal);
  const headers: Record<string, string> = { "Content-Type": "application/json", Connection: "close" };
  if (refusal.retryAfter !== undefined) {
    headers["Retry-After"] = String(Math.ceil(refusal.retryAfter / 1_000));
  }
  if (response instanceof ServerResponse) {
    response.writeHead(status, headers).end(body);
    return;
  }
  const { socket } = request;
  const end = property(socket, "end");
  if (!isFunction(end)) return;
  const lines = Object.entries({ ...headers, "Content-Length": String(Buffer.byteLength(body)) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  Reflect.apply(end, socket, [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`,
    () => {
      const destroy = property(socket, "destroy");
      if (isFunction(destroy)) Reflect.apply(destroy, socket, []);
    },
  ]);
}
