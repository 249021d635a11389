import { property } from "../../value.js";
import { TokenError } from "../token-error.js";
import type { Facts, Judge } from "./facts.js";
import type { Newsroom } from "./session-news.js";
import type { SessionRecords } from "./session-records.js";
import type { SessionWatch } from "./session-watch.js";
import type { WatchedStore } from "./watched-store.js";

export interface ListenerParts {
  readonly records: SessionRecords;
  readonly watch: SessionWatch;
  readonly judge: Judge;
  readonly newsroom: Newsroom;
  readonly onGenerated: (request: unknown) => void;
}

const ENDED = new TokenError("session_ended").data;
const CHANGED = new TokenError("session_changed").data;

/** Lets the sockets of a server know what becomes of their sessions in the store, for as long as the server is there. */
export function listenToStore(
  io: object,
  watched: WatchedStore,
  { records, watch, judge, newsroom, onGenerated }: ListenerParts,
): void {
  /** Whoever signs out may be given a new session too, in which nobody is signed in. */
  const isSignOut = (session: unknown, key: string): boolean => {
    if (typeof session !== "object" || session === null) return true;
    let facts: Facts;
    try {
      facts = judge.judge(session, key);
    } catch {
      return false;
    }
    return !facts.isSignedIn;
  };

  const stop = watched.listen({
    onDestroyed(key, replaced) {
      const refusal = replaced === undefined ? ENDED : CHANGED;
      const isOut = replaced === undefined || isSignOut(replaced.session, key);
      void newsroom.tell({ key, refusal, isDestroyed: true, ...(isOut && { refusalOfSignedIn: ENDED }) });
    },
    onGenerated,
    isWatching: (key) => records.byKey(key) !== undefined,
    onSaved(key, stored) {
      const record = records.byKey(key);
      if (record === undefined) return;
      record.saves += 1;
      watch.compare(record, [...record.links], stored);
    },
    onCleared() {
      const keys = records.keys();
      for (const key of keys) void newsroom.tell({ key, refusal: ENDED, isDestroyed: true });
      return keys;
    },
  });
  // The store outlives the server where several use it.
  const server = property(io, "httpServer");
  const once = property(server, "once");
  if (typeof once === "function") Reflect.apply(once, server, ["close", stop]);
}
