import { createConnection, webStorage } from "socket-rotor";
import { fetchToken } from "./fetch-token.js";

interface ServerToClient {
  message(line: string): void;
}

interface ClientToServer {
  say(text: string, heard: (line: string) => void): void;
}

/** One for the page, made when this module is first imported: components come and go, and the connection stays. */
export const connection = createConnection<ServerToClient, ClientToServer>({
  url: location.origin,
  storage: webStorage("accessToken"),
});

/** From here on, in every tab, the server sees the new user. */
export async function signIn(name: string): Promise<void> {
  await connection.login(await fetchToken(name));
}

export async function signOut(): Promise<void> {
  await connection.logout();
}

/** Waits through a rotation or an outage; fails with a code when the user changes before it is sent. */
export async function say(text: string): Promise<void> {
  await connection.socket.emitWithAck("say", text);
}

/** Calls back with each line that the server sends, until the function that it returns is called. */
export function onMessage(listener: (line: string) => void): () => void {
  connection.socket.on("message", listener);
  return () => connection.socket.off("message", listener);
}
