import { type Connection, createConnection } from "socket-rotor";
import type { InspectionEvent } from "xstate";
import type { ClientToServer, ServerToClient } from "../events.js";
import { serverUrl } from "./api.js";
import { credentials } from "./credentials.js";
import { readSettings } from "./settings.js";

export type PlaygroundConnection = Connection<ServerToClient, ClientToServer>;

/** The whole set-up of the library that this page needs. */
export function openConnection(inspect: (event: InspectionEvent) => void): PlaygroundConnection {
  const { path } = readSettings();
  return createConnection<ServerToClient, ClientToServer>({
    url: serverUrl(),
    ...credentials.options,
    inspect,
    // Somebody sits and watches: a restarted server is to be found soon.
    reconnectionDelayMax: 4_000,
    // Long polling works too; but Chromium fills the console when such a link is closed in mid-poll.
    socketOptions: { path, transports: ["websocket"] },
  });
}
