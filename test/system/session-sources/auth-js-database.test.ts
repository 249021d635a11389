import { randomUUID } from "node:crypto";
import type { SessionSource } from "socket-rotor/server";
import { appWith, load } from "./fixture/auth-js.js";
import { describeLife } from "./fixture/life.js";
import { exampleOf } from "./fixture/packages.js";

interface Stored {
  readonly sessionToken: string;
  readonly userId: string;
  readonly expires: Date;
}

describeLife({
  name: "Auth.js with a database",
  atExpiry: "session_ended",
  hasStore: true,
  start(lifetime, ends) {
    const sessions = new Map<string, Stored>();
    let isDown = false;
    const adapter = {
      async getSessionAndUser(sessionToken: string) {
        if (isDown) throw new Error("The database is down.");
        const session = sessions.get(sessionToken);
        return session === undefined ? null : { session, user: { id: session.userId } };
      },
      async deleteSession(sessionToken: string) {
        const session = sessions.get(sessionToken);
        sessions.delete(sessionToken);
        return session;
      },
      async updateSession() {},
    };
    const { http, signOut } = appWith({
      adapter: { ...adapter, ...methods() },
      providers: [],
      session: { strategy: "database", maxAge: lifetime },
      events: {
        signOut: ({ session }: { session?: Stored }) => ends().end(session?.sessionToken ?? ""),
      },
    });
    const sourceOf = exampleOf<(given: typeof adapter) => SessionSource>("authJsDatabaseSource", load);
    return {
      http,
      source: sourceOf(adapter),
      // As the callback of a provider would: it needs another server.
      async signIn(visitor, user) {
        const stored: Stored = {
          sessionToken: randomUUID(),
          userId: user,
          expires: new Date(Date.now() + lifetime * 1_000),
        };
        sessions.set(stored.sessionToken, stored);
        visitor.setCookie("authjs.session-token", stored.sessionToken);
      },
      signOut,
      fail() {
        isDown = true;
      },
    };
  },
});

/** What Auth.js asks an adapter to have, and does not call here. */
function methods(): object {
  const names = ["createUser", "getUser", "getUserByEmail", "getUserByAccount", "updateUser", "linkAccount"];
  return Object.fromEntries([...names, "createSession"].map((name) => [name, async () => null]));
}
