import type { Log } from "../../logger.js";
import { property } from "../../value.js";
import { sayGoodbye } from "../control.js";
import type { Link } from "../link.js";
import { refused, TokenError } from "../token-error.js";
import { hideCookie } from "./cookie-header.js";
import type { Newsroom, Overheard } from "./session-news.js";
import type { SessionRecords } from "./session-records.js";
import { type FoundSession, readFound, type SessionRequest, type SessionSource } from "./session-source.js";
import type { Sessions } from "./sessions.js";
import type { SourceWatch } from "./source-watch.js";
import type { WithinDeadline } from "./store-deadline.js";

export interface SourceParts {
  readonly source: SessionSource;
  readonly within: WithinDeadline;
  readonly records: SessionRecords;
  readonly watch: SourceWatch;
  readonly newsroom: Newsroom;
  readonly log: Log;
}

const CHANGED = new TokenError("session_changed").data;

/** Knowing a connection by the session that a source finds. */
export function createSourceSessions(
  { source, within, records, watch, newsroom, log }: SourceParts,
  { required, hasTokens }: { required: boolean; hasTokens: () => boolean },
): Sessions {
  const admissions = new WeakMap<Link, Promise<FoundSession | null>>();
  const data = new WeakMap<Link, object>();

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
    const overheard = newsroom.overhear();
    try {
      const found = await find(link);
      if (found === null || isOver(found)) {
        if (required) throw new TokenError("session_required");
        return null;
      }
      if (link.ended.aborted) throw new TokenError("temporarily_unavailable", "The connection has ended.");
      admit(link, found, overheard.refusalOf);
      return found;
    } finally {
      overheard.stop();
    }
  };

  const admit = (
    link: Link,
    { id, user, expiresAt = Number.POSITIVE_INFINITY, data: given }: FoundSession,
    refusalOf: Overheard["refusalOf"],
  ): void => {
    const facts = { isSignedIn: true, identity: user, user };
    const record = records.add(link, id);
    const refusal = refusalOf(record.key, facts);
    if (refusal !== undefined) {
      records.remove(link);
      throw refused(refusal);
    }
    const others = [...record.links].filter(([, before]) => before !== undefined && before.user !== user);
    if (others.length > 0) {
      log.warnOnce(
        "source:users",
        'shareSession: "find" of the session source has answered two users for one "id", so that the earlier connections were ended. Another sign-in needs another id.',
      );
    }
    for (const [other] of others) sayGoodbye(other, CHANGED);
    records.admit(link, facts);
    if (given !== undefined) data.set(link, given);
    watch.onAdmitted(link, expiresAt);
  };

  return {
    hasUsers: true,
    identityOf: (link) => records.factsOf(link)?.identity,
    userOf: (link) => records.factsOf(link)?.user,
    hide: (socket) => hideCookie(socket, undefined),

    async admit(link) {
      const admission = admissions.get(link) ?? enter(link);
      admissions.set(link, admission);
      try {
        await admission;
      } catch (error) {
        // A session that was refused stays refused here; an outage says nothing about it.
        const isOutage = error instanceof TokenError && error.data.error === "temporarily_unavailable";
        if (isOutage && admissions.get(link) === admission) admissions.delete(link);
        throw error;
      }
    },

    carry(link, socket) {
      const session = data.get(link);
      if (session === undefined) Reflect.deleteProperty(socket.data, "session");
      else Object.assign(socket.data, { session });
      if (hasTokens()) return;
      const identity = records.factsOf(link)?.identity;
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
