import { ServerResponse, STATUS_CODES } from "node:http";
import { Http2ServerResponse } from "node:http2";
import type { RefusalData } from "../protocol.js";
import { isFunction, property } from "../value.js";
import type { HandshakeRequest } from "./socket-io.js";

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
