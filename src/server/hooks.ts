import { ConnectionError } from "../errors.js";
import { isFunction, property } from "../value.js";
import { createNotes } from "./notes.js";

/** A method of an object of Socket.IO's. @throws {@link ConnectionError} `ERR_SERVER_SETUP` where there is none. */
export function requireMethod(object: object, name: string): (...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(object, name);
  if (isFunction(method)) return method;
  throw new ConnectionError(
    "ERR_SERVER_SETUP",
    `This version of Socket.IO is not known to socket-rotor: it has no ${name}(). Use socket.io 4.7 or newer, and report the version.`,
  );
}

/**
 * Calls `hook` before each call of a method of an object of Socket.IO's. Where a guard would be a listener it is a hook:
 * an application may take all listeners off whatever it can reach, and no guard is to go with them.
 */
export function hookBefore(object: object, name: string, hook: (...args: unknown[]) => void): void {
  const method = requireMethod(object, name);
  Reflect.set(object, name, (...args: unknown[]) => {
    hook(...args);
    return Reflect.apply(method, object, args);
  });
}

interface Hook {
  readonly event: string;
  readonly call: () => void;
}

const hooked = createNotes<object, Hook[]>();

/**
 * Hears each event of that name before any listener does, for as long as the emitter lives. No `removeAllListeners` and
 * no `off` of the application's ends it, as it is no listener.
 */
export function hear(emitter: object, event: string, hook: () => void): void {
  const known = hooked.get(emitter);
  if (known !== undefined) {
    known.push({ event, call: hook });
    return;
  }
  const hooks: Hook[] = [{ event, call: hook }];
  hooked.set(emitter, hooks);
  // Engine.IO for Bun calls the listeners of its own events by this one.
  const method = isFunction(property(emitter, "emitReserved")) ? "emitReserved" : "emit";
  hookBefore(emitter, method, (name) => {
    for (const { event: wanted, call } of hooks) if (wanted === name) call();
  });
}
