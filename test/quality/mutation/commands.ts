import type { Mutant } from "./mutant.js";

const SYMPTOMS = "test/unit/turn/symptoms.test.ts";

/** G11, F36: a command acts before it returns, wherever the application is called. */
export const COMMANDS: readonly Mutant[] = [
  {
    promise: "G11",
    what: "The application is called after the step of the statechart, and not inside it",
    file: "src/turn.ts",
    find: "    this.#pending.push(next);\n    this.#drain();",
    replace: "    callSafely(next);",
    test: [
      SYMPTOMS,
      "G11 F36 disconnect() in a listener of `connect`: nothing emitted next leaves on that link, and its answer comes",
    ],
  },
  {
    promise: "F36",
    what: "A listener that a command causes to be called is called before the command returns",
    file: "src/turn.ts",
    find: "      callSafely(next);\n    }",
    replace: "      this.#isHeld = true;\n      callSafely(next);\n      this.#isHeld = false;\n    }",
    test: [
      SYMPTOMS,
      "F36 a listener of `disconnect` is called before disconnect() in a listener of `connect` returns",
    ],
  },
  {
    promise: "G11",
    what: "What comes in is delivered at once only where nothing else is being done",
    file: "src/sockets/channel.ts",
    find: " && turn.isIdle",
    replace: "",
    test: [
      "test/unit/sockets/channel.test.ts",
      "G11 an event that comes in while a message is written is delivered when it has been",
    ],
  },
  {
    promise: "F36",
    what: "disconnect() closes the gate before the statechart hears of it",
    file: "src/sockets/traffic.ts",
    find: "    this.parts.gate.closed = this.link;\n",
    replace: "",
    test: [
      SYMPTOMS,
      "F36 with actor.subscribe() disconnect() closes the gate before it returns, and the chart follows",
    ],
  },
  {
    promise: "F36",
    what: "connect() does not throw while the application is told of dispose()",
    file: "src/turn.ts",
    find: "return this.#endings > 0;",
    replace: "return false;",
    test: [SYMPTOMS, "F36 socket.connect() while dispose() tells of the end makes no uncaught error"],
  },
  {
    promise: "F36",
    what: "What is emitted after login() is the new user's, also while the token is being stored",
    file: "src/credential/owners.ts",
    find: "      return expected.at(-1)?.owner ?? current;",
    replace: "      return current;",
    test: [SYMPTOMS, "F36 after login(bob) in a listener of the connection what is emitted is Bob's"],
  },
  {
    promise: "F36",
    what: "What is emitted after a sign-in that came to nothing is dropped, and told",
    file: "src/credential/token-store.ts",
    find: "    onGone(owners.arrive(), isGivenUp);",
    replace: "    owners.arrive();",
    test: [SYMPTOMS, "F36 where that fails, it is dropped and told, and nobody's message waits"],
  },
  {
    promise: "F36",
    what: "A sign-out inside of `identify` is newer than the token that it was asked about",
    file: "src/credential/token-store.ts",
    find: "      if (changes !== before) return undefined;\n",
    replace: "",
    test: [
      SYMPTOMS,
      "F36 logout() in `identify`, with an asynchronous storage, is not undone by the token that was read",
    ],
  },
];
