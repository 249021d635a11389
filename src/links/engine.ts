// What a link needs of engine.io-client beyond its API: an end that leaves nothing behind, one link after another, and
// a process that can end.
import type { Manager } from "socket.io-client";
import { LONGEST_DELAY, unref } from "../clock.js";
import { field, isFunction, property } from "../value.js";

/** How long a new link waits for an old one to end on the wire, in milliseconds. */
const LINGER = 2_000;

/** Begins a link only when the links before it have ended on the wire. */
export interface CloseBeforeOpen {
  /** Calls back when nothing is ending any more, or after two seconds; returns the function that takes it back. */
  open(callback: () => void): () => void;
  /** Ends a link's engine. Over polling this takes until requests that are under way have been answered. */
  close(manager: Manager, isConnected: boolean, end: () => void): void;
}

export function createCloseBeforeOpen(): CloseBeforeOpen {
  const ending = new Set<Manager["engine"]>();
  let next: (() => void) | undefined;
  return {
    open(callback) {
      if (ending.size === 0) {
        callback();
        return () => {};
      }
      const begin = (): void => {
        clearTimeout(timer);
        next = undefined;
        callback();
      };
      const timer = setTimeout(begin, LINGER);
      // The link that waits keeps the process, or with `autoUnref` nothing does.
      unref(timer);
      next = begin;
      return () => {
        clearTimeout(timer);
        if (next === begin) next = undefined;
      };
    },
    close(manager, isConnected, end) {
      const engine = engineOf(manager);
      // A CONNECT that waits for its turn would present a token that is not current any more.
      if (engine && !isConnected) engine.writeBuffer = [];
      end();
      if (!engine || engine.readyState === "closed") return;
      ending.add(engine);
      engine.on("close", () => {
        ending.delete(engine);
        if (ending.size === 0) next?.();
      });
    },
  };
}

/** The engine of a Manager, which has none before the link has begun. */
export function engineOf(manager: Manager): Manager["engine"] | undefined {
  return manager.engine;
}

/**
 * Ends the request that a connection over polling waits for. engine.io-client leaves it to the server to answer, also
 * when the connection is closed; and a browser opens six connections to a host, so that as many requests without an
 * answer would keep back everything that is asked later.
 */
export function abortPoll({ transport }: Manager["engine"]): void {
  const poll = property(transport, "pollXhr");
  // Gone once the request has been answered.
  const request = property(poll, "_xhr");
  // What engine.io-client has in its place in Node throws where nobody can catch it, and knows no such limit.
  if (!globalThis.XMLHttpRequest || !(request instanceof XMLHttpRequest)) return;
  const stopListening = property(poll, "abort");
  if (isFunction(stopListening)) Reflect.apply(stopListening, poll, []);
  request.abort();
}

/**
 * Keeps a Node process until the function that it gives back is called. In Node, engine.io-client cannot abort a
 * handshake request, and a silent server would keep a process for ever that has closed its link. So this keeps the
 * process by a timer, and the Manager has to be made with `autoUnref`.
 */
export function keepProcess(manager: Manager): () => void {
  const webSockets = new Set<unknown>();
  const keeper = setInterval(() => {}, LONGEST_DELAY);
  // Held here because engine.io-client forgets a websocket when it begins to close it.
  const note = (transport: unknown): void => void webSockets.add(field(transport, "ws"));
  manager.on("open", () => {
    note(manager.engine.transport);
    manager.engine.on("upgrade", note);
  });
  return () => {
    clearInterval(keeper);
    // A websocket whose peer is gone waits for it half a minute, by a timer that `autoUnref` does not reach.
    const release = (): void => {
      for (const webSocket of webSockets) unref(field(webSocket, "_closeTimer"));
    };
    release();
    // What is still to be written is written first.
    engineOf(manager)?.on("close", release);
  };
}

/** Whether the constructor of the websocket has thrown: engine.io-client says so before anybody can listen, and hangs. */
export function isWithoutWebSocket({ engine: { transport } }: Manager): boolean {
  const isWebSocket = transport.name === "websocket" && Reflect.has(transport, "addEventListeners");
  return isWebSocket && field(transport, "ws") === undefined;
}
