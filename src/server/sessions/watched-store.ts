import { isFunction, property } from "../../value.js";
import { createNotes } from "../notes.js";
import { createQueue } from "../timing.js";
import { ask, asStored, expiresOf, methodOf, readStored, type SessionStore } from "./express-session.js";
import { keyOfSession } from "./session-records.js";

/** Hears what becomes of the sessions of a store, by any caller. It must not throw. */
export interface StoreListener {
  /** A session was destroyed; `replaced` where it was regenerated: what it held at that moment. */
  onDestroyed(key: string, replaced: { readonly session: unknown } | undefined): void;
  /** A session was saved, by a request that it may name. */
  onSaved(key: string, stored: object, request: unknown): void;
  /** A session was touched, and ends at that time, if at any, in epoch milliseconds. */
  onTouched(key: string, expires: number | undefined): void;
  /** A request has got the session that was stored. */
  onLoaded(request: unknown, stored: unknown): void;
  /** A request has got a new session. */
  onGenerated(request: unknown): void;
  /** Every session was destroyed. Answers with the keys of those that are watched. */
  onCleared(): readonly string[];
}

/** A store whose own methods tell of what they do, however many servers share it. */
export interface WatchedStore {
  readonly store: SessionStore;
  readonly gone: GoneSessions;
  /** @returns What ends the listening. */
  listen(listener: StoreListener): () => void;
  /**
   * Reads a session and writes what `change` makes of it, with no other write of this process in between. Never brings
   * a session back. Answers with what is stored then; with `undefined` where there is nothing any more.
   */
  rewrite(id: string, change: (stored: object) => object): Promise<object | undefined>;
}

/** How long a write may hold up the next one to the same session, in milliseconds. */
const PATIENCE = 1_500;

const watched = new WeakMap<SessionStore, WatchedStore>();

export function watchStore(store: SessionStore): WatchedStore {
  const known = watched.get(store) ?? createWatchedStore(store);
  watched.set(store, known);
  return known;
}

function createWatchedStore(store: SessionStore): WatchedStore {
  const listeners = new Set<StoreListener>();
  const gone = createGoneSessions();
  const inTurn = createQueue(PATIENCE);
  /** What is being regenerated, by id: the store's own `regenerate` calls its `destroy`. */
  const replaced = new Map<unknown, { readonly session: unknown }>();
  const original = {
    set: methodOf(store, "set"),
    destroy: methodOf(store, "destroy"),
    touch: methodOf(store, "touch"),
    clear: methodOf(store, "clear"),
    regenerate: methodOf(store, "regenerate"),
    generate: methodOf(store, "generate"),
    createSession: methodOf(store, "createSession"),
  };

  const destroy = async (id: string): Promise<unknown> => {
    const key = keyOfSession(id);
    const cause = replaced.get(id);
    const wasDestroyed = gone.isDestroyed(key);
    // First, so that what is saved meanwhile does not bring it back.
    gone.add(key);
    try {
      const answer = original.destroy && (await ask(store, original.destroy, id));
      for (const listener of listeners) listener.onDestroyed(key, cause);
      return answer;
    } catch (error) {
      if (!wasDestroyed) gone.delete(key);
      throw error;
    }
  };

  const set = async (id: string, session: unknown): Promise<unknown> => {
    const key = keyOfSession(id);
    if (gone.has(key, session)) return undefined;
    // Now, as it is saved now: the request that it belongs to may go on to change it.
    const stored = asStored(session);
    const answer = original.set && (await ask(store, original.set, id, session));
    // It was destroyed while it was being saved, and the store may have seen to that first.
    if (gone.has(key, session) && original.destroy) await ask(store, original.destroy, id);
    // Told only now: a handshake may have come, and read what there was, while it was being saved.
    else if (stored !== undefined) {
      for (const listener of listeners) listener.onSaved(key, stored, property(session, "req"));
    }
    return answer;
  };

  const replace = (name: keyof typeof original, method: (...args: unknown[]) => unknown): void => {
    if (original[name] !== undefined) Reflect.set(store, name, method);
  };

  replace("destroy", (id, callback) => answered(destroy(String(id)), callback));
  replace("set", (id, session, callback) =>
    answered(
      inTurn(keyOfSession(String(id)), () => set(String(id), session)),
      callback,
    ),
  );
  replace("touch", (id, session, callback) => {
    const key = keyOfSession(String(id));
    const expires = expiresOf(session);
    const touch = async (): Promise<unknown> => {
      if (gone.has(key, session) || !original.touch) return undefined;
      const answer = await ask(store, original.touch, id, session);
      // Some stores write the whole session.
      if (gone.has(key, session) && original.destroy) await ask(store, original.destroy, id);
      else for (const listener of listeners) listener.onTouched(key, expires);
      return answer;
    };
    return answered(touch(), callback);
  });
  replace("clear", (callback) => {
    const clear = async (): Promise<unknown> => {
      const answer = original.clear && (await ask(store, original.clear));
      gone.onCleared();
      for (const listener of listeners) for (const key of listener.onCleared()) gone.add(key);
      return answer;
    };
    return answered(clear(), callback);
  });
  replace("regenerate", (request, callback) => {
    const id = property(request, "sessionID");
    replaced.set(id, { session: property(request, "session") });
    const done = (...args: unknown[]): void => {
      replaced.delete(id);
      if (isFunction(callback)) callback(...args);
    };
    return original.regenerate && Reflect.apply(original.regenerate, store, [request, done]);
  });
  const heard =
    (method: (...args: unknown[]) => unknown) =>
    (request: unknown, ...rest: unknown[]): unknown => {
      const answer = Reflect.apply(method, store, [request, ...rest]);
      gone.onGenerated(request);
      for (const listener of listeners) listener.onGenerated(request);
      return answer;
    };
  let generate = original.generate && heard(original.generate);
  // Each session() of express-session gives its store another one, also one that is made later.
  Object.defineProperty(store, "generate", {
    configurable: true,
    enumerable: true,
    get: () => generate,
    set(later: unknown) {
      // It may call the one that it has got from here.
      if (isFunction(later)) generate = heard(later);
    },
  });
  replace("createSession", (request, stored, ...rest) => {
    const { createSession } = original;
    const session = createSession && Reflect.apply(createSession, store, [request, stored, ...rest]);
    gone.onLoaded(request);
    for (const listener of listeners) listener.onLoaded(request, stored);
    return session;
  });

  return {
    store,
    gone,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    rewrite: (id, change) =>
      inTurn(keyOfSession(id), async () => {
        const stored = await readStored(store, id);
        if (stored === undefined) return undefined;
        const changed = change(stored);
        if (changed !== stored) {
          for (const listener of listeners) listener.onLoaded(property(changed, "req"), stored);
          await set(id, changed);
        }
        return gone.isDestroyed(keyOfSession(id)) ? undefined : asStored(changed);
      }),
  };
}

/** Answers by callback where there is one, else by promise, as stores do. */
function answered(answer: Promise<unknown>, callback: unknown): Promise<unknown> | undefined {
  if (!isFunction(callback)) {
    // A caller that does not wait for it was not told of failures before either.
    answer.catch(() => {});
    return answer;
  }
  void answer.then(
    (value) => callback(null, value),
    (error: unknown) => callback(error),
  );
  return undefined;
}

/** The sessions that a save must not bring back. */
export interface GoneSessions {
  /** A session was destroyed, by this key. */
  add(key: string): void;
  /** It is there after all. */
  delete(key: string): void;
  isDestroyed(key: string): boolean;
  /** Every session was destroyed. */
  onCleared(): void;
  /** A request has got the session that was stored. */
  onLoaded(request: unknown): void;
  /** A request has got a new session. */
  onGenerated(request: unknown): void;
  /** Whether a session was destroyed since the request, which it belongs to, has got it. */
  has(key: string, session: unknown): boolean;
}

/** Longer than a request that began before should take to save what it has. */
const REMEMBER_FOR = 600_000;
/** Beyond it the oldest is forgotten. */
const MOST = 100_000;

export function createGoneSessions(now: () => number = Date.now): GoneSessions {
  /** Of those that were destroyed, in the order in which they are forgotten. */
  const ends = new Map<string, number>();
  let clears = 0;
  /** How often all were destroyed when a request got what it has. */
  const loaded = createNotes<object, number>();
  const isDestroyed = (key: string): boolean => (ends.get(key) ?? 0) > now();
  return {
    add(key) {
      ends.delete(key);
      for (const [oldest, end] of ends) {
        if (end > now() && ends.size < MOST) break;
        ends.delete(oldest);
      }
      ends.set(key, now() + REMEMBER_FOR);
    },
    delete: (key) => void ends.delete(key),
    isDestroyed,
    onCleared() {
      clears += 1;
    },
    onLoaded(request) {
      if (typeof request === "object" && request !== null) loaded.set(request, clears);
    },
    onGenerated(request) {
      const id = property(request, "sessionID");
      // An application may make its ids by itself, and so come to one that was in use before.
      if (typeof id === "string") ends.delete(keyOfSession(id));
      if (typeof request === "object" && request !== null) loaded.set(request, undefined);
    },
    has(key, session) {
      if (isDestroyed(key)) return true;
      const request = property(session, "req");
      return typeof request === "object" && request !== null && (loaded.get(request) ?? clears) < clears;
    },
  };
}
