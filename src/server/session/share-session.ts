import { ConnectionError, invalidOption } from "../../errors.js";
import { createLog } from "../../logger.js";
import { isFunction, property } from "../../value.js";
import { warnOfProblems } from "../check-setup.js";
import { addEngineMiddleware, isHandshake } from "../engine-middleware.js";
import { foundationOf } from "../foundation.js";
import { installedOn } from "../installed.js";
import { oneAtATime } from "../one-at-a-time.js";
import { checkServer } from "../option.js";
import type { SocketIoServer } from "../socket-io.js";
import { createCookieCheck } from "./cookie-check.js";
import { hasTwoCookies } from "./cookie-header.js";
import { createJudge } from "./facts.js";
import { readHandshake } from "./handshake-session.js";
import { isSignedBy, probeSession } from "./probe.js";
import { makeReadOnly } from "./read-only-session.js";
import { createSessionChanges } from "./session-changes.js";
import { createHandle, type SessionHandle } from "./session-handle.js";
import type { SessionMiddleware } from "./session-middleware.js";
import { createNewsroom } from "./session-news.js";
import { resolveSessionOptions, type SessionOptions, type StoredSession } from "./session-options.js";
import { createReader } from "./session-reader.js";
import { createRecords, type SessionRecord } from "./session-records.js";
import { isHttpRequest, isUntrusted, type SessionSetup } from "./session-setup.js";
import { createSessionWatch } from "./session-watch.js";
import { createSessions } from "./sessions.js";
import { listenToStore } from "./store-listener.js";
import { watchStore } from "./watched-store.js";

/**
 * Gives the sockets of a Socket.IO server the sessions that express-session keeps for HTTP, lets nobody in without one,
 * and ends connections when their session does.
 *
 * Every socket sees the same session id and data as the requests with the same cookie: `socket.request.session`, as it
 * was when the connection began, and fresh by {@link SessionHandle.load}. It is to be read only: its `save()` writes
 * nothing, and calls back with a {@link ConnectionError} `ERR_SESSION_READ_ONLY`. `req.session.destroy()`,
 * `regenerate()`, a sign-in and a sign-out with Passport, and a session that expires reach the sockets by themselves.
 * Together with `authenticateToken`, in any order, a connection needs both.
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
  options: SessionOptions<Session> = {},
): SessionHandle<Session> {
  checkServer("shareSession", io);
  const resolved = resolveSessionOptions(options);
  const { required, storeTimeout, lock } = resolved;
  if (!isFunction(session)) {
    throw invalidOption(
      "shareSession takes the session middleware as its second argument: what session({ ... }) of express-session has answered.",
    );
  }
  if (installedOn(io)?.sessions !== undefined) {
    throw new ConnectionError(
      "ERR_SERVER_SETUP",
      "shareSession was called on this server before. Call it once.",
    );
  }
  const path = pathOf(io);
  const probed = probeSession(session, path);
  const { store, cookieName } = probed;

  const ids = new WeakMap<object, string>();
  const handshakes = new WeakSet<object>();
  /** Those that brought two cookies, whose session nobody can tell. */
  const doubtful = new WeakSet<object>();
  addEngineMiddleware(io, "shareSession", "session", createLog(resolved.logger), (request, _, next) => {
    if (!isHandshake(request) || installedOn(io)?.refuseAll !== undefined) {
      next();
      return;
    }
    // Where the store fails, the handshake goes on, and the CONNECT is refused: a client can read that on any transport.
    handshakes.add(request);
    listen(property(property(request, "socket"), "server") ?? property(io, "httpServer"));
    const { cookie } = request.headers;
    if (typeof cookie === "string" && hasTwoCookies(cookie, cookieName)) {
      doubtful.add(request);
      log.warnOnce("session:two-cookies", TWO_COOKIES);
      next();
      return;
    }
    void readHandshake(session, request, storeTimeout).then((id) => {
      if (id !== undefined) {
        ids.set(request, id);
        cookies.onHandshake(request);
      }
      next();
    });
  });

  const installed = foundationOf(io, resolved.logger);
  const { control, links, log, identityKey } = installed;
  identityKey.use(resolved.identityKey);
  const watched = watchStore(store);
  const reader = createReader(store, storeTimeout, log);
  const judge = createJudge(resolved, log);
  const watch = createSessionWatch({ store, reader, judge, log }, resolved);
  const records = createRecords(watch.start);
  const looks = new WeakMap<SessionRecord, () => Promise<unknown>>();
  /** However often other nodes say that a session has changed. */
  const lookOnce = (record: SessionRecord): Promise<unknown> => {
    const look = looks.get(record) ?? oneAtATime(() => watch.look(record));
    looks.set(record, look);
    return look();
  };
  const newsroom = createNewsroom({
    control,
    records,
    destroyed: watched.destroyed,
    onChanged(key) {
      const record = records.byKey(key);
      if (record === undefined) return;
      // Whoever is being admitted by what was stored before reads once more.
      record.saves += 1;
      lookOnce(record).catch(() => {});
    },
    log,
  });
  const setup: SessionSetup = {
    ...probed,
    middleware: session,
    touchInterval: resolved.touchInterval,
    hasUntrustedProxy: false,
  };
  const cookies = createCookieCheck({
    cookieName,
    isSigned: (pair) => isSignedBy(session, path, store, pair),
    log,
  });
  const onRequest = (request: unknown): void => {
    if (typeof request === "object" && request !== null && handshakes.has(request)) {
      makeReadOnly(property(request, "session"), log);
    }
    if (isHttpRequest(request)) cookies.onHttp(request);
    if (setup.hasUntrustedProxy || !isUntrusted(request, probed)) return;
    setup.hasUntrustedProxy = true;
    warnOfProblems(io, log, "first connection");
  };
  const changes = createSessionChanges(judge, records);
  const listen = listenToStore(watched, { records, watch, judge, changes, newsroom, onRequest });
  listen(property(io, "httpServer"));
  installed.sessions = createSessions(
    {
      store,
      reader,
      judge,
      records,
      watch,
      setup,
      idOf: (request) => (request === null ? undefined : ids.get(request)),
      isDoubtful: (request) => request !== null && doubtful.has(request),
    },
    { required, hasTokens: () => installed.tokens !== undefined },
  );
  warnOfProblems(io, log, "start");
  return createHandle<Session>({ links, records, reader, watch, watched, newsroom, lock });
}

const TWO_COOKIES =
  'shareSession: a handshake was refused, as it brought two cookies of the session\'s name: HTTP may take one and the sockets the other, each another user\'s. Somebody has set one for a path, or for the whole domain: an earlier version of this application, another one at this host, or an attacker at a sibling host. Give the cookie a name that nobody else can set: session({ name: "__Host-session", cookie: { secure: true, path: "/" } }), without a domain.';

function pathOf(io: object): string {
  const path: unknown = Reflect.get(io, "_path");
  return `${typeof path === "string" ? path : "/socket.io"}/`;
}
