import type { Mutant } from "./mutant.js";

/** F33: mistakes of the set-up, each with an error or a warning of its own, and nobody let in without a name. */
export const SET_UP: readonly Mutant[] = [
  {
    promise: "F33",
    what: "The browser sends the cookie to another origin too",
    file: "src/options.ts",
    find: "isCookie ? { ...socketOptions, withCredentials: true } : socketOptions",
    replace: "socketOptions",
    test: [
      "test/unit/credential/session-cookie.test.ts",
      "F33 the cookie is sent by default, and a connection without it is refused",
    ],
  },
  {
    promise: "F33",
    what: "A client that sends no cookie is refused by the server, and is no guest",
    file: "src/server/sessions/sessions.ts",
    find: "if (required && user?.isSignedIn !== true)",
    replace: "if (false)",
    test: [
      "test/system/sessions/origins.test.ts",
      "F33 with plain Socket.IO and without withCredentials is refused, and is no guest",
    ],
  },
  {
    promise: "F33",
    what: "Credentials for every origin bring a warning",
    file: "src/server/check-setup.ts",
    find: 'return cors("credentials") === true && isAny;',
    replace: "return false;",
    test: [
      "test/system/sessions/origins.test.ts",
      'origin "*" with credentials is told at the start, and the browser lets nobody in over polling',
    ],
  },
  {
    promise: "F33",
    what: "`cors` without credentials brings a warning where cookies are in use",
    file: "src/server/sessions/session-rules.ts",
    find: 'Boolean(option("cors")) && cors("credentials") !== true,',
    replace: "false,",
    test: [
      "test/system/sessions/origins.test.ts",
      "no credentials are told at the start, and the browser lets nobody in over polling",
    ],
  },
  {
    promise: "F33",
    what: "A page that may connect, and that `cors` keeps from polling, is told in the server's log",
    file: "src/server/allow-origins.ts",
    find: "if (isUnreadable(request, response)) {",
    replace: "if (false) {",
    test: [
      "test/unit/server/origins.test.ts",
      "is told too where cors alone keeps a browser from reading the answers",
    ],
  },
  {
    promise: "F33",
    what: "A page of another site, to which the cookie is never sent, is told in the server's log",
    file: "src/server/sessions/share-middleware.ts",
    find: "checkSite(request);",
    replace: "",
    test: [
      "test/unit/server/sessions/cross-site.test.ts",
      "F33 a page of another site that gets no cookie of sameSite lax is told once, with the line to change",
    ],
  },
  {
    promise: "F33",
    what: "A path at which nothing speaks Socket.IO is named",
    file: "src/words/messages.ts",
    find: "const help = status === 404 ?",
    replace: "const help = false ?",
    test: ["test/system/sessions/mistakes.test.ts", "of the client is told with the status and the option"],
  },
  {
    promise: "F33",
    what: "A path in the address is told to be a namespace",
    file: "src/links/socket-io.ts",
    find: "if (error.message === NO_NAMESPACE) {",
    replace: "if (false) {",
    test: [
      "test/system/sessions/mistakes.test.ts",
      "in the address is a namespace: the log says so, and names the option",
    ],
  },
  {
    promise: "F33",
    what: "A cookie whose path does not cover Socket.IO's is an error at the start",
    file: "src/server/sessions/session-setup.ts",
    find: "if (store === undefined) throw notASession(path, first.error);",
    replace: "",
    test: ["test/system/sessions/mistakes.test.ts", "of the cookie is an error when the session is shared"],
  },
  {
    promise: "F33",
    what: "The session middleware in `io.use` or `io.engine.use` brings a warning",
    file: "src/server/sessions/session-rules.ts",
    find: "return lists.some((list) => Array.isArray(list) && list.includes(middleware));",
    replace: "return false;",
    test: [
      "test/system/sessions/mistakes.test.ts",
      "to io.use is told with the line to take out, and nobody gets in without a session",
    ],
  },
  {
    promise: "F33",
    what: "A middleware that throws lets nobody in, and does not end the process",
    file: "src/server/admission.ts",
    find: '          refuse(new TokenError("temporarily_unavailable"));\n',
    replace: "          throw error;\n",
    test: [
      "test/system/sessions/mistakes.test.ts",
      "to io.use fails on each socket, which refuses it and does not end the process",
    ],
  },
  {
    promise: "F33",
    what: "A secure cookie behind a proxy that is not trusted brings a warning",
    file: "src/server/sessions/session-rules.ts",
    find: "isBroken: ({ installed }) => installed?.sessions?.setup?.hasUntrustedProxy === true,",
    replace: "isBroken: () => false,",
    test: [
      "test/system/sessions/proxy.test.ts",
      "F33 with a secure cookie and without trust proxy: the server says which line to change, and nobody is let in",
    ],
  },
];
