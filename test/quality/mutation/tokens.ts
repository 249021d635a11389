import type { Mutant } from "./mutant.js";

/** F45, F48 and F63: shapes of tokens and refusals, and what a server sends. */
export const TOKENS: readonly Mutant[] = [
  {
    promise: "F45",
    what: "A refusal of which nothing is known is said",
    file: "src/links/refusals.ts",
    find: "      if (message !== NO_NAMESPACE) this.#warnOfUnknown(error);\n",
    replace: "",
    test: ["test/system/unknown-refusals.test.ts", "what classify leaves to the default is said"],
  },
  {
    promise: "F45",
    what: "It is said once, and not for ever",
    file: "src/links/refusals.ts",
    find: "if (said.size >= LIMIT || said.has(words)) return;",
    replace: "",
    test: [
      "test/system/unknown-refusals.test.ts",
      "words that are others each time are said a few times, and the last line says so",
    ],
  },
  {
    promise: "F48",
    what: "A storage that answers with JSON is not read",
    file: "src/credential/token-text.ts",
    find: "if (answer !== null && !isCookie)",
    replace: "if (false)",
    test: ["test/unit/credential/json-token.test.ts", "F48 the testing kit refuses it as well"],
  },
  {
    promise: "F48",
    what: "`login()` takes no JSON",
    file: "src/credential/token-text.ts",
    find: '  refuseJson(token, "login(token) takes a token, but got");\n',
    replace: "",
    test: ["test/unit/credential/json-token.test.ts", "login() rejects, and stores nothing"],
  },
  {
    promise: "F48",
    what: "`refresh` answers with no JSON",
    file: "src/credential/token-text.ts",
    find: 'if (typeof token === "string") refuseJson(',
    replace: "if (false) refuseJson(",
    test: [
      "test/unit/credential/json-token.test.ts",
      "from refresh() is neither stored nor sent, and signs nobody out",
    ],
  },
  {
    promise: "F63",
    what: "Only what can be one is taken for an offset",
    file: "src/links/namespace-socket.ts",
    find: "session && isId(last)",
    replace: 'session && typeof last === "string"',
    test: [
      "test/system/kept-from-peer.test.ts",
      "is not offered, whatever a volatile event ends in, when it is longer than an id",
    ],
  },
  {
    promise: "F63",
    what: "What is offered for recovery is offered once",
    file: "src/links/open-link.ts",
    find: "    if (credential) this.offered = undefined;\n",
    replace: "",
    test: ["test/system/kept-from-peer.test.ts", "that has failed once is not made again"],
  },
  {
    promise: "F63",
    what: "A namespace that is joined again on the same link offers nothing",
    file: "src/links/namespace-socket.ts",
    find: '    Reflect.set(socket, "_pid", undefined);\n',
    replace: "",
    test: [
      "test/system/kept-from-peer.test.ts",
      "is not offered where a namespace is joined again on the same link",
    ],
  },
  {
    promise: "F63",
    what: "What waits for the answer to the CONNECT is limited",
    file: "src/links/namespace-socket.ts",
    find: "if (!this.#socket.connected && (type === EVENT || type === BINARY_EVENT)) this.#hold(data);",
    replace: "",
    test: [
      "test/system/kept-from-peer.test.ts",
      "events before the answer to the CONNECT end the link, which is told",
    ],
  },
  {
    promise: "F63",
    what: "What comes in before anybody listens is limited",
    file: "src/links/namespace-socket.ts",
    find: "      this.#hold(args);\n",
    replace: "",
    test: [
      "test/unit/links/early-events.test.ts",
      "F63 events that come in before anybody listens are limited, and their end is told",
    ],
  },
  {
    promise: "F63",
    what: "What is held while it is uncertain whose the connection is, is limited",
    file: "src/sockets/channel.ts",
    find: "    if (this.#size <= MOST_HELD) return;\n",
    replace: "    return;\n",
    test: [
      "test/system/kept-from-peer.test.ts",
      "while it is uncertain whose the connection is, and what is lost is told",
    ],
  },
  {
    promise: "F63",
    what: "Nothing is kept for a namespace of the library's own that is not accepted yet",
    file: "src/links/control.ts",
    find: "  socket.receiveBuffer = new KeepsNothing();\n",
    replace: "",
    test: [
      "test/system/kept-from-peer.test.ts",
      "nothing is kept of what comes to a namespace of the library's own before it is accepted",
    ],
  },
  {
    promise: "F63",
    what: "A name that is too long names nobody",
    file: "src/links/open-link.ts",
    find: "&& identity.length <= LONGEST_NAME;",
    replace: ";",
    test: ["test/unit/links/reports.test.ts", "F63 names somebody by a text that is not too long"],
  },
];
