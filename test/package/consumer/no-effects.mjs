// Imports each entry in a process whose timers and browser globals are traps. A storage may not even be looked at: in a
// sandboxed frame its getter throws. What we depend on comes first: what that does at import is its own. That no DOM at
// all is enough, esm.mjs shows.
import assert from "node:assert/strict";
import "@socket.io/component-emitter";
import "socket.io-client";
import "xstate";

const effects = [];
const trap = (name) => () => {
  effects.push(name);
};
for (const name of [
  "addEventListener",
  "setTimeout",
  "setInterval",
  "queueMicrotask",
  "fetch",
  "BroadcastChannel",
]) {
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: trap(`${name}()`) });
}
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(globalThis, name, { configurable: true, get: trap(`read ${name}`) });
}
for (const name of ["log", "info", "warn", "error", "debug"]) console[name] = trap(`console.${name}()`);

const globals = Reflect.ownKeys(globalThis).length;
const listeners = process.eventNames().length;
for (const name of ["", "/inspect", "/machines", "/server", "/testing"]) await import(`socket-rotor${name}`);

assert.deepEqual(effects, []);
assert.equal(Reflect.ownKeys(globalThis).length, globals, "no new global");
assert.equal(process.eventNames().length, listeners, "no listener on process");
