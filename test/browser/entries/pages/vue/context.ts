import { createConnectionContext } from "socket-rotor/vue";
import type { ClientToServer, ServerToClient } from "../connect.js";

export const { provideConnection, useConnection } = createConnectionContext<ServerToClient, ClientToServer>();
