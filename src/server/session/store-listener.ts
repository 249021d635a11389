import { isFunction, property } from "../../value.js";
import { hear } from "../own-hooks.js";
import { TokenError } from "../token-error.js";
import type { Judge } from "./facts.js";
import type { SessionChanges } from "./session-changes.js";
import type { Newsroom } from "./session-news.js";
import type { SessionRecords } from "./session-records.js";
import type { SessionWatch } from "./session-watch.js";
import type { StoreListener, WatchedStore } from "./watched-store.js";

export interface ListenerParts {
  readonly records: SessionRecords;
  readonly watch: SessionWatch;
  readonly judge: Judge;
  readonly changes: SessionChanges;
  readonly newsroom: Newsroom;
  /** A request has got a session, one that was stored or a new one. */
  readonly onRequest: (request: unknown) => void;
}

const ENDED = new TokenError("session_ended").data;
const CHANGED = new TokenError("session_changed").data;

/**
 * Lets the sockets of a server know what becomes of their sessions in the store, for as long as any HTTP server is open
 * by which they may come.
 *
 * @returns To be told of each HTTP server by which one comes.
 */
export function listenToStore(
  watched: WatchedStore,
  { records, watch, judge, changes, newsroom, onRequest }: ListenerParts,
): (httpServer: unknown) => void {
  /** Whoever signs out may be given a new session too, in which nobody is signed in. */
  const isSignOut = (session: unknown, key: string): boolean => {
    if (typeof session !== "object" || session === null) return true;
    return judge.guess(session, key)?.isSignedIn === false;
  };

  const listener: StoreListener = {
    onDestroyed(key, replaced) {
      const refusal = replaced === undefined ? ENDED : CHANGED;
      const isOut = replaced === undefined || isSignOut(replaced.session, key);
      void newsroom.tell({ key, refusal, isDestroyed: true, ...(isOut && { refusalOfSignedIn: ENDED }) });
    },
    onGenerated: onRequest,
    onLoaded(request, stored) {
      onRequest(request);
      if (newsroom.hasReaders()) changes.onLoaded(request, stored);
    },
    onSaved(key, stored, request) {
      const isNews = newsroom.hasReaders() && changes.isChange(key, stored, request);
      const record = records.byKey(key);
      if (record !== undefined) {
        record.saves += 1;
        watch.compare(record, [...record.links], stored);
      }
      if (isNews) void newsroom.tellOfChange(key);
    },
    onTouched(key, expires) {
      const record = records.byKey(key);
      if (record !== undefined) watch.onTouched(record, expires);
    },
    onCleared() {
      const keys = records.keys();
      for (const key of keys) void newsroom.tell({ key, refusal: ENDED, isDestroyed: true });
      return keys;
    },
  };

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
