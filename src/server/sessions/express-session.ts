import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { ConnectionError } from "../../errors.js";
import type { Log } from "../../logger.js";
import { isFunction, property } from "../../value.js";
import { withinTime } from "../timing.js";

/**
 * What `session()` of express-session answers. Described as a method, so that a handler with Express's own types for
 * the request and the response fits.
 */
export type SessionMiddleware = {
  handle(request: object, response: object, next: (error?: unknown) => void): unknown;
}["handle"];

/** Runs a middleware, and hears of it once, however it ends: by `next`, by a throw or by a promise that rejects. */
export function runMiddleware(
  middleware: SessionMiddleware,
  request: object,
  response: object,
  onDone: (error?: unknown) => void,
): void {
  let isDone = false;
  const done = (error?: unknown): void => {
    if (isDone) return;
    isDone = true;
    onDone(error);
  };
  const fail = (error: unknown): void => done(error ?? new Error("The session middleware failed."));
  try {
    const answer = middleware(request, response, done);
    if (answer instanceof Promise) answer.catch(fail);
  } catch (error) {
    fail(error);
  }
}

/**
 * Runs the session middleware for a handshake, which puts the session into the request, and answers with its id; with
 * nothing where the store failed, was not ready or took too long.
 *
 * The middleware is given a response of its own, which goes nowhere: it would save sessions at the end of it, also some
 * that were destroyed meanwhile, and send cookies of sessions that nobody has saved.
 */
export async function readHandshake(
  middleware: SessionMiddleware,
  request: object,
  storeTimeout: number,
): Promise<string | undefined> {
  let isLate = false;
  try {
    await withinTime(
      () =>
        new Promise<void>((resolve, reject) => {
          const onDone = (error?: unknown): void => {
            // Nobody is to take a session for checked that came after the answer was given.
            if (isLate) Reflect.deleteProperty(request, "session");
            else if (error) reject(error);
            else resolve();
          };
          const response = looseResponse(request, () => onDone(new Error("The middleware has answered.")));
          runMiddleware(middleware, request, response, onDone);
        }),
      storeTimeout,
      () => new Error("The session store took too long."),
    );
  } catch {
    isLate = true;
    Reflect.deleteProperty(request, "session");
    return undefined;
  }
  const id = property(request, "sessionID");
  return property(request, "session") && typeof id === "string" ? id : undefined;
}

/** A response that goes nowhere. */
function looseResponse(request: object, onEnd: () => void): ServerResponse {
  const message = request instanceof IncomingMessage ? request : new IncomingMessage(new Socket());
  const response = new ServerResponse(message);
  Reflect.set(response, "end", onEnd);
  return response;
}

/**
 * Keeps the session of a socket's request from being saved: it is what was stored when the connection began, or when it
 * was loaded last, and would undo what HTTP has changed since, a sign-out too.
 *
 * The error goes to the callback, as that of a store does, and to the log. It is not thrown: express-session's `save`
 * never throws, and in a listener of a socket that would end the process.
 *
 * @returns Takes each such session.
 */
export function createReadOnly(log: Log): (session: unknown) => void {
  function save(this: unknown, callback?: unknown): unknown {
    const error = new ConnectionError(
      "ERR_SESSION_READ_ONLY",
      "The session of a socket's request was not saved: it may be older than what is stored, and would undo what was changed since. Change it with update(socket, (session) => { ... }) of what shareSession has returned.",
    );
    log.warnOnce("session:save", `shareSession: ${error.message}`);
    if (isFunction(callback)) queueMicrotask(() => callback(error));
    return this;
  }
  // As express-session defines its own, which it puts in the place of this one and which then calls it.
  const descriptor = { configurable: true, enumerable: false, value: save, writable: true };
  return (session) => {
    if (typeof session === "object" && session !== null) Object.defineProperty(session, "save", descriptor);
  };
}

/** A store as express-session uses one: its methods answer by callback. What it has beyond that is not looked at. */
export type SessionStore = object;

type Method = (...args: unknown[]) => unknown;

const REQUIRED = ["get", "set", "destroy", "createSession"] as const;

export function isStore(value: unknown): value is SessionStore {
  return REQUIRED.every((name) => isFunction(property(value, name)));
}

export function methodOf(store: SessionStore, name: string): Method | undefined {
  const method = property(store, name);
  return isFunction(method) ? method : undefined;
}

/** Calls a method of a store, and answers with what it calls back with. A store that throws or rejects has failed. */
export function ask(store: SessionStore, method: Method, ...args: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const answer: unknown = Reflect.apply(method, store, [
      ...args,
      (error: unknown, value: unknown) => (error ? reject(error) : resolve(value)),
    ]);
    if (answer instanceof Promise) answer.catch(reject);
  });
}

/**
 * What is stored of a session, or nothing; rejects where the store cannot tell. An answer that is no session, such as
 * what a proxy of the store makes up, tells nothing: express-session fails on it too.
 */
export function readStored(store: SessionStore, id: string): Promise<object | undefined> {
  const get = methodOf(store, "get");
  if (get === undefined) throw new Error("The session store has no get().");
  return ask(store, get, id).then(sessionIn, onUnread);
}

function sessionIn(stored: unknown): object | undefined {
  if (stored === undefined || stored === null) return undefined;
  if (typeof stored === "object" && isRecord(property(stored, "cookie"))) return stored;
  throw new Error("The session store has answered something that is no session.");
}

function onUnread(error: unknown): undefined {
  // A store of files says so of a session that there is not; express-session reads it in the same way.
  if (property(error, "code") === "ENOENT") return undefined;
  throw error;
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Makes what is stored a session of a request, as express-session does it. */
export function reviveSession(store: SessionStore, request: object, stored: object): object {
  const create = methodOf(store, "createSession");
  const session: unknown = create && Reflect.apply(create, store, [request, { ...stored }]);
  return typeof session === "object" && session !== null ? session : stored;
}

/** What the store makes of a session, as far as it is data. */
export function asStored(session: unknown): object | undefined {
  const stored: unknown = JSON.parse(JSON.stringify(session) ?? "null");
  return typeof stored === "object" && stored !== null ? stored : undefined;
}

/** When a session says that it ends, in epoch milliseconds; nothing where it ends with the browser. */
export function expiresOf(session: unknown): number | undefined {
  const expires = property(property(session, "cookie"), "expires");
  if (!(expires instanceof Date) && typeof expires !== "string" && typeof expires !== "number")
    return undefined;
  const at = new Date(expires).getTime();
  return Number.isNaN(at) ? undefined : at;
}

/** Begins the life of a session's cookie anew. */
export function renewCookie(session: object): void {
  const touch = property(session, "touch");
  const cookie = property(session, "cookie");
  const lifetime = property(cookie, "originalMaxAge");
  if (isFunction(touch)) Reflect.apply(touch, session, []);
  // express-session measures it anew, by a clock that has gone on meanwhile: it would become a little shorter each time.
  if (typeof cookie === "object" && cookie !== null && typeof lifetime === "number")
    Reflect.set(cookie, "originalMaxAge", lifetime);
}
