import type { Mutant } from "./mutant.js";

const LOGIC = "test/unit/connection-logic.test.ts";

/** An actor in the hands of a binding. */
export const RESTARTS: readonly Mutant[] = [
  {
    promise: "F39",
    what: "The statechart hears that its links are gone",
    file: "src/lifetime.ts",
    find: 'if (!isFirst) this.#actor.send({ type: "links.lost" });',
    replace: "",
    test: [LOGIC, "reads the token and opens another link, where it had one"],
  },
  {
    promise: "F39",
    what: "What a run reports after its end is ignored",
    file: "src/parts.ts",
    find: "if (!isOver) turn.step(() => sendBack(event));",
    replace: "turn.step(() => sendBack(event));",
    test: [LOGIC, "ignores what a run before reports late, be it by an environment that goes on"],
  },
  {
    promise: "F39",
    what: "A token that the statechart knows is no news after a restart",
    file: "src/credential/token-source.ts",
    find: "tokenStore.hasToken && tokenStore.version !== heard",
    replace: "tokenStore.hasToken",
    test: [LOGIC, "does not send again what the server has refused"],
  },
  {
    promise: "F39",
    what: "What is emitted while it is stopped does not wait for ever",
    file: "src/sockets/traffic.ts",
    find: "    if (this.#isSuspended) queueMicrotask(() => this.#dropSuspended());\n",
    replace: "",
    test: [LOGIC, "goes on after a stop that has lasted, in which what was due was given up"],
  },
  {
    promise: "F39",
    what: "A component cannot change the decisions of all connections",
    file: "src/connection-logic.ts",
    find: 'Object.defineProperty(machine, "implementations", { get: () => implementations, set() {} });',
    replace: "",
    test: [LOGIC, "a binding that assigns implementations changes nobody's"],
  },
  {
    promise: "F39",
    what: "A guard that throws leaves no link",
    file: "src/connection-logic.ts",
    find: "        lifetime.end();\n        throw error;",
    replace: "        throw error;",
    test: [LOGIC, "is the affair of an observer of the user's, where there is one"],
  },
];
