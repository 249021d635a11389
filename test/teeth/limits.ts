import type { Tooth } from "./tooth.js";

/** F54, F63 to F65 and F67: what the halves believe of each other, and keep. */
export const LIMITS: readonly Tooth[] = [
  {
    promise: "F54",
    what: "Sessions without an identityKey are told at the first connection",
    file: "src/server/check-setup.ts",
    find: "tokens === undefined ? sessions !== undefined : tokens.hasUnreadable",
    replace: "tokens?.hasUnreadable === true",
    test: [
      "test/server/identity-key.test.ts",
      "a server with sessions is warned at the first connection, once, with the line to change",
    ],
  },
  {
    promise: "F54",
    what: "So are tokens of which no client can read the user",
    file: "src/server/tokens.ts",
    find: "if (!hasUnreadable && readFacts(token).identity === undefined) {",
    replace: "if (false) {",
    test: [
      "test/server/identity-key.test.ts",
      "a server whose tokens nobody can read is warned at the first: no JWT",
    ],
  },
  {
    promise: "F54",
    what: "An error advises what a client with a cookie can use",
    file: "src/socket/outbox.ts",
    find: "sendError(code, this.#isCookie)",
    replace: "sendError(code)",
    test: [
      "test/session-cookie.test.ts",
      "F54 the error of what was dropped advises what a cookie's client can use, which takes no identify",
    ],
  },
  {
    promise: "F64",
    what: "The lifetime that the client is told has grace in it",
    file: "src/server/credential.ts",
    find: "(expiresAt ?? Number.NaN) + grace - Date.now()",
    replace: "(expiresAt ?? Number.NaN) - Date.now()",
    test: ["test/server/expiry.test.ts", "has grace in it, at ready and when it is re-authenticated"],
  },
  {
    promise: "F64",
    what: "The client is not told of a lifetime that is over",
    file: "src/server/credential.ts",
    find: "return expiresIn > 0 ? { expiresIn } : {};",
    replace: "return { expiresIn: Math.max(0, expiresIn) };",
    test: ["test/server/expiry.test.ts", "is left out at a ready that comes when the token is over"],
  },
  {
    promise: "F64",
    what: "Where each fresh token is nearly over, each refresh waits longer",
    file: "src/storage/expiry.ts",
    find: "REST * 2 ** before",
    replace: "REST",
    test: [
      "test/told-lifetime.test.ts",
      "is asked with growing delays, not each second: 'opaque tokens', 'on the same link'",
    ],
  },
  {
    promise: "F67",
    what: "A handshake with two cookies of the session is refused",
    file: "src/server/session/share-session.ts",
    find: 'if (typeof cookie === "string" && hasTwoCookies(cookie, cookieName)) {',
    replace: "if (false) {",
    test: ["test/server/sessions/two-cookies.test.ts", "are refused where nobody has to be signed in too"],
  },
  {
    promise: "F67",
    what: "Where the session's name is not known, two signed ones of any name are",
    file: "src/server/session/cookie-header.ts",
    find: "name === undefined ? pairs.filter((pair) => isSignedForm(contentOf(pair))).map(nameOf) : [name]",
    replace: "[name]",
    test: [
      "test/server/sessions/two-cookies.test.ts",
      "are refused of any name, where the session's is not known: what has the form of a signed one",
    ],
  },
];
