import { invalidOption } from "../../errors.js";
import { isFunction, property } from "../../value.js";
import type { OpenLinks } from "../link.js";
import { createQueue } from "../timing.js";
import { TokenError } from "../token-error.js";
import { renewCookie, reviveSession } from "./express-session.js";
import type { SessionReader } from "./session-deadline.js";
import type { SessionEnds } from "./session-endings.js";
import type { SessionLock } from "./session-options.js";
import type { SessionRecord, SessionRecords } from "./session-records.js";
import { isSession } from "./session-user.js";
import type { SessionWatch } from "./session-watch.js";
import type { WatchedStore } from "./watched-store.js";

/** The members of a Socket.IO socket by which its session is found. */
export interface SessionSocket {
  readonly conn: object;
}

/** The sessions of a server's sockets, as {@link shareSession} answers them. */
export interface SessionHandle<Session extends object> extends SessionEnds {
  /**
   * Reads what is stored of a socket's session now. `socket.request.session` shows it too, from then on.
   *
   * @throws {@link TokenError} by rejection: `session_ended` where the session is gone, in which case the connection is
   * ended too; `session_required` where the socket has none; `temporarily_unavailable` where the store fails.
   * {@link ConnectionError} `ERR_INVALID_OPTION` by rejection for what is no socket of this server.
   */
  load(socket: SessionSocket): Promise<Session>;
  /**
   * Changes a socket's session, with its life begun anew: what is stored is read, `change` changes it, and the
   * top-level keys that have changed are written over what is stored then. Those of one session come one after the
   * other on this node, so that none is lost; between nodes only with `lock`. A request over HTTP that began before and
   * saves its session afterwards writes all of its own. It never brings back a session that has ended.
   *
   * @param change - Changes what it is given, and may be async; what it answers is not looked at. The next change of
   * this session waits for it.
   * @returns What is stored now.
   * @throws {@link TokenError} by rejection, as `load`; after `temporarily_unavailable` it may have been written or not.
   * Whatever `change` throws, in which case nothing is written.
   */
  update(socket: SessionSocket, change: (session: Session) => unknown): Promise<Session>;
}

export interface HandleParts {
  readonly links: OpenLinks;
  readonly records: SessionRecords;
  readonly reader: SessionReader;
  readonly watch: SessionWatch;
  readonly watched: WatchedStore;
  readonly ends: SessionEnds;
  readonly lock: SessionLock;
}

export function createHandle<Session extends object>(parts: HandleParts): SessionHandle<Session> {
  const { links, records, reader, watch, watched, ends, lock } = parts;
  const inTurn = createQueue(Number.POSITIVE_INFINITY);

  const recordOf = (socket: SessionSocket, caller: string): SessionRecord => {
    const conn = property(socket, "conn");
    const link = typeof conn === "object" && conn !== null ? links.of(conn) : undefined;
    // A connection that has ended is forgotten, and says so itself.
    if (link === undefined && !/^clos/.test(String(property(conn, "readyState")))) {
      throw invalidOption(
        `${caller} takes a socket of this Socket.IO server, as the event "connection" gives it. Those of other nodes, as fetchSockets() answers them, have their session there.`,
      );
    }
    if (link === undefined || link.ended.aborted) throw new TokenError("session_ended");
    const record = records.of(link);
    if (record === undefined) throw new TokenError("session_required", "The connection has no session.");
    return record;
  };

  /** Shows what is stored to the application. */
  const show = ({ conn }: SessionSocket, stored: object | undefined): Session => {
    const link = links.of(conn);
    // Where what was read has ended it: somebody else, or nobody, is signed in.
    if (link === undefined || link.ended.aborted) throw new TokenError("session_ended");
    if (stored === undefined || !isSession<Session>(stored)) throw new TokenError("session_ended");
    const { request } = link.conn;
    if (request !== null) reviveSession(watched.store, request, stored);
    return stored;
  };

  const load = async (socket: SessionSocket): Promise<Session> =>
    show(socket, await watch.look(recordOf(socket, "load")));

  const change = async (
    socket: SessionSocket,
    { id }: SessionRecord,
    edit: (session: Session) => unknown,
  ): Promise<Session> => {
    const before = await load(socket);
    const draft = structuredClone(before);
    await edit(draft);
    let isLate = false;
    const merge = (stored: object): object => {
      const changes = changesOf(before, draft);
      if (isLate || changes.length === 0) return stored;
      const merged: object = { ...stored };
      for (const [name, value] of changes) {
        if (value === undefined) Reflect.deleteProperty(merged, name);
        else Reflect.set(merged, name, value);
      }
      const session = reviveSession(watched.store, { sessionID: id, sessionStore: watched.store }, merged);
      renewCookie(session);
      return session;
    };
    try {
      return show(socket, await reader.within(() => watched.rewrite(id, merge)));
    } finally {
      isLate = true;
    }
  };

  return {
    ...ends,
    load,

    async update(socket, edit) {
      const record = recordOf(socket, "update");
      if (!isFunction(edit)) {
        throw invalidOption(
          "update takes a function as its second argument, which changes the session that it is given: update(socket, (session) => { session.visits = 1; }).",
        );
      }
      return inTurn(record.key, () => lock(record.id, () => change(socket, record, edit)));
    },
  };
}

/** The top-level keys that differ, each with what it is now. The cookie is not the application's to change here. */
function changesOf(before: object, after: object): (readonly [string, unknown])[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  names.delete("cookie");
  return [...names]
    .filter((name) => JSON.stringify(Reflect.get(before, name)) !== JSON.stringify(Reflect.get(after, name)))
    .map((name) => [name, Reflect.get(after, name)]);
}
