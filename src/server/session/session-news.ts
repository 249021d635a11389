import type { Log } from "../../logger.js";
import type { RefusalData } from "../../protocol.js";
import { isFunction, property } from "../../value.js";
import { hearOtherNodes, reachesOtherNodes, tellOtherNodes } from "../cluster.js";
import { sayGoodbye } from "../control.js";
import { refusalDataOf } from "../refusal.js";
import type { SocketIoNamespace } from "../socket-io.js";
import type { DestroyedSessions } from "./destroyed-sessions.js";
import type { Facts } from "./facts.js";
import { keyOfUser } from "./session-key.js";
import type { SessionRecords } from "./session-records.js";

const EVENT = "session";
/** What `keyOfSession` and `keyOfUser` make. */
const KEY = /^[\w-]{43}$/;

/** That a session ends. It names no id, as it goes through the adapter. */
interface SessionEnd {
  readonly key: string;
  readonly refusal: RefusalData;
  /** What those are told instead that were signed in. */
  readonly refusalOfSignedIn?: RefusalData;
  /** Whether it is not to be saved again. */
  readonly isDestroyed: boolean;
}

/** That a user is to have no connections any more. It names nobody, as it goes through the adapter. */
interface UserEnd {
  readonly userKey: string;
  readonly refusal: RefusalData;
}

/** That somebody else, or nobody, is signed in in a session. Who, the store says: this may come late, and twice. */
interface SessionChange {
  readonly key: string;
  readonly isChanged: true;
}

/** What is said of ends while a session is being looked for, whose id or user is not known yet. */
export interface Overheard {
  /** What the connection of a session has to be told that has ended meanwhile. */
  refusalOf(key: string, facts: Facts): RefusalData | undefined;
  stop(): void;
}

export interface Newsroom {
  /** Ends the connections of a session or a user, here before it returns, then on other nodes; whether all have confirmed. */
  tell(news: SessionEnd | UserEnd): Promise<boolean>;
  /** Listens to ends until it is stopped. */
  overhear(): Overheard;
  /** Has the other nodes read a session again. */
  tellOfChange(key: string): Promise<void>;
  /** Whether there may be other nodes. */
  hasReaders(): boolean;
}

export interface NewsParts {
  readonly control: SocketIoNamespace;
  readonly records: SessionRecords;
  /** Not for a source, which has no store. */
  readonly destroyed?: DestroyedSessions;
  /** Another node says that somebody else, or nobody, is signed in. */
  readonly onChanged?: (key: string) => void;
  readonly log: Log;
}

export function createNewsroom({ control, records, destroyed, onChanged, log }: NewsParts): Newsroom {
  const listeners = new Set<(SessionEnd | UserEnd)[]>();

  const heed = (news: SessionEnd | UserEnd): void => {
    for (const heard of listeners) heard.push(news);
    if ("key" in news && news.isDestroyed) destroyed?.add(news.key);
    const links = [
      ...("key" in news ? (records.byKey(news.key)?.links.keys() ?? []) : records.byUser(news.userKey)),
    ];
    const words = new Set<string>();
    for (const link of links) {
      const told = refusalIn(news, records.factsOf(link));
      words.add(told.error);
      sayGoodbye(link, told);
    }
    if (links.length === 0) return;
    log.debug(
      `${links.length} connections of a ${"key" in news ? "session" : "user"} were ended here, and told ${[...words].join(" or ")}.`,
    );
  };

  hearOtherNodes(control, EVENT, (message, acknowledge) => {
    const news = newsOf(message);
    if (news !== undefined && "isChanged" in news) onChanged?.(news.key);
    else if (news !== undefined) heed(news);
    if (isFunction(acknowledge)) acknowledge(true);
  });

  const tellOthers = async (news: SessionEnd | UserEnd | SessionChange, what: string): Promise<boolean> => {
    const isConfirmed = await tellOtherNodes(control, EVENT, news);
    if (!isConfirmed) {
      log.warn(
        `shareSession: not every node has confirmed that ${what}. Its connections there end at the next re-check; look at the Socket.IO adapter.`,
      );
    }
    return isConfirmed;
  };

  return {
    tell(news) {
      heed(news);
      return tellOthers(
        news,
        "key" in news ? "a session has ended or was regenerated" : "the connections of a user have to end",
      );
    },
    overhear() {
      const heard: (SessionEnd | UserEnd)[] = [];
      listeners.add(heard);
      return {
        refusalOf(key, facts) {
          const userKey = facts.user === undefined ? undefined : keyOfUser(facts.user);
          const news = heard.find((each) => ("key" in each ? each.key === key : each.userKey === userKey));
          return news && refusalIn(news, facts);
        },
        stop: () => void listeners.delete(heard),
      };
    },
    async tellOfChange(key) {
      await tellOthers({ key, isChanged: true }, "another user, or nobody, is signed in in a session");
    },
    hasReaders: () => reachesOtherNodes(control),
  };
}

function refusalIn(news: SessionEnd | UserEnd, facts: Facts | undefined): RefusalData {
  const isSpecial = "key" in news && facts?.isSignedIn === true;
  return (isSpecial ? news.refusalOfSignedIn : undefined) ?? news.refusal;
}

/** News as another node has sent them, which may have another version of this library. */
function newsOf(message: unknown): SessionEnd | UserEnd | SessionChange | undefined {
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
