import type { Server as HttpServer } from "node:http";
import { type DefaultEventsMap, Server, type Socket } from "socket.io";
import type { Answer, ClientToServer, ServerToClient, User } from "../events.js";
import { Refusal } from "./refusal.js";
import { type Accepted, fingerprint, type Tokens } from "./tokens.js";

const TICK = 1_000;
const MAX_TEXT = 500;

interface SocketData extends Accepted {
  fingerprint: string;
}

type PlaygroundServer = Server<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;
type PlaygroundSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, SocketData>;

export interface Sockets {
  /** Disconnects each socket of a user, as a server does that has had enough. */
  kick(user: User): void;
  /** Refuses new handshakes for a while, as a server does that is overloaded. */
  refuseFor(milliseconds: number): void;
  close(): Promise<void>;
}

/** The Socket.IO half: a plain server that checks a token in its middleware. */
export function serveSockets(http: HttpServer, tokens: Tokens): Sockets {
  const io: PlaygroundServer = new Server(http, { serveClient: false });
  const startedAt = Date.now();
  let sequence = 0;
  let busyUntil = 0;

  io.use(async (socket, next) => {
    try {
      const retryAfter = busyUntil - Date.now();
      if (retryAfter > 0) throw busy(retryAfter);
      const token: unknown = socket.handshake.auth["token"];
      const accepted = await tokens.checkAccess(token);
      socket.data = { ...accepted, fingerprint: fingerprint(String(token)) };
      next();
    } catch (error) {
      next(error instanceof Refusal ? error : busy(TICK));
    }
  });

  io.on("connection", (socket) => {
    welcome(socket);
    disconnectOnExpiry(socket);
    socket.on("message", (text, answer) => reply(answer, passOn(io, socket, text)));
    socket.on("note", (text) => void passOn(io, socket, text));
  });

  const ticking = setInterval(() => io.emit("tick", { sequence: ++sequence, startedAt }), TICK);

  return {
    kick: (user) => io.in(user).disconnectSockets(true),
    refuseFor: (milliseconds) => {
      busyUntil = Date.now() + milliseconds;
    },
    close: async () => {
      clearInterval(ticking);
      await io.close();
    },
  };
}

function welcome(socket: PlaygroundSocket): void {
  const { user, fingerprint } = socket.data;
  void socket.join(user);
  socket.emit("welcome", { user, socketId: socket.id, fingerprint });
}

/** A token is checked at the handshake only: a server that means its `exp` has to end the socket itself. */
function disconnectOnExpiry(socket: PlaygroundSocket): void {
  const timer = setTimeout(() => socket.disconnect(true), socket.data.expiresAt - Date.now());
  socket.on("disconnect", () => clearTimeout(timer));
}

function passOn(io: PlaygroundServer, socket: PlaygroundSocket, text: unknown): Answer {
  if (typeof text !== "string" || text.trim() === "") return { ok: false, error: "Send some text." };
  if (text.length > MAX_TEXT) return { ok: false, error: `Send at most ${MAX_TEXT} characters.` };
  io.emit("message", { from: socket.data.user, socketId: socket.id, text });
  return { ok: true };
}

/** A client is free to send no callback, whatever the types say. */
function reply(answer: unknown, value: Answer): void {
  if (typeof answer === "function") answer(value);
}

const busy = (retryAfter: number) =>
  new Refusal({
    error: "temporarily_unavailable",
    error_description: "The server is busy. Try again later.",
    retryAfter,
  });
