import type { Mutant } from "./mutant.js";

/** F27 to F34: on the server. */
export const SERVER: readonly Mutant[] = [
  {
    promise: "F27",
    what: "Each connection has an alarm for the end of its token",
    file: "src/server/expiry.ts",
    find: "    this.#at = at;\n    this.#arm();\n",
    replace: "",
    test: [
      "test/unit/server/expiry.test.ts",
      "over websocket goodbye comes first, then every namespace and the connection end",
    ],
  },
  {
    promise: "F28",
    what: "The end of a session is told to its connections",
    file: "src/server/session/watched-store.ts",
    find: "for (const listener of listeners) listener.onDestroyed(key, cause);",
    replace: "",
    test: [
      "test/unit/server/sessions/endings.test.ts",
      "a session that is destroyed over HTTP ends its connections, goodbye first, and no others",
    ],
  },
  {
    promise: "F28",
    what: "A session that was destroyed is not saved again",
    file: "src/server/session/watched-store.ts",
    find: "if (isGone(key, session)) return undefined;",
    replace: "",
    test: [
      "test/unit/server/sessions/endings.test.ts",
      "not a request over HTTP that began before and saves its session afterwards",
    ],
  },
  {
    promise: "F28",
    what: "A session that was destroyed while it was touched is destroyed again",
    file: "src/server/session/watched-store.ts",
    find: "if (isGone(key, session) && original.destroy) await ask(store, original.destroy, id);\n      else for",
    replace: "for",
    test: [
      "test/unit/server/sessions/endings.test.ts",
      "not a touch that a store was busy with, which writes the whole session",
    ],
  },
  {
    promise: "F28",
    what: "A server that listens again hears of sessions that end",
    file: "src/server/session/share-session.ts",
    find: 'listen(property(property(request, "socket"), "server") ?? property(io, "httpServer"));',
    replace: "",
    test: ["test/unit/server/sessions/endings.test.ts", "after the HTTP server was closed and listens again"],
  },
  {
    promise: "F29",
    what: "The whole connection is closed, and not only the sockets that are in a namespace",
    file: "src/server/control.ts",
    find: '"goodbye", refusal);\n  }\n  link.close();',
    replace: '"goodbye", refusal);\n    if (socket.connected) socket.disconnect();\n  }',
    test: [
      "test/unit/server/sessions/attacks.test.ts",
      "F29 a sign-out reaches a connection that is still being admitted by the application",
    ],
  },
  {
    promise: "F29",
    what: "A node heeds what another one tells of a session",
    file: "src/server/session/session-news.ts",
    find: "if (news !== undefined) heed(news);",
    replace: "",
    test: ["test/system/nodes/sign-out.test.ts", "while the application still decides, 25 times"],
  },
  {
    promise: "F29",
    what: "An older revocation takes back no newer one",
    file: "src/server/revocations.ts",
    find: "earlier !== undefined && earlier.at > revocation.at ? earlier : revocation",
    replace: "revocation",
    test: [
      "test/unit/server/revoke.test.ts",
      "F29 an older revocation that comes late takes nothing back, and ends no newer sign-in",
    ],
  },
  {
    promise: "F30",
    what: "A change is merged into what is stored by then",
    file: "src/server/session/session-handle.ts",
    find: "const merged: object = { ...stored };",
    replace: "const merged: object = { ...before };",
    test: [
      "test/unit/server/sessions/handle.test.ts",
      "writes what it has changed over what was stored meanwhile over HTTP",
    ],
  },
  {
    promise: "F31",
    what: "After `login()` a session that is not stored yet is awaited",
    file: "machines/credential.machine.ts",
    find: 'event.type === "token.changed" && event.isLogin === true',
    replace: "false",
    test: [
      "test/unit/credential/session-cookie.test.ts",
      "F31 after login() one is awaited for stableAfter, as it may not be stored yet",
    ],
  },
  {
    promise: "F31",
    what: "After `login()` the other tabs are told of the user, whoever it was before",
    file: "src/credential/tab-news.ts",
    find: 'if (origin === "login") named = undefined;',
    replace: "",
    test: [
      "test/behaviour/fakes/session-tabs.test.ts",
      "F31 calls login() anew before the session is stored: this tab waits for it, and the others hear of it by the name",
    ],
  },
  {
    promise: "F31",
    what: "A session that is replaced is told from one that ends",
    file: "src/server/session/watched-store.ts",
    find: 'replaced.set(id, { session: property(request, "session") });',
    replace: "",
    test: [
      "test/unit/server/sessions/endings.test.ts",
      "tells its connections that it has changed, and its old id lets nobody in",
    ],
  },
  {
    promise: "F32",
    what: "A store that fails is not a session that is gone",
    file: "src/server/session/session-watch.ts",
    find: "const stored = await reader.read(record.id);",
    replace: "const stored = await reader.read(record.id).catch(() => undefined);",
    test: [
      "test/unit/server/sessions/outage.test.ts",
      "open sockets stay, nobody is signed out, and one log line says so",
    ],
  },
  {
    promise: "F32",
    what: "Nobody is let in while the store cannot be asked, as a guest neither",
    file: "src/server/session/sessions.ts",
    find: 'throw new TokenError("temporarily_unavailable", "The session cannot be checked now.");',
    replace: "return;",
    test: [
      "test/unit/server/sessions/outage.test.ts",
      "a connection that is not required to have a session is not let in as an anonymous one",
    ],
  },
  {
    promise: "F34",
    what: "The origin is compared with the list",
    file: "src/server/allow-origins.ts",
    find: 'if (typeof origin === "string") return isListed(origin);',
    replace: 'if (typeof origin === "string") return true;',
    test: [
      "test/unit/server/origins.test.ts",
      "a page of another origin is refused, although cors does not say so",
    ],
  },
  {
    promise: "F34",
    what: "A request that does not say where it comes from is refused",
    file: "src/server/allow-origins.ts",
    find: "    return false;\n  };\n\n  addEngineMiddleware",
    replace: "    return true;\n  };\n\n  addEngineMiddleware",
    test: [
      "test/unit/server/origins.test.ts",
      "a request without an origin is refused, unless it is of its own origin or they are allowed",
    ],
  },
  {
    promise: "F34",
    what: "An HTTP server that is attached later is guarded too",
    file: "src/server/engine-middleware.ts",
    find: "cover(guard, later);",
    replace: "",
    test: [
      "test/unit/server/engines.test.ts",
      "an HTTP server that is attached later is guarded like the first, in the same order",
    ],
  },
];
