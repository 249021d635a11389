// The types for Solid, apart from the others: Solid's own are ES modules, which node16 does not let CommonJS import.
import type { Connection } from "socket-rotor";
import * as solid from "socket-rotor/solid";

interface ServerToClient {
  message(text: string, at: number): void;
}
interface ClientToServer {
  save(draft: { title: string }, saved: (id: number) => void): void;
}
declare const connection: Connection<ServerToClient, ClientToServer>;
const { socket } = connection;

const ownedInSolid = solid.useOwnedConnection(() => connection);
solid.useSocketEvent(
  () => ownedInSolid()?.socket,
  "message",
  (text) => text.trim(),
);
// @ts-expect-error: not an event of the server
solid.useSocketEvent(socket, "mesage", () => {});
solid
  .useConnectionSnapshot(ownedInSolid, (snapshot) => snapshot.attempt)()
  .toFixed();
const inSolid = solid.createConnectionContext<ServerToClient, ClientToServer>();
inSolid.useConnection().socket.on("message", (text) => text.trim());
