import type { Mutant } from "./mutant.js";

/** F54, F63 to F65 and F67: what the halves believe of each other, and keep. */
export const LIMITS: readonly Mutant[] = [
  {
    promise: "F54",
    what: "Sessions without an identityKey are told at the first connection",
    file: "src/server/check-setup.ts",
    find: "tokens === undefined ? sessions !== undefined : tokens.hasUnreadable",
    replace: "tokens?.hasUnreadable === true",
    test: [
      "test/unit/server/identity-key.test.ts",
      "a server with sessions is warned at the first connection, once, with the line to change",
    ],
  },
  {
    promise: "F54",
    what: "So are tokens of which no client can read the user",
    file: "src/server/tokens/tokens.ts",
    find: "if (!hasUnreadable && readToken(token).identity === undefined) {",
    replace: "if (false) {",
    test: [
      "test/unit/server/identity-key.test.ts",
      "a server whose tokens nobody can read is warned at the first: no JWT",
    ],
  },
  {
    promise: "F54",
    what: "An error advises what a client with a cookie can use",
    file: "src/sockets/outbox.ts",
    find: "sendError(code, this.#parts.isCookie)",
    replace: "sendError(code)",
    test: [
      "test/unit/credential/session-cookie.test.ts",
      "F54 the error of what was dropped advises what a cookie's client can use, which takes no identify",
    ],
  },
  {
    promise: "F64",
    what: "The lifetime that the client is told has grace in it",
    file: "src/server/tokens/credential.ts",
    find: "(expiresAt ?? Number.NaN) + grace - Date.now()",
    replace: "(expiresAt ?? Number.NaN) - Date.now()",
    test: [
      "test/unit/server/tokens/expiry.test.ts",
      "has grace in it, at ready and when it is re-authenticated",
    ],
  },
  {
    promise: "F64",
    what: "The client is not told of a lifetime that is over",
    file: "src/server/tokens/credential.ts",
    find: "return expiresIn > 0 ? { expiresIn } : {};",
    replace: "return { expiresIn: Math.max(0, expiresIn) };",
    test: [
      "test/unit/server/tokens/expiry.test.ts",
      "is left out at a ready that comes when the token is over",
    ],
  },
  {
    promise: "F64",
    what: "Where each fresh token is nearly over, each refresh waits longer",
    file: "src/credential/expiry.ts",
    find: "REST * 2 ** before",
    replace: "REST",
    test: [
      "test/unit/credential/told-lifetime.test.ts",
      "is asked with growing delays, not each second: 'opaque tokens', 'on the same link'",
    ],
  },
  {
    promise: "F67",
    what: "A handshake with two cookies of the session is refused",
    file: "src/server/sessions/share-middleware.ts",
    find: 'if (typeof cookie === "string" && hasTwoCookies(cookie, cookieName)) {',
    replace: "if (false) {",
    test: [
      "test/unit/server/sessions/two-cookies.test.ts",
      "are refused where nobody has to be signed in too",
    ],
  },
  {
    promise: "F67",
    what: "Where the session's name is not known, two signed ones of any name are",
    file: "src/server/sessions/handshake-cookie.ts",
    find: "name === undefined ? pairs.filter((pair) => isSignedForm(contentOf(pair))).map(nameOf) : [name]",
    replace: "[name]",
    test: [
      "test/unit/server/sessions/two-cookies.test.ts",
      "are refused of any name, where the session's is not known: what has the form of a signed one",
    ],
  },
  {
    promise: "F65",
    what: "A time to stay away that is none is refused where it is given",
    file: "src/server/token-error.ts",
    find: "retryAfter !== undefined && !isStay(retryAfter)",
    replace: "false",
    test: [
      "test/unit/server/refusals.test.ts",
      "of 30000000000 is refused by TokenError, which says what it takes",
    ],
  },
  {
    promise: "F65",
    what: "One that an error of one's own has is not sent",
    file: "src/server/token-error.ts",
    find: "isStay(retryAfter) ? { retryAfter } : {},",
    replace: 'typeof retryAfter === "number" ? { retryAfter } : {},',
    test: [
      "test/unit/server/refusals.test.ts",
      "of 30000000000 in an error of one's own is not sent, and is told once",
    ],
  },
  {
    promise: "F65",
    what: "What a limiter tells is bounded",
    file: "src/server/limit-handshakes.ts",
    find: "Math.min(wait, LONGEST_STAY)",
    replace: "wait",
    test: ["test/unit/server/limits.test.ts", "is told as a day, where it is more"],
  },
  {
    promise: "F63",
    what: "A description is cut",
    file: "src/server/token-error.ts",
    find: "copyOf(clean(description), LONGEST_DESCRIPTION)",
    replace: "clean(description)",
    test: [
      "test/unit/server/refusals.test.ts",
      "of TokenError that has what the client has sent is cut, after the token was taken out",
    ],
  },
  {
    promise: "F63",
    what: "What is too long to be an offset is none",
    file: "src/server/recovery.ts",
    find: 'typeof value === "string" && value.length <= LONGEST_NAME',
    replace: 'typeof value === "string"',
    test: ["test/unit/server/kept.test.ts", "a pid that is too long to be one is not looked for"],
  },
  {
    promise: "F63",
    what: "A flood of questions is not answered",
    file: "src/server/control-namespace.ts",
    find: "return count <= MOST_QUESTIONS;",
    replace: "return true;",
    test: ["test/unit/server/kept.test.ts", "of a flood of sync a hundred a second are answered"],
  },
  {
    promise: "F63",
    what: "A namespace has a name of some length",
    file: "src/server/connects.ts",
    find: "name.length > LONGEST_NAME || ",
    replace: "",
    test: ["test/unit/server/kept.test.ts", "a namespace that is longer closes the connection"],
  },
  {
    promise: "F63",
    what: "Few tokens of a connection wait to be verified",
    file: "src/server/tokens/link-token.ts",
    find: "if (this.#waiting >= MOST_WAITING) throw tooMany(WAIT);",
    replace: "",
    test: [
      "test/unit/server/kept.test.ts",
      "sixty-four tokens wait to be verified, where the application has no other limit",
    ],
  },
];
