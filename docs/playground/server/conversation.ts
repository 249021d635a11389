import type { DefaultEventsMap, Server, Socket } from "socket.io";
import type { Answer, ClientToServer, Message, ServerToClient, User } from "../events.js";

const MAX_TEXT = 500;

/** What `verify` says of a token, and the sockets carry. */
interface SocketData {
  user: User;
  fingerprint: string;
}

export type PlaygroundServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;
export type PlaygroundSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;

/**
 * Answers one socket, and passes on what it says.
 *
 * @param tell - reaches everybody, on every server
 * @param node - the number of this node, where there are several
 */
export function converse(socket: PlaygroundSocket, tell: (message: Message) => void, node?: number): void {
  const passOn = (text: unknown): Answer => {
    if (typeof text !== "string" || text.trim() === "") return { ok: false, error: "Send some text." };
    if (text.length > MAX_TEXT) return { ok: false, error: `Send at most ${MAX_TEXT} characters.` };
    tell({ from: socket.data.user, socketId: socket.id, text });
    return { ok: true };
  };
  void socket.join(socket.data.user);
  socket.on("whoAmI", (answer) => {
    const { user, fingerprint } = socket.data;
    reply(answer, { user, socketId: socket.id, fingerprint, ...(node && { node }) });
  });
  socket.on("message", (text, answer) => reply(answer, passOn(text)));
  socket.on("note", (text) => void passOn(text));
}

/** A client is free to send no callback, whatever the types say. */
function reply<T>(answer: unknown, value: T): void {
  if (typeof answer === "function") answer(value);
}
