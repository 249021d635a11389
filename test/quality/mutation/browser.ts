import type { Mutant } from "./mutant.js";

/** F22 to F26 and F52: in the browser. */
export const BROWSER: readonly Mutant[] = [
  {
    promise: "F22",
    what: "Listeners are kept by the application's socket, not by the link",
    file: "src/sockets/channel.ts",
    find: "    this.#close(reason, undefined, next);\n",
    replace: "    this.#close(reason, undefined, next);\n    this.listener = undefined;\n",
    test: [
      "test/unit/sockets/listeners.test.ts",
      "F22: survive five rotations without being lost or doubled, and a fired once stays fired",
    ],
  },
  {
    promise: "F23",
    what: "A component's own connection is disposed of with its effect",
    file: "src/bindings/react.ts",
    find: "      own?.dispose();\n",
    replace: "",
    test: [
      "test/browser/recipes/recipes.test.ts",
      "F23: in StrictMode a component's own connection is one socket on the server, and none when it is gone",
    ],
  },
  {
    promise: "F24",
    what: "The end of a sleep is noticed",
    file: "src/environment/environment.ts",
    find: "if (passed > LOOK + SLEEP) onWake();",
    replace: "",
    test: ["test/unit/environment/sleep.test.ts", "of minutes is told once it is over, once"],
  },
  {
    promise: "F24",
    what: "A link that does not answer after a sleep counts as dead",
    file: "src/links/open-link.ts",
    find: "this.settle(CHECK_TIMEOUT,",
    replace: "this.settle(Number.POSITIVE_INFINITY,",
    test: [
      "test/unit/links/round-trips.test.ts",
      "that is not answered ends the link, which is tried again at once",
    ],
  },
  {
    promise: "F24",
    what: "After a sleep nothing is written before the link has proved to be alive",
    file: "machines/connection.machine.ts",
    find: 'entry: ["pauseTraffic", "readToken"],',
    replace: 'entry: "readToken",',
    test: [
      "test/browser/wake-up.test.ts",
      "with a live link: nothing is written until the server has answered, and there is no new handshake",
    ],
  },
  {
    promise: "F25",
    what: "A tab that has the lock looks at the storage before it asks",
    file: "src/credential/token-source.ts",
    find: "        if (!(await isUnchanged())) return;\n        const token = await ask();",
    replace: "        const token = await ask();",
    test: ["test/unit/credential/tabs.test.ts", "F25: two tabs that refresh at once agree on one token"],
  },
  {
    promise: "F25",
    what: "A tab looks when what the last one stored has come through, and not as soon as it has the lock",
    file: "src/environment/tab-lock.ts",
    find: "let left = delay;",
    replace: "let left = 0;",
    test: [
      "test/unit/environment/tab-lock.test.ts",
      "F25 with Web Locks: work that finds the lock free begins a moment later, as it may have been freed just now",
    ],
  },
  {
    promise: "F25",
    what: "A tab that has lost the lock before its call does not call",
    file: "src/environment/tab-lock.ts",
    find: "if (self === (await holderOf(locks)) && mine === holds) await begin(",
    replace: "await begin(",
    test: [
      "test/unit/environment/tab-lock.test.ts",
      "F24 a holder that is frozen F25 before its work has begun does not begin it without the lock, but waits anew",
    ],
  },
  {
    promise: "F26",
    what: "A storage that cannot be used is an error, and no empty one",
    file: "src/credential/web-storage.ts",
    find: "  throw unavailable(`webStorage",
    replace: "  return { getItem: () => null };\n  throw unavailable(`webStorage",
    test: [
      "test/unit/credential/web-storage.test.ts",
      "F26: an object without methods, as Node has without a file for it, is no storage",
    ],
  },
  {
    promise: "F52",
    what: "A component's own connection is disposed of when the component is made anew",
    file: "src/bindings/vue.ts",
    find: "    owned.value?.dispose();\n",
    replace: "",
    test: [
      "test/browser/entries/vue.test.ts",
      "F52 a Vue component's own connection is one socket after five hot updates",
    ],
  },
];
