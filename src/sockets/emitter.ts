import { type DefaultEventsMap, Emitter, type EventsMap } from "@socket.io/component-emitter";
import { isFunction } from "../value.js";
import type { SocketReservedEvents } from "./types.js";

/** A listener of every event, with the arguments that Socket.IO's own types give it. */
export type AnyListener = DefaultEventsMap[string];

/** Listeners of every event, in both directions. */
export class AnyListeners {
  incoming: AnyListener[] = [];
  outgoing: AnyListener[] = [];
}

/** Calls each of such listeners; false when there is none. */
export function callAny(
  listeners: readonly AnyListener[],
  socket: object,
  event: string,
  args: readonly unknown[],
): boolean {
  if (listeners.length === 0) return false;
  for (const listener of [...listeners]) listener.apply(socket, [event, ...args]);
  return true;
}

/** Takes a listener out, once; without one, all. They are kept as socket.io-client keeps them: one as often as it was added. */
function without(listeners: AnyListener[], listener: AnyListener | undefined): AnyListener[] {
  if (!listener) return [];
  if (listeners.includes(listener)) listeners.splice(listeners.indexOf(listener), 1);
  return listeners;
}

/** Socket.IO's emitter with listeners of every event, which works behind a Proxy as well. */
export class AnyEmitter<ListenEvents extends EventsMap, EmitEvents extends EventsMap> extends Emitter<
  ListenEvents,
  EmitEvents,
  SocketReservedEvents
> {
  readonly #any: AnyListeners;

  /** @internal */
  constructor(any: AnyListeners) {
    super();
    workThroughProxies(this);
    this.#any = any;
  }

  /** Calls the listener with every event from the server, before the event's own listeners. */
  onAny(listener: AnyListener): this {
    this.#any.incoming.push(listener);
    return this;
  }

  /** The same, and before the listeners of that kind that there are. */
  prependAny(listener: AnyListener): this {
    this.#any.incoming.unshift(listener);
    return this;
  }

  /** Ends such a listener, or without one all of them. */
  offAny(listener?: AnyListener): this {
    this.#any.incoming = without(this.#any.incoming, listener);
    return this;
  }

  /** The listeners of every event from the server. */
  listenersAny(): AnyListener[] {
    return this.#any.incoming;
  }

  /**
   * Calls the listener with every message just before it is written, without its acknowledgement; one that waits, when
   * its time has come.
   */
  onAnyOutgoing(listener: AnyListener): this {
    this.#any.outgoing.push(listener);
    return this;
  }

  /** The same, and before the listeners of that kind that there are. */
  prependAnyOutgoing(listener: AnyListener): this {
    this.#any.outgoing.unshift(listener);
    return this;
  }

  /** Ends such a listener, or without one all of them. */
  offAnyOutgoing(listener?: AnyListener): this {
    this.#any.outgoing = without(this.#any.outgoing, listener);
    return this;
  }

  /** The listeners of every message. */
  listenersAnyOutgoing(): AnyListener[] {
    return this.#any.outgoing;
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
