// What a link needs of engine.io-client beyond its API: an end that leaves nothing behind, one link after another, and
// a process that can end.
import type { Manager } from "socket.io-client";
import { LONGEST_DELAY, unref } from "../clock.js";
import { field, isFunction, property } from "../value.js";

/** How long a new link waits for an old one to end on the wire, in milliseconds. */
const LINGER = 2_000;

/** Begins a link only when the links before it have ended on the wire. */
export class CloseBeforeOpen {
  readonly #ending = new Set<Manager["engine"]>();
  /** Begins the link that waits. */
  #begin: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls back when nothing is ending any more, or after two seconds, unless the link is closed before. */
  open(begin: () => void): void {
    this.#begin = begin;
    if (this.#ending.size === 0) {
      this.#next();
      return;
    }
    this.#timer = setTimeout(() => this.#next(), LINGER);
    // The link that waits keeps the process, or with `autoUnref` nothing does.
    unref(this.#timer);
  }

  /** Ends a link's engine. Over polling this takes until requests that are under way have been answered. */
  close(manager: Manager, isConnected: boolean, end: () => void): void {
    const engine = engineOf(manager);
    const isOpen = engine?.readyState === "open";
    // A CONNECT that waits for its turn would present a token that is not current any more.
    if (engine && !isConnected) engine.writeBuffer = [];
    end();
    // Also when a question to the server is under way, in a namespace of its own.
    manager._close();
    if (!engine) {
      // It is the one that waits.
      this.#begin = undefined;
      this.#next();
      return;
    }
    // An open engine is told of the end, and answers; on any other, there may be no server.
    if (!isOpen) abortPoll(engine);
    if (engine.readyState === "closed") return;
    this.#ending.add(engine);
    engine.on("close", () => {
      this.#ending.delete(engine);
      if (this.#ending.size === 0) this.#next();
    });
  }

  #next(): void {
    const begin = this.#begin;
    this.#begin = undefined;
    clearTimeout(this.#timer);
    begin?.();
  }
}

/** The engine of a Manager, which has none before the link has begun. */
function engineOf(manager: Manager): Manager["engine"] | undefined {
  return manager.engine;
}

/**
 * Ends the request that a connection over polling waits for. engine.io-client leaves it to the server to answer, also
 * when the connection is closed; and a browser opens six connections to a host, so that as many requests without an
 * answer would keep back everything that is asked later.
 */
function abortPoll({ transport }: Manager["engine"]): void {
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
