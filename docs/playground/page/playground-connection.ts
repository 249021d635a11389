import { type Connection, createConnection, webStorage } from "socket-rotor";
import type { InspectionEvent } from "xstate";
import type { ClientToServer, ServerToClient } from "../events.js";
import { refresh } from "./api.js";
import { TOKEN_KEY } from "./stored-token.js";

export type PlaygroundConnection = Connection<ServerToClient, ClientToServer>;

/** The whole set-up of the library that this page needs. */
export const openConnection = (inspect: (event: InspectionEvent) => void): PlaygroundConnection =>
  createConnection<ServerToClient, ClientToServer>({
    url: location.origin,
    storage: webStorage(TOKEN_KEY),
    refresh,
    inspect,
    // Somebody sits and watches: a restarted server is to be found soon.
    reconnectionDelayMax: 4_000,
    // Long polling works too; but Chromium fills the console when such a link is closed in mid-poll.
    socketOptions: { transports: ["websocket"] },
  });
