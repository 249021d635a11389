import type { Mutant } from "./mutant.js";

/** What an application, a client, a clock or a store cannot take away from a server. */
export const SERVER_GUARDS: readonly Mutant[] = [
  {
    promise: "F53",
    what: "Each later namespace is guarded by no listener",
    file: "src/server/socket-io-private.ts",
    find: 'hookBefore(io._nsps, "set", (_, namespace) => visitOnce(namespace));',
    replace: 'Reflect.apply(Reflect.get(io, "on"), io, ["new_namespace", visitOnce]);',
    test: [
      "test/unit/server/listeners-off.test.ts",
      "nobody gets in without a token, in existing and in later namespaces",
    ],
  },
  {
    promise: "F53",
    what: "The end of a connection is heard by no listener",
    file: "src/server/link.ts",
    find: 'hear(conn, "close", () => links.delete(conn));',
    replace: 'Reflect.apply(Reflect.get(conn, "once"), conn, ["close", () => links.delete(conn)]);',
    test: ["test/unit/server/listeners-off.test.ts", "a client that leaves by itself is forgotten"],
  },
  {
    promise: "F53",
    what: "What the client's half says is heard by no listener",
    file: "src/server/control-namespace.ts",
    find: "    socket.use((event) => {\n      if (QUESTIONS.has(event[0]) && mayAsk()) process.nextTick(onMessage, installed, socket, event);\n    });",
    replace:
      'for (const name of ["sync", "reauthenticate"]) Reflect.apply(Reflect.get(socket, "on"), socket, [name, (...args) => onMessage(installed, socket, [name, ...args])]);',
    test: [
      "test/unit/server/listeners-off.test.ts",
      "another token is taken in place by every socket, and the barrier answers",
    ],
  },
  {
    promise: "F53",
    what: "What other nodes say is heard by no listener",
    file: "src/server/cluster.ts",
    find: "hearingOf(control).listeners.set(event, listener);",
    replace: 'Reflect.apply(Reflect.get(control, "on"), control, [event, listener]);',
    test: [
      "test/unit/server/listeners-off.test.ts",
      "a revocation on another node ends the connection, and is remembered",
    ],
  },
  {
    promise: "F53",
    what: "Traffic that keeps a session is heard by no listener",
    file: "src/server/sessions/sessions.ts",
    find: 'hear(link.conn, "data", () => queueMicrotask(onTraffic));',
    replace: 'Reflect.apply(Reflect.get(link.conn, "on"), link.conn, ["data", onTraffic]);',
    test: ["test/unit/server/listeners-off.test.ts", "what a client sends keeps its session from expiring"],
  },
  {
    promise: "F53",
    what: "A socket that leaves is taken off its connection's record",
    file: "src/server/admission.ts",
    find: "onLeft: (socket) => links.of(socket.conn)?.leave(socket),",
    replace: "onLeft: () => {},",
    test: [
      "test/unit/server/listeners-off.test.ts",
      "F53 a socket that leaves a namespace is not kept, whatever listeners were taken off it",
    ],
  },
  {
    promise: "F55",
    what: "The warning of a middleware that throws goes by the place and not by the namespace",
    file: "src/server/admission.ts",
    find: "const { kind, details } = describeThrown(error);",
    replace: "const { kind } = describeThrown(error);\n          const details = namespace.name;",
    test: [
      "test/unit/server/kept-names.test.ts",
      "where a middleware throws: one warning for each place, whatever the names",
    ],
  },
  {
    promise: "F55",
    what: "A name is cut before it is logged",
    file: "src/server/admission.ts",
    find: "name.length > LONGEST_NAME ?",
    replace: "name.length > 1e9 ?",
    test: ["test/unit/server/kept-names.test.ts", "where it is refused, and where a CONNECT is ignored"],
  },
  {
    promise: "F55",
    what: "A place of an error is no longer than a file's name",
    file: "src/server/thrown.ts",
    find: "(.{1,500}:",
    replace: "(.+:",
    test: ["test/unit/server/kept-names.test.ts", "F55 a place that is longer than any file's is none"],
  },
  {
    promise: "F55",
    what: "Of the origins that are refused the first few are named",
    file: "src/server/handshake-request.ts",
    find: "|| named.size >= MOST_NAMED",
    replace: "",
    test: [
      "test/unit/server/sessions/cross-site.test.ts",
      "F55 of the first five origins, however many there are",
    ],
  },
  {
    promise: "F55",
    what: "A session source that fails on what a client sends is told once a minute",
    file: "src/server/sessions/session-deadline.ts",
    find: "if (isTold || (now >= toldAt && now - toldAt < TOLD_EVERY)) return;",
    replace: "if (isTold) return;",
    test: [
      "test/unit/server/sessions/source.test.ts",
      "F55 that fails on what a client sends is told once a minute, however often it does",
    ],
  },
  {
    promise: "F55",
    what: "A log remembers no endless list of keys",
    file: "src/logger.ts",
    find: "|| said.size >= MOST_KEYS",
    replace: "",
    test: [
      "test/unit/server/kept-names.test.ts",
      "F55 a log remembers a thousand keys at most, and says nothing of further ones",
    ],
  },
  {
    promise: "F56",
    what: "The end of a token is compared with the clock each minute",
    file: "src/server/timing.ts",
    find: "Math.min(LOOK_EVERY, Math.max(0, this.#at - Date.now()))",
    replace: "Math.max(0, this.#at - Date.now())",
    test: [
      "test/unit/server/tokens/expiry.test.ts",
      "forward past the end, a link with an expired token is closed within a minute",
    ],
  },
  {
    promise: "F56",
    what: "A session is read at its end again where the clock was set back",
    file: "src/server/sessions/session-watch.ts",
    find: "Math.min(this.#readAt, Date.now())",
    replace: "this.#readAt",
    test: [
      "test/unit/server/sessions/expiry.test.ts",
      "F56 happens within a minute of a clock that jumps past the end, and again where it is set back",
    ],
  },
  {
    promise: "F57",
    what: "A connection without a request that was looked at is let in nowhere",
    file: "src/server/engine-middleware.ts",
    find: "if (guard === undefined || hasPassed(",
    replace: "if (guard === undefined || client.conn.request === null || hasPassed(",
    test: [
      "test/unit/server/oldest-peers.test.ts",
      "is let in nowhere beside allowOrigins, called after authenticateToken, by a CONNECT",
    ],
  },
  {
    promise: "F57",
    what: "Nothing is verified for such a connection",
    file: "src/server/admission.ts",
    find: "isRefused: (client) => refuseUnseen(io, namespace, client),",
    replace: "isRefused: () => false,",
    test: [
      "test/unit/server/oldest-peers.test.ts",
      "is let in nowhere beside allowOrigins, called before authenticateToken, by a recovery",
    ],
  },
  {
    promise: "F59",
    what: "An answer of the store that is no session is an outage",
    file: "src/server/sessions/express-session.ts",
    find: 'throw new Error("The session store has answered something that is no session.");',
    replace: "return undefined;",
    test: [
      "test/unit/server/sessions/outage.test.ts",
      "to the second read of a handshake, with required true: an outage",
    ],
  },
];
