import { ConnectionError, invalidOption } from "../../errors.js";
import type { Log } from "../../logger.js";
import type { RefusalData } from "../../protocol.js";
import { isFunction, property } from "../../value.js";
import { hearOtherNodes, reachesOtherNodes, tellOtherNodes } from "../cluster.js";
import type { SocketIoNamespace } from "../socket-io-types.js";
import { refusalDataOf, TokenError } from "../token-error.js";
import { keyOfSession, keyOfUser, type SessionRecords } from "./session-records.js";
import type { SessionUser } from "./session-user.js";

/** Ends the connections of sessions, as `shareSession` answers it for a {@link SessionSource}. */
export interface SessionEnds {
  /**
   * Ends the connections of a session now: each is told goodbye and why, and is closed, in every namespace and on every
   * node, also one whose handshake is under way. The session is left as it is, so that a client with the same cookie may
   * come back: to sign somebody out, end the session too. With express-session, destroying it does all this by itself.
   *
   * @param sessionId - As `request.sessionID` of express-session has it, or as `find` of the source has answered it.
   * @param error - What the clients are told. @defaultValue `session_ended`
   * @returns Whether every node that the adapter knows of has confirmed; `true` on a single node. This node has done
   * its part before the call returns. It never rejects because of other nodes.
   * @throws {@link ConnectionError} `ERR_INVALID_OPTION` by rejection.
   */
  end(sessionId: string, error?: TokenError): Promise<boolean>;
  /**
   * Ends the connections of a user in the same way, in all sessions of that user.
   *
   * @param user - As the option `identify`, or `find` of the source, answers it.
   * @param error - What the clients are told. @defaultValue `session_ended`
   * @returns As `end`.
   * @throws {@link ConnectionError} by rejection: `ERR_INVALID_OPTION`; `ERR_SERVER_SETUP` with express-session and
   * without the option `identify`.
   */
  endUser(user: string, error?: TokenError): Promise<boolean>;
}

/** @param hasUsers - Whether anything tells who the user of a session is. */
export function createEnds(endings: SessionEndings, hasUsers: boolean): SessionEnds {
  return {
    async end(sessionId, error = new TokenError("session_ended")) {
      check(
        "end",
        "the id of a session, as request.sessionID, or find of the source, has it",
        sessionId,
        error,
      );
      return endings.end({ key: keyOfSession(sessionId), refusal: error.data, isDestroyed: false });
    },
    async endUser(user, error = new TokenError("session_ended")) {
      check("endUser", "a user, as the option identify, or find of the source, answers it", user, error);
      if (!hasUsers) {
        throw new ConnectionError(
          "ERR_SERVER_SETUP",
          'endUser needs the option "identify" of shareSession, which tells who is signed in in a session.',
        );
      }
      return endings.end({ userKey: keyOfUser(user), refusal: error.data });
    },
  };
}

function check(caller: string, what: string, name: string, error: TokenError): void {
  if (typeof name !== "string" || name === "") throw invalidOption(`${caller} takes ${what}.`);
  if (error instanceof TokenError) return;
  throw invalidOption(
    `The second argument of ${caller} is a TokenError, such as new TokenError("access_denied").`,
  );
}

const EVENT = "session";
/** What `keyOfSession` and `keyOfUser` make. */
const KEY = /^[\w-]{43}$/;

/** A session ends. It holds no id, as it goes through the adapter. */
interface SessionEnd {
  readonly key: string;
  readonly refusal: RefusalData;
  /** What those are told instead that were signed in. */
  readonly refusalOfSignedIn?: RefusalData;
  /** Whether it is not to be saved again. */
  readonly isDestroyed: boolean;
}

/** All connections of a user end. It holds no name, as it goes through the adapter. */
interface UserEnd {
  readonly userKey: string;
  readonly refusal: RefusalData;
}

/** Another user, or nobody, is signed in in a session. The store says who: this may come late, and twice. */
interface SessionChange {
  readonly key: string;
  readonly isChanged: true;
}

/** The ends that were heard while a session was looked for, whose id or user is not known yet. */
export interface HeardEndings {
  /** What the connection has to be told whose session, or user, has ended meanwhile. */
  refusalOf(key: string, user: SessionUser): RefusalData | undefined;
  stop(): void;
}

/**
 * Ends the connections of sessions and users, on every node. Who calls it: `store-events.ts`, when a session is
 * destroyed in its store; a source, when it says that one has ended; the application, by {@link SessionEnds}.
 */
export interface SessionEndings {
  /** Ends the connections here before it returns, then on other nodes; whether all have confirmed. */
  end(ended: SessionEnd | UserEnd): Promise<boolean>;
  /** Listens to ends until it is stopped. */
  listen(): HeardEndings;
  /** Has the other nodes read a session again. */
  tellOfChange(key: string): Promise<void>;
  /** Whether there may be other nodes. */
  reachesOtherNodes(): boolean;
}

export interface EndingsParts {
  readonly control: SocketIoNamespace;
  readonly records: SessionRecords;
  /** A session is not to be saved again. Not for a source, which has no store. */
  readonly onDestroyed?: (key: string) => void;
  /** Another node says that another user, or nobody, is signed in. */
  readonly onChanged?: (key: string) => void;
  readonly log: Log;
}

export function createSessionEndings({
  control,
  records,
  onDestroyed,
  onChanged,
  log,
}: EndingsParts): SessionEndings {
  const listeners = new Set<(SessionEnd | UserEnd)[]>();

  const endConnections = (ended: SessionEnd | UserEnd): void => {
    for (const heard of listeners) heard.push(ended);
    if ("key" in ended && ended.isDestroyed) onDestroyed?.(ended.key);
    const links = [
      ...("key" in ended ? (records.byKey(ended.key)?.links.keys() ?? []) : records.byUser(ended.userKey)),
    ];
    const words = new Set<string>();
    for (const link of links) {
      const told = refusalIn(ended, records.userOf(link));
      words.add(told.error);
      link.disconnectWithReason(told);
    }
    if (links.length === 0) return;
    log.debug(
      `${links.length} connections of a ${"key" in ended ? "session" : "user"} were ended here, and told ${[...words].join(" or ")}.`,
    );
  };

  hearOtherNodes(control, EVENT, (message, acknowledge) => {
    const told = readMessage(message);
    if (told !== undefined && "isChanged" in told) onChanged?.(told.key);
    else if (told !== undefined) endConnections(told);
    if (isFunction(acknowledge)) acknowledge(true);
  });

  const tellOthers = async (
    message: SessionEnd | UserEnd | SessionChange,
    what: string,
  ): Promise<boolean> => {
    const isConfirmed = await tellOtherNodes(control, EVENT, message);
    if (!isConfirmed) {
      log.warn(
        `shareSession: not every node has confirmed that ${what}. Its connections there end at the next re-check; look at the Socket.IO adapter.`,
      );
    }
    return isConfirmed;
  };

  return {
    end(ended) {
      endConnections(ended);
      return tellOthers(
        ended,
        "key" in ended ? "a session has ended or was regenerated" : "the connections of a user have to end",
      );
    },
    listen() {
      const heard: (SessionEnd | UserEnd)[] = [];
      listeners.add(heard);
      return {
        refusalOf(key, user) {
          if (heard.length === 0) return undefined;
          const userKey = user.name === undefined ? undefined : keyOfUser(user.name);
          const ended = heard.find((each) => ("key" in each ? each.key === key : each.userKey === userKey));
          return ended && refusalIn(ended, user);
        },
        stop: () => void listeners.delete(heard),
      };
    },
    async tellOfChange(key) {
      await tellOthers({ key, isChanged: true }, "another user, or nobody, is signed in in a session");
    },
    reachesOtherNodes: () => reachesOtherNodes(control),
  };
}

function refusalIn(ended: SessionEnd | UserEnd, user: SessionUser | undefined): RefusalData {
  const isSpecial = "key" in ended && user?.isSignedIn === true;
  return (isSpecial ? ended.refusalOfSignedIn : undefined) ?? ended.refusal;
}

/** What another node has sent, which may have another version of this library. */
function readMessage(message: unknown): SessionEnd | UserEnd | SessionChange | undefined {
  const [key, userKey] = [property(message, "key"), property(message, "userKey")];
  const refusal = refusalDataOf(property(message, "refusal"));
  // It is kept for a while, whatever it is.
  if (isKey(userKey) && refusal !== undefined) return { userKey, refusal };
  if (!isKey(key)) return undefined;
  if (property(message, "isChanged") === true) return { key, isChanged: true };
  const refusalOfSignedIn = refusalDataOf(property(message, "refusalOfSignedIn"));
  if (refusal === undefined) return undefined;
  const isDestroyed = property(message, "isDestroyed") === true;
  return { key, refusal, isDestroyed, ...(refusalOfSignedIn !== undefined && { refusalOfSignedIn }) };
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && KEY.test(value);
}
