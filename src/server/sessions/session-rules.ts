import { reachesOtherNodes } from "../cluster.js";
import type { Rule } from "../setup-problem.js";
import { engineMiddlewares, middlewaresOf, namespacesOf } from "../socket-io-private.js";
import type { SocketIoServer } from "../socket-io-types.js";
import type { SessionMiddleware } from "./express-session.js";

const isProduction = (): boolean => process.env["NODE_ENV"] === "production";

/** The mistakes that are made with sessions; none of them is one without. */
export const SESSION_RULES: readonly Rule[] = [
  {
    code: "session_without_credentials",
    what: "cors is set without credentials, and connections are known by a cookie.",
    why: "Pages of another origin send no cookie when they poll, and are refused as nobody; over a websocket they do send it.",
    fix: 'new Server({ cors: { origin: ["https://app.example.com"], credentials: true } })',
    isBroken: ({ installed, option, cors }) =>
      installed?.sessions !== undefined && Boolean(option("cors")) && cors("credentials") !== true,
  },
  {
    code: "session_resaved",
    what: "The session middleware saves sessions that nobody has changed: resave is true, or was left out.",
    why: "Each request over HTTP writes back what the session was when it began, over what a socket or another request has changed since.",
    fix: "session({ resave: false })",
    isBroken: ({ installed }) => installed?.sessions?.setup?.resaves === true,
  },
  {
    code: "session_uninitialized",
    what: "The session middleware saves sessions that nobody has put anything in: saveUninitialized is true, or was left out.",
    why: "Every visitor has a stored session, and counts as signed in where isSignedIn does not tell.",
    fix: "session({ saveUninitialized: false })",
    isBroken: ({ installed }) => installed?.sessions?.setup?.savesUninitialized === true,
  },
  {
    code: "session_middleware_twice",
    what: "The session middleware was given to io.use or to io.engine.use as well.",
    why: "io.use calls it with a socket, which it fails on; the engine runs it for each request of a long poll, which reads and writes the session every time.",
    fix: "Take io.use(session) and io.engine.use(session) out: shareSession(io, session) is enough.",
    isLate: true,
    isBroken: ({ io, installed }) =>
      installed?.sessions?.setup !== undefined && isGiven(io, installed.sessions.setup.middleware),
  },
  {
    code: "session_proxy_untrusted",
    what: "The session's cookie is secure, and a request came through a proxy that Express does not trust.",
    why: "Express takes the request for one over http: and never sets the cookie, so that nobody can sign in.",
    fix: 'app.set("trust proxy", 1)',
    isLate: true,
    isBroken: ({ installed }) => installed?.sessions?.setup?.hasUntrustedProxy === true,
  },
  {
    code: "session_cookie_open",
    what: "The session's cookie lacks secure, httpOnly or sameSite, in production.",
    why: "It can be read on the way, or by a script, or is sent along by pages of other sites.",
    fix: 'session({ cookie: { secure: true, httpOnly: true, sameSite: "lax" } })',
    isBroken({ installed }) {
      const cookie = installed?.sessions?.setup?.cookie;
      const isClosed = cookie?.secure && cookie.httpOnly && cookie.sameSite;
      return isProduction() && cookie !== undefined && !isClosed;
    },
  },
  {
    code: "session_cookie_refused",
    what: 'The session\'s cookie has sameSite: "none", and lacks secure.',
    why: "Browsers refuse such a cookie, so that nobody can sign in.",
    fix: 'session({ cookie: { sameSite: "none", secure: true } })',
    isBroken({ installed }) {
      const cookie = installed?.sessions?.setup?.cookie;
      return cookie?.isCrossSite === true && !cookie.secure;
    },
  },
  {
    code: "session_touched_late",
    what: "touchInterval is not shorter than the maxAge of the session's cookie.",
    why: "What clients send keeps their session from expiring only once each touchInterval, and it expires before: active users are disconnected.",
    fix: "shareSession(io, session, { touchInterval: maxAge / 10 })",
    isBroken({ installed }) {
      const setup = installed?.sessions?.setup;
      const maxAge = setup?.cookie?.maxAge;
      return setup !== undefined && maxAge !== undefined && setup.touchInterval >= maxAge;
    },
  },
  {
    code: "session_store_in_memory",
    what: "Sessions are kept in express-session's MemoryStore, in production or with several nodes.",
    why: "They end with the process, no other node has them, and the memory that they take is never given back.",
    fix: "session({ store: new RedisStore({ client }) })",
    isLate: true,
    isBroken: ({ installed }) =>
      installed?.sessions?.setup !== undefined &&
      installed.sessions.setup.store.constructor.name === "MemoryStore" &&
      (isProduction() || reachesOtherNodes(installed.control)),
  },
];

/** Whether a middleware is one of the server's own, or of one of its namespaces. */
function isGiven(io: SocketIoServer, middleware: SessionMiddleware): boolean {
  const lists: unknown[] = [...namespacesOf(io).values()].map(middlewaresOf);
  lists.push(engineMiddlewares(Reflect.get(io, "engine")));
  return lists.some((list) => Array.isArray(list) && list.includes(middleware));
}
