import { createLog } from "../../logger.js";
import { property } from "../../value.js";
import { warnOfProblems } from "../check-setup.js";
import { addEngineMiddleware } from "../engine-middleware.js";
import { isHandshake } from "../handshake-request.js";
import { install } from "../install.js";
import { installedOn } from "../installed.js";
import { createNotes } from "../notes.js";
import { httpServerOf, requestPathOf } from "../socket-io-private.js";
import type { SocketIoServer } from "../socket-io-types.js";
import { oneAtATime } from "../timing.js";
import { createReadOnly, readHandshake, type SessionMiddleware } from "./express-session.js";
import { createCookieCheck, createCrossSiteCheck, hasTwoCookies } from "./handshake-cookie.js";
import { createDeadline, createReader } from "./session-deadline.js";
import { createEnds, createSessionEndings } from "./session-endings.js";
import { createHandle, type SessionHandle } from "./session-handle.js";
import type { ResolvedSessionOptions } from "./session-options.js";
import { createRecords, type SessionRecord } from "./session-records.js";
import { isHttpRequest, isSignedBy, isUntrusted, probeSession, type SessionSetup } from "./session-setup.js";
import { createSessionPolicy } from "./session-user.js";
import { createSessionWatch } from "./session-watch.js";
import { createSessions } from "./sessions.js";
import { createStoreEvents, listenToStore } from "./store-events.js";
import { watchStore } from "./watched-store.js";

/** `shareSession` for the middleware of express-session. */
export function shareMiddleware<Session extends object>(
  io: SocketIoServer,
  session: SessionMiddleware,
  resolved: ResolvedSessionOptions<Session>,
): SessionHandle<Session> {
  const { required, storeTimeout, lock } = resolved;
  const path = requestPathOf(io);
  const probed = probeSession(session, path);
  const { store, cookieName } = probed;

  const ids = createNotes<object, string>();
  const handshakes = createNotes<object, true>();
  /** Those that brought two cookies, whose session nobody can tell. */
  const doubtful = createNotes<object, true>();
  addEngineMiddleware(io, "shareSession", "session", createLog(resolved.logger), (request, _, next) => {
    if (!isHandshake(request) || installedOn(io)?.refuseAll !== undefined) {
      next();
      return;
    }
    // Where the store fails, the handshake goes on, and the CONNECT is refused: a client can read that on any transport.
    handshakes.set(request, true);
    listen(property(property(request, "socket"), "server") ?? httpServerOf(io));
    checkSite(request);
    const { cookie } = request.headers;
    if (typeof cookie === "string" && hasTwoCookies(cookie, cookieName)) {
      doubtful.set(request, true);
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

  const installed = install(io, resolved.logger);
  const { control, links, log, identityKey } = installed;
  identityKey.use(resolved.identityKey);
  const watched = watchStore(store);
  const reader = createReader(store, createDeadline("the session store", storeTimeout, log));
  const policy = createSessionPolicy(resolved, log);
  const hasUsers = resolved.identify !== undefined;
  const watch = createSessionWatch({ store, reader, policy, log }, resolved);
  const records = createRecords(watch.start);
  const looks = new WeakMap<SessionRecord, () => Promise<unknown>>();
  /** However often other nodes say that a session has changed. */
  const lookOnce = (record: SessionRecord): Promise<unknown> => {
    const look = looks.get(record) ?? oneAtATime(() => watch.look(record));
    looks.set(record, look);
    return look();
  };
  const endings = createSessionEndings({
    control,
    records,
    onDestroyed: watched.gone.add,
    onChanged(key) {
      const record = records.byKey(key);
      if (record === undefined) return;
      // A connection that is being admitted by what was stored before reads once more.
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
  const checkSite = createCrossSiteCheck(probed, log);
  const cookies = createCookieCheck({
    cookieName,
    isSigned: (pair) => isSignedBy(session, path, store, pair),
    log,
  });
  const makeReadOnly = createReadOnly(log);
  const onRequest = (request: unknown): void => {
    if (typeof request === "object" && request !== null && handshakes.get(request)) {
      makeReadOnly(property(request, "session"));
    }
    if (isHttpRequest(request)) cookies.onHttp(request);
    if (setup.hasUntrustedProxy || !isUntrusted(request, probed)) return;
    setup.hasUntrustedProxy = true;
    warnOfProblems(io, log, "first connection");
  };
  const listen = listenToStore(watched, createStoreEvents({ records, watch, policy, endings, onRequest }));
  listen(httpServerOf(io));
  installed.sessions = createSessions(
    {
      store,
      reader,
      policy,
      records,
      watch,
      endings,
      setup,
      idOf: (request) => (request === null ? undefined : ids.get(request)),
      isDoubtful: (request) => request !== null && doubtful.get(request) === true,
    },
    { required, hasUsers, hasTokens: () => installed.tokens !== undefined },
  );
  warnOfProblems(io, log, "start");
  const ends = createEnds(endings, hasUsers);
  return createHandle<Session>({ links, records, reader, watch, watched, ends, lock });
}

const TWO_COOKIES =
  'shareSession: a handshake was refused, as it brought two cookies of the session\'s name: HTTP may take one and the sockets the other, each another user\'s. Somebody has set one for a path, or for the whole domain: an earlier version of this application, another one at this host, or an attacker at a sibling host. Give the cookie a name that nobody else can set: session({ name: "__Host-session", cookie: { secure: true, path: "/" } }), without a domain.';
