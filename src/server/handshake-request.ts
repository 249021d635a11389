import { ServerResponse, STATUS_CODES } from "node:http";
import { Http2ServerResponse } from "node:http2";
import type { Log } from "../logger.js";
import type { RefusalData } from "../protocol.js";
import { isFunction, property } from "../value.js";
import { queryOf } from "./socket-io-private.js";

/** A request as `key` functions see it: Node's `IncomingMessage` has this and more. */
export interface HandshakeRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Whether a request begins a connection. An empty `sid` does too. */
export function isHandshake(request: HandshakeRequest): boolean {
  return !property(queryOf(request), "sid");
}

/** Whether it is Node's own response. For a websocket Engine.IO has one that does nothing. */
export function isHttpResponse(response: unknown): response is ServerResponse | Http2ServerResponse {
  return response instanceof ServerResponse || response instanceof Http2ServerResponse;
}

/** Answers a request with a status; a request for a websocket too. */
export function refuseRequest(
  request: HandshakeRequest,
  response: unknown,
  status: 403 | 429 | 503,
  refusal: RefusalData,
): void {
  const body = JSON.stringify(refusal);
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (refusal.retryAfter !== undefined) {
    headers["Retry-After"] = String(Math.ceil(refusal.retryAfter / 1_000));
  }
  // HTTP/2 knows no such header, and warns of it.
  if (!(response instanceof Http2ServerResponse)) headers["Connection"] = "close";
  if (isHttpResponse(response)) {
    response.writeHead(status, headers);
    response.end(body);
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

/** How many origins are named: clients choose them. */
const MOST_NAMED = 5;
const LONGEST_NAMED = 100;

/**
 * Warns of each origin once, and not of endlessly many.
 *
 * @returns Takes what a request says its origin is, and what makes a line of the name, which is quoted and cut.
 */
export function createOriginWarnings(log: Log): (origin: unknown, line: (name: string) => string) => void {
  const named = new Set<string>();
  return (origin, line) => {
    if (typeof origin !== "string" || named.size >= MOST_NAMED) return;
    // What a program sends may hold anything, such as what moves the cursor of a terminal.
    const name = origin.replace(/[^\x21-\x7e]/g, "?").slice(0, LONGEST_NAMED);
    if (named.has(name)) return;
    named.add(name);
    const last = named.size === MOST_NAMED ? " Further origins are not named." : "";
    log.warn(`${line(JSON.stringify(name))}${last}`);
  };
}
