import { isFunction } from "../value.js";

/** The classes that were prepared. */
const prepared = new WeakSet<object>();

/**
 * Lets an object with private members be used behind a Proxy, as Vue's `reactive` and `readonly` put one in front of
 * what they hold: its methods, getters and setters, inherited ones too, run on the object itself. A chained call
 * answers with what it was called on.
 */
export function workThroughProxies(object: object): void {
  // A Proxy answers with a function as it is, and with any other object behind a Proxy again.
  Object.defineProperty(object, "_self", { value: () => object });
  const prototype = Object.getPrototypeOf(object);
  if (prepared.has(prototype)) return;
  prepared.add(prototype);
  const { constructor: _, ...properties } = {
    ...Object.getOwnPropertyDescriptors(Object.getPrototypeOf(prototype)),
    ...Object.getOwnPropertyDescriptors(prototype),
  };
  for (const property of Object.values<PropertyDescriptor>(properties)) {
    for (const kind of ["value", "get", "set"] as const) {
      const run: unknown = property[kind];
      if (!isFunction(run)) continue;
      property[kind] = function (this: { _self(): object }, ...args: unknown[]) {
        const self = this._self();
        const answer = Reflect.apply(run, self, args);
        return answer === self ? this : answer;
      };
    }
  }
  Object.defineProperties(prototype, properties);
}
