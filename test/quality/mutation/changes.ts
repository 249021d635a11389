import type { Mutant } from "./mutant.js";

/** F7 to F12: a change of the token that does not arrive. */
export const CHANGES: readonly Mutant[] = [
  {
    promise: "F7",
    what: "The storage is compared at the moment of presenting",
    file: "src/links/open-link.ts",
    find: "this.#isOver ? undefined : gate.token(version)",
    replace: "this.#isOver ? undefined : tokenStore.token(version)",
    test: [
      "test/behaviour/servers/token-change.test.ts",
      "F7 a change that nobody announced while the link opens is found before it is presented",
    ],
  },
  {
    promise: "F8",
    what: "A newer token of the same user starts a rotation",
    file: "machines/connection.machine.ts",
    find: '            target: "rotating",\n            actions: "adoptToken",',
    replace: '            actions: "adoptToken",',
    test: ["test/behaviour/servers/token-change.test.ts", "F8 a change while connected reaches the server"],
  },
  {
    promise: "F9",
    what: "An event without a key, as `clear()` makes it, counts",
    file: "src/credential/web-storage.ts",
    find: "changed === null || changed === key",
    replace: "changed === key",
    test: [
      "test/unit/credential/web-storage.jsdom.test.ts",
      "F9 an event with a null key, which is what clear() makes, calls back",
    ],
  },
  {
    promise: "F9",
    what: "A page looks for itself, as its own writes make no event",
    file: "src/credential/page-watch.ts",
    find: "if (isVisible() && lookSafely() !== seen) onSignal();",
    replace: "",
    test: [
      "test/unit/credential/web-storage.jsdom.test.ts",
      "F9 a raw 'setItem' is found by the next poll, once",
    ],
  },
  {
    promise: "F9",
    what: "A user whom only the server can name is told to the other tabs",
    file: "machines/credential.machine.ts",
    find: 'named: { actions: "announceUser", ',
    replace: "named: { ",
    test: [
      "test/browser/session-cookie.test.ts",
      "F9 another user signs in in one tab, after the cookie has gone: the other tabs follow, and leave the last user",
    ],
  },
  {
    promise: "F9",
    what: "To a tab that the server signed out, any user of whom another tab tells is news",
    file: "machines/credential.machine.ts",
    find: 'signedOut: { actions: "forgetUser", ',
    replace: "signedOut: { ",
    test: [
      "test/behaviour/fakes/session-tabs.test.ts",
      "F9 signs out and in by forms: a tab that the server signed out tries again, once",
    ],
  },
  {
    promise: "F9",
    what: "A tab keeps to itself what it finds because it was told, so that tabs that never agree come to rest",
    file: "src/credential/tab-news.ts",
    find: "isOwn = !isTold || (isOwn && !isNobody && wordOf() === undefined);",
    replace: "isOwn = true;",
    test: ["test/unit/credential/tab-news.test.ts", "F9 is never what it finds because it was told"],
  },
  {
    promise: "F10",
    what: "A read has a time limit",
    file: "src/credential/storage-access.ts",
    find: "        }, readTimeout);\n      state =",
    replace: "        }, Number.POSITIVE_INFINITY);\n      state =",
    test: [
      "test/unit/credential/token-source.test.ts",
      "F10: a storm of signals cannot put the time limit off",
    ],
  },
  {
    promise: "F10",
    what: "What an adapter signals while it is read begins no other read",
    file: "src/credential/storage-access.ts",
    find: "    if (signals.isOwn) return;\n",
    replace: "",
    test: [
      "test/unit/credential/chatty-storage.test.ts",
      "F10 within the call of read(), synchronous or not, is read once",
    ],
  },
  {
    promise: "F11",
    what: "`connect()` does nothing while an attempt is under way",
    file: "machines/connection.machine.ts",
    find: '      on: {\n        "token.changed": [\n          {\n            guard: "isExpired",\n            target: ".refreshing",',
    replace:
      '      on: {\n        connect: { target: ".reading" },\n        "token.changed": [\n          {\n            guard: "isExpired",\n            target: ".refreshing",',
    test: [
      "test/behaviour/servers/token-change.test.ts",
      "F11 repeated connect() while pending makes one server socket, with the newest token",
    ],
  },
  {
    promise: "F12",
    what: "The token is in `auth`, and not in the address",
    file: "src/links/socket-io.ts",
    find: "      ...socketOptions,\n",
    replace: "      ...socketOptions,\n      query: request.credential(),\n",
    test: [
      "test/unit/server/secrets.test.ts",
      "over websocket arrives in handshake.auth, and in no URL, header or query",
    ],
  },
];
