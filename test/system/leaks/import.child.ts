// Imports the package in a runtime without a page, after what it stands on, and prints what that changed.
import "xstate";
import "socket.io-client";

interface State {
  globals: string[];
  resources: string[];
  listeners: string[];
}

function look(): State {
  return {
    globals: Reflect.ownKeys(globalThis).map(String).sort(),
    resources: process.getActiveResourcesInfo().sort(),
    listeners: process
      .eventNames()
      .map((name) => `${String(name)} ${process.listenerCount(name)}`)
      .sort(),
  };
}

/** Names of a page, and whether anybody looked at them. */
const touched: string[] = [];
for (const name of [
  "window",
  "document",
  "localStorage",
  "sessionStorage",
  "navigator",
  "location",
  "BroadcastChannel",
]) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: () => {
      touched.push(name);
      return undefined;
    },
  });
}
const before = look();
const main = await import("../../../src/index.js");
const machines = await import("../../../machines/index.js");
const testing = await import("../../../src/testing/index.js");
const after = look();
const exported = [main, machines, testing].map((entry) => Object.keys(entry).length);
console.log(JSON.stringify({ before, after, touched, exported }));
