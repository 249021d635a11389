import { type Connection, createConnection, webStorage } from "socket-rotor";

/**
 * Two connections, as one has one credential: `/admin` has its own, and signs in and out by itself. A namespace with
 * the same credential is `connection.of("/chat")`, on the same connection.
 */
export function connectBoth(url: string): { connection: Connection; admin: Connection } {
  return {
    connection: createConnection({ url, storage: webStorage("accessToken") }),
    admin: createConnection({ url: new URL("/admin", url), storage: webStorage("adminToken") }),
  };
}
