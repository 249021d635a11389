import { hear } from "../hooks.js";
import type { Authentication, Link } from "../link.js";
import { createNotes } from "../notes.js";
import { refused, TokenError } from "../token-error.js";
import { methodOf, reviveSession, type SessionStore } from "./express-session.js";
import { hideCookie } from "./handshake-cookie.js";
import type { SessionReader } from "./session-deadline.js";
import type { SessionEndings } from "./session-endings.js";
import type { SessionRecords } from "./session-records.js";
import type { SessionSetup } from "./session-setup.js";
import type { SessionPolicy, SessionUser } from "./session-user.js";
import type { SessionWatch } from "./session-watch.js";

/** Knowing a connection by its session. */
export interface Sessions extends Authentication {
  /** Of express-session's middleware; a source has none. */
  readonly setup?: SessionSetup;
  /** Whether anything tells who the user of a session is. */
  readonly hasUsers: boolean;
  /** The user of a link's session, where it has one. */
  userOf(link: Link): string | undefined;
}

export interface SessionParts {
  readonly store: SessionStore;
  readonly reader: SessionReader;
  readonly policy: SessionPolicy;
  readonly records: SessionRecords;
  readonly watch: SessionWatch;
  readonly endings: SessionEndings;
  /** The session id of a handshake; nothing where the store could not be asked. */
  readonly idOf: (request: object | null) => string | undefined;
  /** Whether a handshake brought more than one session's cookie. */
  readonly isDoubtful: (request: object | null) => boolean;
  readonly setup: SessionSetup;
}

/** How often a session is read that is saved at the same time, over and over. */
const MOST_READS = 3;

export function createSessions(
  { store, reader, policy, records, watch, endings, idOf, isDoubtful, setup }: SessionParts,
  { required, hasUsers, hasTokens }: { required: boolean; hasUsers: boolean; hasTokens: () => boolean },
): Sessions {
  const admissions = createNotes<Link, Promise<void>>();

  const followed = createNotes<Link, true>();
  /** Once a link, however often it asks. */
  const followTraffic = (link: Link): void => {
    if (followed.get(link)) return;
    followed.set(link, true);
    const onTraffic = (): void => {
      const record = records.of(link);
      if (record?.links.get(link) !== undefined) watch.onTraffic(record);
    };
    // When Socket.IO has read it: it may be what ends the connection.
    hear(link.conn, "data", () => queueMicrotask(onTraffic));
  };

  const enter = async (link: Link): Promise<void> => {
    const { request } = link.conn;
    // Not a sign-out: it is nobody's doing who is signed in, and the next handshake may bring one cookie again.
    if (isDoubtful(request))
      throw new TokenError("temporarily_unavailable", "The handshake brought two cookies of the session.");
    const id = idOf(request);
    if (id === undefined || request === null)
      throw new TokenError("temporarily_unavailable", "The session cannot be checked now.");
    // First on the record, then the store: a sign-out before is read there, and one after finds the record.
    const record = records.add(link, id);
    followTraffic(link);
    // Of its user nobody knows before it is read.
    const heard = endings.listen();
    let user: SessionUser | undefined;
    let stored: object | undefined;
    try {
      let saves: number;
      let reads = 0;
      do {
        if (reads === MOST_READS)
          throw new TokenError("temporarily_unavailable", "The session is being changed.");
        reads += 1;
        ({ saves } = record);
        stored = await reader.read(id);
      } while (record.saves !== saves);
      user = stored && policy.userOf(stored, record.key);
      if (required && user?.isSignedIn !== true) throw new TokenError("session_required");
      const refusal = user && heard.refusalOf(record.key, user);
      if (refusal !== undefined) throw refused(refusal);
      // Its end has taken it off the record, and nothing would do so again.
      if (link.ended.aborted) throw new TokenError("temporarily_unavailable", "The connection has ended.");
    } catch (error) {
      records.remove(link);
      // A session that was refused stays refused here; an outage says nothing about it.
      if (error instanceof TokenError && error.data.error === "temporarily_unavailable")
        admissions.set(link, undefined);
      throw error;
    } finally {
      heard.stop();
    }
    if (stored !== undefined && user !== undefined) {
      records.admit(link, user);
      watch.onAdmitted(record, stored);
      reviveSession(store, request, stored);
      return;
    }
    records.remove(link);
    // The one that the handshake has found is no more.
    const generate = methodOf(store, "generate");
    if (generate !== undefined) Reflect.apply(generate, store, [request]);
  };

  const identityOf = (link: Link): string | undefined => records.userOf(link)?.identity;

  return {
    setup,
    hasUsers,
    identityOf,
    userOf: (link) => records.userOf(link)?.name,
    hide: (socket) => hideCookie(socket, setup.cookieName),

    admit(link) {
      const admission = admissions.get(link) ?? enter(link);
      admissions.set(link, admission);
      return admission;
    },

    applyToSocket(link, socket) {
      if (hasTokens()) return;
      const identity = identityOf(link);
      if (identity === undefined) Reflect.deleteProperty(socket.data, "identity");
      else Object.assign(socket.data, { identity });
    },
  };
}
