import { sessionCookie, webStorage } from "socket-rotor";
import { endSession, refresh, requestSession, requestToken } from "./api.js";
import type { PlaygroundConnection } from "./playground-connection.js";
import { readSettings } from "./settings.js";
import { TOKEN_KEY } from "./stored-token.js";

/** How one proves who one is: what the library is given, and what the buttons do. */
export interface Credentials {
  options: Pick<
    Parameters<typeof import("socket-rotor").createConnection>[0],
    "storage" | "refresh" | "rotation"
  >;
  signIn(connection: PlaygroundConnection, user: string): Promise<void>;
  /** Another credential of the same user. */
  renew(connection: PlaygroundConnection): Promise<void>;
  /** Tells the server of a sign-out. */
  end(): Promise<void>;
  /** Ends the session on the server, and lets the connection find out. */
  expire(connection: PlaygroundConnection): Promise<void>;
}

/** A token in `localStorage`. */
function tokens(): Credentials {
  return {
    options: { storage: webStorage(TOKEN_KEY), refresh, rotation: readSettings().rotation },
    signIn: async (connection, user) => connection.login(await requestToken(user)),
    renew: (connection) => connection.refresh(),
    end: endSession,
    async expire(connection) {
      await endSession();
      await connection.refresh();
    },
  };
}

/** A session of express-session, in a cookie that no script can read. */
function session(): Credentials {
  return {
    options: { storage: sessionCookie() },
    async signIn(connection, user) {
      await requestSession("login", { user });
      await connection.login();
    },
    // Nobody tells the connection: the server does.
    renew: () => requestSession("regenerate"),
    end: () => requestSession("logout"),
    expire: () => requestSession("logout"),
  };
}

export const credentials: Credentials = readSettings().credential === "cookie" ? session() : tokens();
