import { type DefaultEventsMap, Emitter, type EventsMap } from "@socket.io/component-emitter";
import { isFunction } from "../value.js";
import type { SocketReservedEvents } from "./types.js";

/** A listener of every event, with the arguments that Socket.IO's own types give it. */
export type AnyListener = DefaultEventsMap[string];

/** Listeners of every event, kept as socket.io-client keeps them: in order, one as often as it was added. */
export class AnyListeners {
  list: AnyListener[] = [];

  /** Takes one out, once; without one, all. */
  remove(listener: AnyListener | undefined): void {
    if (!listener) this.list = [];
    else if (this.list.includes(listener)) this.list.splice(this.list.indexOf(listener), 1);
  }

  /** Calls each one; false when there is none. */
  call(socket: object, event: string, args: readonly unknown[]): boolean {
    if (this.list.length === 0) return false;
    for (const listener of [...this.list]) listener.apply(socket, [event, ...args]);
    return true;
  }
}

/** Socket.IO's emitter with listeners of every event, which works behind a Proxy as well. */
export class AnyEmitter<ListenEvents extends EventsMap, EmitEvents extends EventsMap> extends Emitter<
  ListenEvents,
  EmitEvents,
  SocketReservedEvents
> {
  readonly #incoming: AnyListeners;
  readonly #outgoing: AnyListeners;

  /** @internal */
  constructor(incoming: AnyListeners, outgoing: AnyListeners) {
    super();
    workThroughProxies(this);
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  /** Calls the listener with every event from the server, before the event's own listeners. */
  onAny(listener: AnyListener): this {
    this.#incoming.list.push(listener);
    return this;
  }

  /** The same, and before the listeners of that kind that there are. */
  prependAny(listener: AnyListener): this {
    this.#incoming.list.unshift(listener);
    return this;
  }

  /** Ends such a listener, or without one all of them. */
  offAny(listener?: AnyListener): this {
    this.#incoming.remove(listener);
    return this;
  }

  /** The listeners of every event from the server. */
  listenersAny(): AnyListener[] {
    return this.#incoming.list;
  }

  /**
   * Calls the listener with every message just before it is written, without its acknowledgement; one that waits, when
   * its time has come.
   */
  onAnyOutgoing(listener: AnyListener): this {
    this.#outgoing.list.push(listener);
    return this;
  }

  /** The same, and before the listeners of that kind that there are. */
  prependAnyOutgoing(listener: AnyListener): this {
    this.#outgoing.list.unshift(listener);
    return this;
  }

  /** Ends such a listener, or without one all of them. */
  offAnyOutgoing(listener?: AnyListener): this {
    this.#outgoing.remove(listener);
    return this;
  }

  /** The listeners of every message. */
  listenersAnyOutgoing(): AnyListener[] {
    return this.#outgoing.list;
  }
}

/** The classes that were prepared. */
const prepared = new WeakSet<object>();

/**
 * Lets an object with private members be used behind a Proxy, as Vue's `reactive` and `readonly` put one in front of
 * what they hold: its methods, getters and setters, inherited ones too, run on the object itself. A chained call
 * answers with what it was called on.
 */
function workThroughProxies(object: object): void {
  // A Proxy answers with a function as it is, and with any other object behind a Proxy again.
  Object.defineProperty(object, "_self", { value: () => object });
  const prototype: object = Object.getPrototypeOf(object);
  if (prepared.has(prototype)) return;
  prepared.add(prototype);
  let properties: PropertyDescriptorMap = {};
  for (let from = prototype; from !== Object.prototype; from = Object.getPrototypeOf(from))
    properties = { ...Object.getOwnPropertyDescriptors(from), ...properties };
  const { constructor: _, ...members } = properties;
  for (const member of Object.values<PropertyDescriptor>(members)) {
    for (const kind of ["value", "get", "set"] as const) {
      const run: unknown = member[kind];
      if (!isFunction(run)) continue;
      member[kind] = function (this: { _self(): object }, ...args: unknown[]) {
        const self = this._self();
        const answer = Reflect.apply(run, self, args);
        return answer === self ? this : answer;
      };
    }
  }
  Object.defineProperties(prototype, members);
}
