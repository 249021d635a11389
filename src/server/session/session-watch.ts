import type { Log } from "../../logger.js";
import { sayGoodbye } from "../control.js";
import type { Link } from "../link.js";
import { TokenError } from "../token-error.js";
import type { Facts, Judge } from "./facts.js";
import { repeat } from "./recheck.js";
import { createSessionExpiry, type SessionExpiry } from "./session-expiry.js";
import type { SessionReader } from "./session-reader.js";
import type { SessionRecord } from "./session-records.js";
import { ask, expiresOf, methodOf, renewCookie, reviveSession, type SessionStore } from "./session-store.js";

/** Keeps an eye on the sessions of open connections, and keeps them from expiring while they are in use. */
export interface SessionWatch {
  /** Reads a session again from time to time, and when it may have expired. Answers with what ends that. */
  start(record: SessionRecord): () => void;
  /** A client of the session has sent something. */
  onTraffic(record: SessionRecord): void;
  /** A connection was admitted by what is stored of the session. */
  onAdmitted(record: SessionRecord, stored: object): void;
  /** The session was touched, and ends at that time, if at any. */
  onTouched(record: SessionRecord, expires: number | undefined): void;
  /** Reads a session now, and ends the connections that it is not good for any more. */
  look(record: SessionRecord): Promise<object | undefined>;
  /** Ends the connections that what is stored now is not good for any more. */
  compare(
    record: SessionRecord,
    admitted: Iterable<[Link, Facts | undefined]>,
    stored: object | undefined,
  ): void;
}

export interface WatchParts {
  readonly store: SessionStore;
  readonly reader: SessionReader;
  readonly judge: Judge;
  readonly log: Log;
}

export function createSessionWatch(
  { store, reader, judge, log }: WatchParts,
  { recheckInterval, touchInterval }: { recheckInterval: number; touchInterval: number },
): SessionWatch {
  const expiries = new WeakMap<SessionRecord, SessionExpiry>();

  const compare: SessionWatch["compare"] = (record, admitted, stored) => {
    expiries.get(record)?.setStored(expiresOf(stored));
    let after: Facts | undefined;
    try {
      after = stored && judge.judge(stored, record.key);
    } catch {
      // The application's functions have failed, which says nothing about the session.
      return;
    }
    for (const [link, before] of admitted) {
      // It has been admitted again since, or it is being admitted and will see for itself.
      if (before === undefined || record.links.get(link) !== before) continue;
      const refusal = after === undefined ? new TokenError("session_ended") : judge.refusal(before, after);
      if (refusal === undefined) continue;
      log.debug(`A connection was ended, as its session is no longer what it was: ${refusal.data.error}.`);
      sayGoodbye(link, refusal.data);
    }
  };

  const look = async (record: SessionRecord): Promise<object | undefined> => {
    // Those that come while it is read may have been admitted by something newer.
    const admitted = [...record.links];
    const stored = await reader.read(record.id);
    compare(record, admitted, stored);
    return stored;
  };

  const touch = async (record: SessionRecord): Promise<void> => {
    const method = methodOf(store, "touch");
    if (method === undefined) return;
    const stored = await look(record);
    if (stored === undefined || record.links.size === 0) return;
    const session = reviveSession(store, { sessionID: record.id, sessionStore: store }, stored);
    renewCookie(session);
    await reader.within(() => ask(store, method, record.id, session));
  };

  return {
    compare,
    look,

    start(record) {
      // The reader has said that the store fails; there is another time.
      const lookAgain = (): void => void look(record).catch(() => {});
      const stop = repeat(recheckInterval, lookAgain);
      const expiry = createSessionExpiry(lookAgain);
      expiries.set(record, expiry);
      return () => {
        stop();
        expiry.stop();
      };
    },

    onAdmitted: (record, stored) => expiries.get(record)?.setStored(expiresOf(stored)),
    onTouched: (record, expires) => expiries.get(record)?.setTouched(expires),

    onTraffic(record) {
      const now = Date.now();
      if (now - record.touchedAt < touchInterval && now >= record.touchedAt) return;
      record.touchedAt = now;
      touch(record).catch(() => {});
    },
  };
}
