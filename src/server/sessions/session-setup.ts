import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { ConnectionError } from "../../errors.js";
import { isFunction, property } from "../../value.js";
import { queryOf, setQuery } from "../socket-io-private.js";
import { isStore, runMiddleware, type SessionMiddleware, type SessionStore } from "./express-session.js";
import { type CookieFacts, cookieFactsOf, cookieNameOf, cookiePairOf } from "./handshake-cookie.js";

/** What can be told of a session middleware by trying it out. Whatever could not be told is left out. */
export interface Probed {
  readonly store: SessionStore;
  readonly cookie?: CookieFacts;
  readonly cookieName?: string;
  /** Whether it saves sessions that nobody has put anything in. */
  readonly savesUninitialized?: boolean;
  /** Whether it believes a proxy that says so that a request came over `https:`, whatever Express is told. */
  readonly trustsProxy?: boolean;
  /** Whether it saves sessions that nobody has changed. */
  readonly resaves?: boolean;
}

/**
 * Tries a session middleware out with made-up requests, which express-session answers at once. Its store is asked
 * nothing: the first bring no cookie, and for the last other methods stand in.
 *
 * @param path - The path that Socket.IO's requests have.
 * @throws {@link ConnectionError} `ERR_SERVER_SETUP`
 */
export function probeSession(middleware: SessionMiddleware, path: string): Probed {
  const first = tryOut(middleware, path);
  const { store } = first;
  if (store === undefined) throw notASession(path, first.error);
  try {
    return { store, ...look(middleware, path, store, first) };
  } catch {
    // Some cookie options are functions, which may want more of a request than a made-up one has.
    return { store };
  }
}

function look(
  middleware: SessionMiddleware,
  path: string,
  store: SessionStore,
  { request, response }: Trial,
): Omit<Probed, "store"> {
  const cookie = cookieFactsOf(property(request, "session"));
  if (cookie === undefined) return {};
  const unchanged = setCookieOf(response);
  const changed = cookieOfChanged(tryOut(middleware, path));
  const proxied = cookieOfChanged(tryOut(middleware, path, { "x-forwarded-proto": "https" }, false));
  const cookieName = cookieNameOf(changed);
  const pair = cookiePairOf(changed);
  const resaves = pair === undefined ? undefined : doesResave(middleware, path, store, pair);
  return {
    savesUninitialized: unchanged !== undefined,
    trustsProxy: cookie.secure && proxied !== undefined,
    cookie,
    ...(cookieName !== undefined && { cookieName }),
    ...(resaves !== undefined && { resaves }),
  };
}

/** Whether a cookie, as a browser sends it, has a signature of this middleware. Its store is asked nothing. */
export function isSignedBy(
  middleware: SessionMiddleware,
  path: string,
  store: SessionStore,
  cookie: string,
): boolean {
  let isKnown = false;
  const restore = standIn(store, {
    get: (_, found) => {
      isKnown = true;
      if (isFunction(found)) found(null, null);
    },
  });
  try {
    tryOut(middleware, path, { cookie });
  } finally {
    restore();
  }
  return isKnown;
}

interface Trial {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly store: SessionStore | undefined;
  readonly error: unknown;
}

/** @param headers - A cookie that is `secure` is set over an encrypted connection only, or where a proxy is believed. */
function tryOut(
  middleware: SessionMiddleware,
  path: string,
  headers: Record<string, string> = {},
  isEncrypted = true,
): Trial {
  const socket = new Socket();
  Reflect.set(socket, "encrypted", isEncrypted);
  const request = new IncomingMessage(socket);
  Object.assign(request, { method: "GET", url: path });
  // Nobody is to take it for one over HTTP.
  setQuery(request);
  request.headers = headers;
  const response = new ServerResponse(request);
  let failure: unknown;
  runMiddleware(middleware, request, response, (error) => {
    failure = error;
  });
  const store = property(request, "sessionStore");
  return { request, response, store: isStore(store) ? store : undefined, error: failure };
}

function cookieOfChanged({ request, response }: Trial): unknown {
  const session = property(request, "session");
  if (typeof session === "object" && session !== null) Reflect.set(session, "isProbe", true);
  return setCookieOf(response);
}

/** The cookie that a response sets as it begins. */
function setCookieOf(response: ServerResponse): unknown {
  response.writeHead(200);
  return response.getHeader("set-cookie");
}

function doesResave(
  middleware: SessionMiddleware,
  path: string,
  store: SessionStore,
  cookie: string,
): boolean {
  let saves = 0;
  const restore = standIn(store, {
    get: (_, found) => isFunction(found) && found(null, { cookie: { originalMaxAge: null } }),
    set: (_, __, saved) => {
      saves += 1;
      if (isFunction(saved)) saved(null);
    },
    touch: (_, __, touched) => isFunction(touched) && touched(null),
    destroy: (_, gone) => isFunction(gone) && gone(null),
  });
  try {
    tryOut(middleware, path, { cookie }).response.end();
  } finally {
    restore();
  }
  return saves > 0;
}

/** Puts methods in the place of an object's own, and answers with what puts those back. */
function standIn(object: object, methods: Record<string, (...args: unknown[]) => unknown>): () => void {
  const before = Object.keys(methods).map(
    (name) => [name, Object.getOwnPropertyDescriptor(object, name)] as const,
  );
  Object.assign(object, methods);
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(object, name);
      else Object.defineProperty(object, name, descriptor);
    }
  };
}

function notASession(path: string, error: unknown): ConnectionError {
  const why =
    error === undefined
      ? `Either it is no middleware of express-session, or the path of its cookie does not cover ${path}, or its store has lost its connection.`
      : `It failed: ${error instanceof Error ? error.message : typeof error}.`;
  return new ConnectionError(
    "ERR_SERVER_SETUP",
    `shareSession got no session of the middleware that it was given. ${why} Give it what session({ ... }) has answered, the same that the application uses for HTTP, and leave the option "cookie.path" at "/".`,
  );
}

/** What `checkSetup` goes by. */
export interface SessionSetup extends Probed {
  readonly middleware: SessionMiddleware;
  /** The option of `shareSession`. */
  readonly touchInterval: number;
  /** Whether a secure cookie could not be set for a request that came through a proxy. Told when one has come. */
  hasUntrustedProxy: boolean;
}

/** Whether a request is one over HTTP, and no handshake of Engine.IO's, nor made up. */
export function isHttpRequest(request: unknown): boolean {
  return property(request, "headers") !== undefined && queryOf(request) === undefined;
}

/**
 * Whether express-session takes a request for one over `http:`, for which it sets no secure cookie, that was one over
 * `https:` up to the proxy.
 */
export function isUntrusted(request: unknown, { cookie, trustsProxy }: Probed): boolean {
  // Others say nothing of Express, which has not seen them.
  if (cookie?.secure !== true || trustsProxy === true || !isHttpRequest(request)) return false;
  const isDirect = Boolean(property(property(request, "socket"), "encrypted"));
  const protocol = property(property(request, "headers"), "x-forwarded-proto");
  return protocol === "https" && !isDirect && property(request, "secure") !== true;
}
