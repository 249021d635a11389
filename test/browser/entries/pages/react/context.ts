import { createConnectionContext } from "socket-rotor/react";
import type { ClientToServer, ServerToClient } from "../connect.js";

export const { ConnectionProvider, useConnection } = createConnectionContext<
  ServerToClient,
  ClientToServer
>();
