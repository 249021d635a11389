import type { Log } from "../../logger.js";
import { property } from "../../value.js";
import { warnOfProblems } from "../check-setup.js";
import { install } from "../install.js";
import type { Link } from "../link.js";
import { createNotes } from "../notes.js";
import type { SocketIoServer } from "../socket-io-types.js";
import { createAlarm, repeat } from "../timing.js";
import { refused, TokenError } from "../token-error.js";
import { hideCookie } from "./handshake-cookie.js";
import { createDeadline, type WithinDeadline } from "./session-deadline.js";
import {
  createEnds,
  createSessionEndings,
  type HeardEndings,
  type SessionEndings,
  type SessionEnds,
} from "./session-endings.js";
import type { ResolvedSourceOptions } from "./session-options.js";
import { createRecords, type SessionRecord, type SessionRecords } from "./session-records.js";
import { type FoundSession, readFound, type SessionRequest, type SessionSource } from "./session-source.js";
import type { Sessions } from "./sessions.js";

const ENDED = new TokenError("session_ended").data;
const CHANGED = new TokenError("session_changed").data;

/** `shareSession` for a session source. */
export function shareSource(
  io: SocketIoServer,
  source: SessionSource,
  resolved: ResolvedSourceOptions,
): SessionEnds {
  const { required, storeTimeout, recheckInterval } = resolved;
  const installed = install(io, resolved.logger);
  const { control, log, identityKey } = installed;
  identityKey.use(resolved.identityKey);
  const within = createDeadline("the session source", storeTimeout, log);
  const watch = createSourceWatch({ source, within, records: () => records, log }, recheckInterval);
  const records: SessionRecords = createRecords(watch.start);
  const endings = createSessionEndings({ control, records, log });
  installed.sessions = createSourceSessions(
    { source, within, records, watch, endings, log },
    { required, hasTokens: () => installed.tokens !== undefined },
  );
  const ends = createEnds(endings, true);
  source.onEnd?.((id) => {
    ends.end(id).catch((error: unknown) => {
      log.warnOnce("session:on-end", `The session source called back in onEnd. ${String(error)}`);
    });
  });
  warnOfProblems(io, log, "start");
  return ends;
}

interface SourceParts {
  readonly source: SessionSource;
  readonly within: WithinDeadline;
  readonly records: SessionRecords;
  readonly watch: SourceWatch;
  readonly endings: SessionEndings;
  readonly log: Log;
}

/** Knowing a connection by the session that a source finds. */
function createSourceSessions(
  { source, within, records, watch, endings, log }: SourceParts,
  { required, hasTokens }: { required: boolean; hasTokens: () => boolean },
): Sessions {
  const admissions = createNotes<Link, Promise<FoundSession | null>>();
  const data = createNotes<Link, object>();

  const find = async ({ conn: { request } }: Link): Promise<FoundSession | null> => {
    if (request === null || !isRequest(request)) {
      log.warnOnce(
        "source:webtransport",
        'shareSession: nobody is let in over WebTransport, as Engine.IO does not say who begins such a connection. Take "webtransport" out of the option "transports" of the server and of the clients.',
      );
      throw new TokenError("temporarily_unavailable");
    }
    const found = readFound(await within(() => source.find(request)));
    if (typeof found !== "string") return found;
    log.warnOnce(
      `source:find:${found}`,
      `shareSession: the answer of "find" of the session source is of no use, and nobody is let in by it: ${found}`,
    );
    throw new TokenError("temporarily_unavailable");
  };

  const enter = async (link: Link): Promise<FoundSession | null> => {
    // Which session it is nobody knows before it is found.
    const heard = endings.listen();
    try {
      const found = await find(link);
      if (found === null || isOver(found)) {
        if (required) throw new TokenError("session_required");
        return null;
      }
      if (link.ended.aborted) throw new TokenError("temporarily_unavailable", "The connection has ended.");
      admit(link, found, heard.refusalOf);
      return found;
    } finally {
      heard.stop();
    }
  };

  const admit = (
    link: Link,
    { id, user, expiresAt = Number.POSITIVE_INFINITY, data: given }: FoundSession,
    refusalOf: HeardEndings["refusalOf"],
  ): void => {
    const signedIn = { isSignedIn: true, identity: user, name: user };
    const record = records.add(link, id);
    const refusal = refusalOf(record.key, signedIn);
    if (refusal !== undefined) {
      records.remove(link);
      throw refused(refusal);
    }
    const others = [...record.links].filter(([, before]) => before !== undefined && before.name !== user);
    if (others.length > 0) {
      log.warnOnce(
        "source:users",
        'shareSession: "find" of the session source has answered two users for one "id", so that the earlier connections were ended. Another sign-in needs another id.',
      );
    }
    for (const [other] of others) other.disconnectWithReason(CHANGED);
    records.admit(link, signedIn);
    if (given !== undefined) data.set(link, given);
    watch.onAdmitted(link, expiresAt);
  };

  return {
    hasUsers: true,
    identityOf: (link) => records.userOf(link)?.identity,
    userOf: (link) => records.userOf(link)?.name,
    hide: (socket) => hideCookie(socket, undefined),

    async admit(link) {
      const admission = admissions.get(link) ?? enter(link);
      admissions.set(link, admission);
      try {
        await admission;
      } catch (error) {
        // A session that was refused stays refused here; an outage says nothing about it.
        const isOutage = error instanceof TokenError && error.data.error === "temporarily_unavailable";
        if (isOutage && admissions.get(link) === admission) admissions.set(link, undefined);
        throw error;
      }
    },

    applyToSocket(link, socket) {
      const session = data.get(link);
      if (session === undefined) Reflect.deleteProperty(socket.data, "session");
      else Object.assign(socket.data, { session });
      if (hasTokens()) return;
      const identity = records.userOf(link)?.identity;
      if (identity === undefined) Reflect.deleteProperty(socket.data, "identity");
      else Object.assign(socket.data, { identity });
    },
  };
}

function isOver({ expiresAt }: FoundSession): boolean {
  return expiresAt !== undefined && expiresAt <= Date.now();
}

/** Engine.IO hands on what Node, or another server, has made. */
function isRequest(request: object): request is SessionRequest {
  return property(request, "headers") !== undefined;
}

/** Ends the connections of sessions that a source says are over. */
interface SourceWatch {
  /** Asks about a session again from time to time. Answers with what ends that. */
  start(record: SessionRecord): () => void;
  /** A connection was admitted by a session that ends at that time, in epoch milliseconds. */
  onAdmitted(link: Link, expiresAt: number): void;
}

interface SourceWatchParts {
  readonly source: SessionSource;
  readonly within: WithinDeadline;
  readonly records: () => SessionRecords;
  readonly log: Log;
}

function createSourceWatch(
  { source, within, records, log }: SourceWatchParts,
  recheckInterval: number,
): SourceWatch {
  const isAlive = async (id: string): Promise<boolean> => {
    const answer: unknown = await within(() => source.isAlive?.(id));
    if (typeof answer === "boolean") return answer;
    log.warnOnce(
      "source:isAlive",
      'shareSession: "isAlive" of the session source did not answer true or false, so that connections stay.',
    );
    return true;
  };

  const look = async (record: SessionRecord): Promise<void> => {
    // Those that come while it is asked were found by a later question.
    const links = [...record.links.keys()];
    if (await isAlive(record.id)) return;
    const ended = links.filter((link) => records().of(link) === record);
    for (const link of ended) link.disconnectWithReason(ENDED);
    log.debug(`${ended.length} connections were ended, as their session is over.`);
  };

  const onExpired = (link: Link): void => {
    const record = records().of(link);
    if (record === undefined) return;
    if (source.isAlive !== undefined) {
      look(record).catch(() => {});
      return;
    }
    log.debug("A connection was ended, as its session has expired; the client may have a newer cookie.");
    link.disconnectWithReason(CHANGED);
  };

  return {
    start(record) {
      if (source.isAlive === undefined) return () => {};
      // That the source fails was said; there is another time.
      return repeat(recheckInterval, () => void look(record).catch(() => {}));
    },
    onAdmitted(link, expiresAt) {
      if (expiresAt === Number.POSITIVE_INFINITY) return;
      const expiry = createAlarm(() => onExpired(link));
      expiry.set(expiresAt);
      link.ended.subscribe(() => expiry.stop());
    },
  };
}
