import { isFunction, property } from "../../value.js";
import { hear } from "../hooks.js";
import { createNotes } from "../notes.js";
import { TokenError } from "../token-error.js";
import type { SessionEndings } from "./session-endings.js";
import { keyOfSession, type SessionRecords } from "./session-records.js";
import type { SessionPolicy, SessionUser } from "./session-user.js";
import type { SessionWatch } from "./session-watch.js";
import type { StoreListener, WatchedStore } from "./watched-store.js";

export interface StoreEventParts {
  readonly records: SessionRecords;
  readonly watch: SessionWatch;
  readonly policy: SessionPolicy;
  readonly endings: SessionEndings;
  /** A request has got a session, one that was stored or a new one. */
  readonly onRequest: (request: unknown) => void;
}

const ENDED = new TokenError("session_ended").data;
const CHANGED = new TokenError("session_changed").data;

/** What becomes of the connections of a server when its session store destroys, saves or touches their session. */
export function createStoreEvents({
  records,
  watch,
  policy,
  endings,
  onRequest,
}: StoreEventParts): StoreListener {
  const changes = createSessionChanges(policy, records);
  /** A sign-out may regenerate the session too: nobody is signed in in the new one. */
  const isSignOut = (session: unknown, key: string): boolean => {
    if (typeof session !== "object" || session === null) return true;
    return policy.guessUser(session, key)?.isSignedIn === false;
  };

  return {
    onDestroyed(key, replaced) {
      const refusal = replaced === undefined ? ENDED : CHANGED;
      const isOut = replaced === undefined || isSignOut(replaced.session, key);
      void endings.end({ key, refusal, isDestroyed: true, ...(isOut && { refusalOfSignedIn: ENDED }) });
    },
    onGenerated: onRequest,
    onLoaded(request, stored) {
      onRequest(request);
      if (endings.reachesOtherNodes()) changes.onLoaded(request, stored);
    },
    onSaved(key, stored, request) {
      const isNews = endings.reachesOtherNodes() && changes.isChange(key, stored, request);
      const record = records.byKey(key);
      if (record !== undefined) {
        record.saves += 1;
        watch.compare(record, [...record.links], stored);
      }
      if (isNews) void endings.tellOfChange(key);
    },
    onTouched(key, expires) {
      const record = records.byKey(key);
      if (record !== undefined) watch.onTouched(record, expires);
    },
    onCleared() {
      const keys = records.keys();
      for (const key of keys) void endings.end({ key, refusal: ENDED, isDestroyed: true });
      return keys;
    },
  };
}

/** Tells whether a save has signed another user, or nobody, in. */
interface SessionChanges {
  /** A request has got what is stored of a session. */
  onLoaded(request: unknown, stored: unknown): void;
  /**
   * Asked when a session was saved, and before the connections that it ends are ended. What counts is who was signed in
   * by what the request has got, and by what the connections on this node were admitted with.
   */
  isChange(key: string, stored: object, request: unknown): boolean;
}

function createSessionChanges(policy: SessionPolicy, records: SessionRecords): SessionChanges {
  const loaded = createNotes<object, SessionUser>();
  const note = (request: unknown, user: SessionUser): void => {
    if (typeof request === "object" && request !== null) loaded.set(request, user);
  };
  return {
    onLoaded(request, stored) {
      const id = property(request, "sessionID");
      if (typeof id !== "string" || typeof stored !== "object" || stored === null) return;
      // At once: what is stored is handed to the request, which may change it.
      const user = policy.guessUser(stored, keyOfSession(id));
      if (user !== undefined) note(request, user);
    },

    isChange(key, stored, request) {
      const after = policy.guessUser(stored, key);
      if (after === undefined) return false;
      const before = [...(records.byKey(key)?.links.values() ?? [])];
      if (typeof request === "object" && request !== null) before.push(loaded.get(request));
      note(request, after);
      return before.some((user) => user !== undefined && policy.refusal(user, after) !== undefined);
    },
  };
}

/**
 * Listens to a store for as long as any HTTP server is open by which sockets may come.
 *
 * @returns Has to be called with each HTTP server by which one comes.
 */
export function listenToStore(watched: WatchedStore, listener: StoreListener): (httpServer: unknown) => void {
  const open = new Set<object>();
  const followed = new WeakSet<object>();
  let stop: (() => void) | undefined;
  return (httpServer) => {
    stop ??= watched.listen(listener);
    if (typeof httpServer !== "object" || httpServer === null || open.has(httpServer)) return;
    if (!isFunction(property(httpServer, "emit"))) return;
    open.add(httpServer);
    if (followed.has(httpServer)) return;
    followed.add(httpServer);
    // The store outlives the server where several use it. The server may listen again.
    hear(httpServer, "close", () => {
      open.delete(httpServer);
      if (open.size > 0) return;
      stop?.();
      stop = undefined;
    });
  };
}
