// The types of the bindings, checked as those of types.mts are; run.mjs also copies this file to bindings.cts.
import type { Connection } from "socket-rotor";
import * as react from "socket-rotor/react";
import * as svelte from "socket-rotor/svelte";
import * as vue from "socket-rotor/vue";

interface ServerToClient {
  message(text: string, at: number): void;
}
interface ClientToServer {
  save(draft: { title: string }, saved: (id: number) => void): void;
}
declare const connection: Connection<ServerToClient, ClientToServer>;
const { socket } = connection;

react.useSocketEvent(socket, "message", (text, at) => text.concat(at.toFixed()));
react.useSocketEvent(socket, "dropped", (event, code) => event.concat(code));
react.useSocketEvent(connection.of("/any").volatile, "whatever", (...args) => args.length);
// @ts-expect-error: not an event of the server
react.useSocketEvent(socket, "mesage", () => {});
// @ts-expect-error: the text is a string
react.useSocketEvent(socket, "message", (text: number) => text);
const attempt: number = react.useConnectionSnapshot(connection, (snapshot) => snapshot.attempt);
attempt.toFixed();
react.useConnectionSnapshot(undefined).status.concat();
const owned: Connection<ServerToClient, ClientToServer> | undefined = react.useOwnedConnection(
  () => connection,
);
react.useSocketEvent(owned?.socket, "message", (text) => text.trim());
const inReact = react.createConnectionContext<ServerToClient, ClientToServer>();
const id: Promise<number> = inReact.useConnection().socket.emitWithAck("save", { title: "" });
id.catch(() => {});
inReact.ConnectionProvider({ connection });

vue.useSocketEvent(
  () => vue.useOwnedConnection(() => connection).value?.socket,
  "message",
  (text) => text.trim(),
);
// @ts-expect-error: not an event of the server
vue.useSocketEvent(socket, "mesage", () => {});
vue.useConnectionSnapshot(connection, (snapshot) => snapshot.attempt).value.toFixed();
const inVue = vue.createConnectionContext<ServerToClient, ClientToServer>();
inVue.provideConnection(connection);
inVue.useConnection().socket.on("message", (text) => text.trim());

const ownedInSvelte = svelte.useOwnedConnection(() => connection);
svelte.useSocketEvent(
  () => ownedInSvelte.current?.socket,
  "message",
  (text) => text.trim(),
);
// @ts-expect-error: not an event of the server
svelte.useSocketEvent(socket, "mesage", () => {});
svelte
  .useConnectionSnapshot(
    () => ownedInSvelte.current,
    (snapshot) => snapshot.attempt,
  )
  .current.toFixed();
const inSvelte = svelte.createConnectionContext<ServerToClient, ClientToServer>();
inSvelte.provideConnection(connection);
