import type { Log } from "../../logger.js";
import type { Link } from "../link.js";
import { createNotes } from "../notes.js";
import { createAlarm, repeat } from "../timing.js";
import { TokenError } from "../token-error.js";
import {
  ask,
  expiresOf,
  methodOf,
  renewCookie,
  reviveSession,
  type SessionStore,
} from "./express-session.js";
import type { SessionReader } from "./session-deadline.js";
import type { SessionRecord } from "./session-records.js";
import type { SessionPolicy, SessionUser } from "./session-user.js";

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
    admitted: Iterable<[Link, SessionUser | undefined]>,
    stored: object | undefined,
  ): void;
}

export interface WatchParts {
  readonly store: SessionStore;
  readonly reader: SessionReader;
  readonly policy: SessionPolicy;
  readonly log: Log;
}

export function createSessionWatch(
  { store, reader, policy, log }: WatchParts,
  { recheckInterval, touchInterval }: { recheckInterval: number; touchInterval: number },
): SessionWatch {
  const alarms = createNotes<SessionRecord, SessionAlarm>();

  const compare: SessionWatch["compare"] = (record, admitted, stored) => {
    alarms.get(record)?.setStored(expiresOf(stored));
    let after: SessionUser | undefined;
    try {
      after = stored && policy.userOf(stored, record.key);
    } catch {
      // The application's functions have failed, which says nothing about the session.
      return;
    }
    for (const [link, before] of admitted) {
      // It has been admitted again since, or it is being admitted and will see for itself.
      if (before === undefined || record.links.get(link) !== before) continue;
      const refusal = after === undefined ? new TokenError("session_ended") : policy.refusal(before, after);
      if (refusal === undefined) continue;
      log.debug(`A connection was ended, as its session is no longer what it was: ${refusal.data.error}.`);
      link.disconnectWithReason(refusal.data);
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
      const alarm = new SessionAlarm(lookAgain);
      alarms.set(record, alarm);
      return () => {
        stop();
        alarm.stop();
      };
    },

    onAdmitted: (record, stored) => alarms.get(record)?.setStored(expiresOf(stored)),
    onTouched: (record, expires) => alarms.get(record)?.setTouched(expires),

    onTraffic(record) {
      const now = Date.now();
      if (now - record.touchedAt < touchInterval && now >= record.touchedAt) return;
      record.touchedAt = now;
      touch(record).catch(() => {});
    },
  };
}

/** When it is read after each such time, in milliseconds: stores that count in seconds keep it up to one more. */
const AFTER = [0, 100, 1_000] as const;

/**
 * Has a session read again when it may have expired. The store decides whether it has. A class, as each session has one:
 * closures would take more memory.
 */
export class SessionAlarm {
  readonly #read: () => void;
  readonly #alarm = createAlarm(() => this.#onAlarm());
  #stored: number | undefined;
  #touched: number | undefined;
  #readAt = Date.now();

  constructor(read: () => void) {
    this.#read = read;
  }

  /** What the store says of when the session ends, in epoch milliseconds; nothing where it ends with the browser. */
  setStored(at: number | undefined): void {
    this.#stored = at;
    this.#arm();
  }

  /** It was touched, and ends then. Some stores keep it longer without saying so when they are asked. */
  setTouched(at: number | undefined): void {
    this.#touched = at;
    this.#arm();
  }

  /** There is no other reading from now on. */
  stop(): void {
    this.#alarm.stop();
  }

  #onAlarm(): void {
    this.#readAt = Date.now();
    this.#arm();
    this.#read();
  }

  #arm(): void {
    // A clock that was set back has those times before it once more.
    const readAt = Math.min(this.#readAt, Date.now());
    this.#readAt = readAt;
    // Each time counts once: what the store still has then was touched elsewhere, until when only the re-check can tell.
    const next = Math.min(nextAfter(this.#stored, readAt), nextAfter(this.#touched, readAt));
    this.#alarm.set(next === Number.POSITIVE_INFINITY ? undefined : next);
  }
}

/** When a session that ends at `end` is to be read next, after `readAt`; infinity if never. */
function nextAfter(end: number | undefined, readAt: number): number {
  const after = end === undefined ? undefined : AFTER.find((each) => end + each > readAt);
  return end === undefined || after === undefined ? Number.POSITIVE_INFINITY : end + after;
}
