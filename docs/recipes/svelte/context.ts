import { createConnectionContext } from "socket-rotor/svelte";

interface ServerToClient {
  message(line: string): void;
}
interface ClientToServer {
  say(text: string, heard: (line: string) => void): void;
}

/** Call `provideConnection(connection)` in a component, and `useConnection()` in those below it. */
export const { provideConnection, useConnection } = createConnectionContext<ServerToClient, ClientToServer>();
