import { isFunction, property } from "../../value.js";
import type { WithinDeadline } from "./session-deadline.js";

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
export async function readStored(store: SessionStore, id: string): Promise<object | undefined> {
  const get = methodOf(store, "get");
  if (get === undefined) throw new Error("The session store has no get().");
  try {
    const stored = await ask(store, get, id);
    if (stored === undefined || stored === null) return undefined;
    if (typeof stored === "object" && isRecord(property(stored, "cookie"))) return stored;
    throw new Error("The session store has answered something that is no session.");
  } catch (error) {
    // A store of files says so of a session that there is not; express-session reads it in the same way.
    if (property(error, "code") === "ENOENT") return undefined;
    throw error;
  }
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

/** A store with a deadline, whose failures are told apart from sessions that there are not. */
export interface SessionReader {
  /**
   * What is stored of a session, or nothing.
   * @throws {@link TokenError} `temporarily_unavailable`
   */
  read(id: string): Promise<object | undefined>;
  /** The same for anything else that the store is asked. */
  readonly within: WithinDeadline;
}

export function createReader(store: SessionStore, within: WithinDeadline): SessionReader {
  return { within, read: (id) => within(() => readStored(store, id)) };
}
