import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RequestHandler } from "express";
import { Server } from "socket.io";
import {
  allowOrigins,
  authenticateToken,
  checkSetup,
  shareSession,
  TokenError,
  type TokenOptions,
} from "socket-rotor/server";
import { isUser, socketPaths, type User } from "../events.js";
import type { PlaygroundServer, PlaygroundSocket } from "./conversation.js";
import type { SharedState } from "./redis.js";

export interface NodeRules extends Pick<TokenOptions, "verify" | "identityKey"> {
  isOwnOrigin(origin: string): boolean;
  /** Why nobody is let in just now. */
  refusal(): TokenError | undefined;
  onSocket(socket: PlaygroundSocket): void;
  /** What connects the server at a path to those of the other nodes. Default: this node is alone. */
  adapterFor: SharedState["adapterFor"] | undefined;
}

/** One Socket.IO server that can be replaced by another one while the port stays open, as behind a load balancer. */
export interface Node {
  readonly io: PlaygroundServer;
  /** Whether a request is for this one. */
  takes(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

/** A server with the server half of socket-rotor. This is all of its set-up. */
export function startHalf(rules: NodeRules): Node {
  const { isOwnOrigin, onSocket, verify, identityKey } = rules;
  return startNode(socketPaths.half, rules, (io) => {
    allowOrigins(io, isOwnOrigin);
    authenticateToken(io, { verify, ...(identityKey && { identityKey }) });
    io.on("connection", onSocket);
    const [problem] = checkSetup(io);
    if (problem !== undefined) throw new Error(`${problem.what} ${problem.why} Change: ${problem.fix}`);
  });
}

/** A server without it: a middleware that checks the token, and a timer that ends the socket with it. */
export function startPlain(rules: NodeRules): Node {
  const { verify, isOwnOrigin, onSocket } = rules;
  return startNode(socketPaths.plain, rules, (io) => {
    allowOrigins(io, isOwnOrigin);
    io.use((socket, next) => {
      admit(socket, verify).then(() => next(), next);
    });
    io.on("connection", onSocket);
  });
}

/** A server for sessions in cookies: the one that HTTP has, and no token. */
export function startSession(rules: NodeRules, session: RequestHandler): Node {
  const { identityKey, isOwnOrigin, refusal, onSocket } = rules;
  return startNode(socketPaths.session, rules, (io) => {
    allowOrigins(io, isOwnOrigin);
    shareSession(io, session, {
      isSignedIn: ({ signedInAs }: { signedInAs?: User }) => isUser(signedInAs),
      identify: ({ signedInAs }) => signedInAs,
      ...(identityKey && { identityKey }),
    });
    io.use((_socket, next) => next(refusal()));
    io.on("connection", (socket) => {
      const user: unknown = Reflect.get(socket.data, "identity");
      if (!isUser(user)) return;
      Object.assign(socket.data, { user, fingerprint: "" });
      onSocket(socket);
    });
  });
}

async function admit(socket: PlaygroundSocket, verify: NodeRules["verify"]): Promise<void> {
  const token: unknown = socket.handshake.auth["token"];
  if (typeof token !== "string") throw new TokenError("invalid_token", "No token was sent.");
  const { data, expiresAt = Number.POSITIVE_INFINITY } = await verify(token);
  Object.assign(socket.data, data);
  const timer = setTimeout(() => socket.disconnect(true), Math.min(expiresAt - Date.now(), 2 ** 31 - 1));
  socket.on("disconnect", () => clearTimeout(timer));
}

function startNode(
  path: string,
  { isOwnOrigin, adapterFor }: NodeRules,
  setUp: (io: PlaygroundServer) => void,
): Node {
  // It never listens: the process that has the port passes requests on.
  const http = createServer();
  const io: PlaygroundServer = new Server(http, {
    path,
    serveClient: false,
    // Somebody sits and watches: a network that is cut is noticed within six seconds, not within 45.
    pingInterval: 1_000,
    pingTimeout: 5_000,
    ...(adapterFor && { adapter: adapterFor(path) }),
    // Each client has a network of its own, and so a port that is not the page's.
    cors: {
      origin: (origin, answer) => answer(null, origin !== undefined && isOwnOrigin(origin)),
      credentials: true,
    },
  });
  setUp(io);
  return {
    io,
    takes: ({ url = "" }) => url.startsWith(path),
    handle: (request, response) => void http.emit("request", request, response),
    upgrade: (request, socket, head) => void http.emit("upgrade", request, socket, head),
    close: () => io.close(),
  };
}
