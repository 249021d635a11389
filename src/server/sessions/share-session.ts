import { ConnectionError, invalidOption } from "../../errors.js";
import { isFunction, property } from "../../value.js";
import { installedOn } from "../installed.js";
import { checkServer } from "../option.js";
import type { SocketIoServer } from "../socket-io-types.js";
import type { SessionMiddleware } from "./express-session.js";
import type { SessionEnds } from "./session-endings.js";
import type { SessionHandle } from "./session-handle.js";
import {
  resolveSessionOptions,
  resolveSourceOptions,
  type SessionOptions,
  type SourceOptions,
  type StoredSession,
} from "./session-options.js";
import type { SessionSource } from "./session-source.js";
import { shareMiddleware } from "./share-middleware.js";
import { shareSource } from "./share-source.js";

/**
 * Gives the sockets of a Socket.IO server the sessions that express-session keeps for HTTP, lets nobody in without one,
 * and ends connections when their session does. For other sessions see the second form, with a {@link SessionSource}.
 *
 * Every socket sees the same session id and data as the requests with the same cookie: `socket.request.session`, as it
 * was when the connection began, and fresh by {@link SessionHandle.load}. It is to be read only: its `save()` writes
 * nothing, and calls back with a {@link ConnectionError} `ERR_SESSION_READ_ONLY`. `req.session.destroy()`,
 * `regenerate()`, a sign-in and a sign-out with Passport, and a session that expires reach the sockets by themselves.
 * Together with `authenticateToken`, in any order, a connection needs both, of the same user as far as `identify` tells.
 *
 * Over Socket.IO a session is read, kept from expiring and changed by {@link SessionHandle.update}, never begun: no
 * handshake sets a cookie or saves a session. Do not add the session middleware to `io.engine` or to `io.use` as well.
 *
 * The store's methods are watched from now on, so that whatever the application does with it is seen. What is started
 * here ends with the server.
 *
 * @param io - A server that is attached already; call it before clients connect.
 * @param session - What `session({ ... })` of express-session has answered: the very middleware that HTTP uses.
 * @param options - See {@link SessionOptions}.
 * @returns What loads, changes and ends the sessions of sockets.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for options and for what is no Socket.IO server;
 * `ERR_SERVER_SETUP` where the middleware is none of express-session, the server is not attached yet, it
 * was called before, or the namespace `/rotor` is taken.
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import express from "express";
 * import expressSession from "express-session";
 * import { Server } from "socket.io";
 * import { allowOrigins, shareSession } from "socket-rotor/server";
 *
 * const app = express();
 * const http = createServer(app);
 * const io = new Server(http);
 * const session = expressSession({ secret: "change me", resave: false, saveUninitialized: false });
 *
 * app.use(session);
 * allowOrigins(io, ["https://app.example.com"]);
 * const sessions = shareSession(io, session, {
 *   isSignedIn: ({ userId }: { userId?: string }) => userId !== undefined,
 *   identify: ({ userId }) => userId,
 *   identityKey: process.env.IDENTITY_KEY ?? "",
 * });
 *
 * io.on("connection", (socket) => {
 *   socket.on("rename", async (name: string) => {
 *     await sessions.update(socket, (data) => Object.assign(data, { name }));
 *   });
 * });
 * ```
 * @see https://expressjs.com/en/resources/middleware/session.html
 */
export function shareSession<Session extends object = StoredSession>(
  io: SocketIoServer,
  session: SessionMiddleware,
  options?: SessionOptions<Session>,
): SessionHandle<Session>;
/**
 * Lets nobody into a Socket.IO server without a session that a source finds, such as one of better-auth, Auth.js or
 * iron-session, and ends connections when that session does.
 *
 * `socket.data.identity` is the user, and `socket.data.session` the `data` that `find` has answered, both before any
 * middleware of the application runs. Cookies are taken out of `socket.handshake.headers`, which `fetchSockets()` sends
 * to other nodes; the request keeps them. Together with `authenticateToken`, in any order, a connection needs both, and
 * both of the same user. What is started here ends with the server.
 *
 * @param io - The server; call it before clients connect.
 * @param source - Finds the session of a handshake. See {@link SessionSource}.
 * @param options - See {@link SourceOptions}.
 * @returns What ends the connections of a session or of a user. A source that cannot tell of ends needs it: call it in
 * the routes that sign out.
 * @throws {@link ConnectionError} `ERR_INVALID_OPTION` for options, for what is no source and for what is no Socket.IO
 * server; `ERR_SERVER_SETUP` where it was called before, or the namespace `/rotor` is taken.
 * @example
 * ```ts
 * import { Server } from "socket.io";
 * import { allowOrigins, shareSession } from "socket-rotor/server";
 *
 * declare function sessionOf(cookie: string | undefined): Promise<{ id: string; userId: string } | null>;
 *
 * const io = new Server(3000);
 * allowOrigins(io, ["https://app.example.com"]);
 * shareSession(
 *   io,
 *   {
 *     async find({ headers }) {
 *       const session = await sessionOf(headers.cookie);
 *       return session && { id: session.id, user: session.userId };
 *     },
 *   },
 *   { identityKey: process.env.IDENTITY_KEY ?? "" },
 * );
 * ```
 */
export function shareSession(io: SocketIoServer, source: SessionSource, options?: SourceOptions): SessionEnds;
export function shareSession<Session extends object>(
  io: SocketIoServer,
  given: SessionMiddleware | SessionSource,
  options: SessionOptions<Session> = {},
): SessionEnds {
  checkServer("shareSession", io);
  if (typeof given === "function") {
    const resolved = resolveSessionOptions(options);
    checkFirstCall(io);
    return shareMiddleware(io, given, resolved);
  }
  if (isSource(given)) {
    const resolved = resolveSourceOptions(options);
    checkFirstCall(io);
    return shareSource(io, given, resolved);
  }
  throw invalidOption(
    "shareSession takes the session middleware as its second argument, what session({ ... }) of express-session has answered, or a session source: { find(request), isAlive?(id), onEnd?(listener) }.",
  );
}

function isSource(value: unknown): boolean {
  const optional = [property(value, "isAlive"), property(value, "onEnd")];
  return (
    isFunction(property(value, "find")) && optional.every((each) => each === undefined || isFunction(each))
  );
}

/** @throws {@link ConnectionError} `ERR_SERVER_SETUP` */
function checkFirstCall(io: SocketIoServer): void {
  if (installedOn(io)?.sessions === undefined) return;
  throw new ConnectionError(
    "ERR_SERVER_SETUP",
    "shareSession was called on this server before. Call it once; one find of a session source can look for several kinds of session.",
  );
}
