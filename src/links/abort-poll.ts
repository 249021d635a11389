import type { Manager } from "socket.io-client";
import { isFunction, property } from "../value.js";

/**
 * Ends the request that a connection over polling waits for, where there is one. engine.io-client leaves it to the
 * server to answer, also when the connection is closed; and a browser opens but six connections to a host, so that as
 * many requests without an answer would keep back everything that is asked later.
 */
export function abortPoll({ transport }: Manager["engine"]): void {
  const poll = property(transport, "pollXhr");
  // Not there any more once the request has been answered.
  const request = property(poll, "_xhr");
  // What engine.io-client has in its place in Node throws where nobody can catch it, and knows no such limit.
  if (!globalThis.XMLHttpRequest || !(request instanceof XMLHttpRequest)) return;
  const stopListening = property(poll, "abort");
  if (isFunction(stopListening)) Reflect.apply(stopListening, poll, []);
  request.abort();
}
