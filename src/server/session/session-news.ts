import type { Log } from "../../logger.js";
import type { RefusalData } from "../../protocol.js";
import { isFunction, property } from "../../value.js";
import { hearOtherNodes, reachesOtherNodes, tellOtherNodes } from "../cluster.js";
import { sayGoodbye } from "../control.js";
import { refusalDataOf } from "../refusal.js";
import type { SocketIoNamespace } from "../socket-io.js";
import type { DestroyedSessions } from "./destroyed-sessions.js";
import type { SessionRecords } from "./session-records.js";

const EVENT = "session";
/** What `keyOfSession` makes. */
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

/** That somebody else, or nobody, is signed in in a session. Who, the store says: this may come late, and twice. */
interface SessionChange {
  readonly key: string;
  readonly isChanged: true;
}

export interface Newsroom {
  /** Ends the connections of a session, here before it returns, then on other nodes; whether all have confirmed. */
  tell(news: SessionEnd): Promise<boolean>;
  /** Has the other nodes read a session again. */
  tellOfChange(key: string): Promise<void>;
  /** Whether there may be other nodes. */
  hasReaders(): boolean;
}

export interface NewsParts {
  readonly control: SocketIoNamespace;
  readonly records: SessionRecords;
  readonly destroyed: DestroyedSessions;
  /** Another node says that somebody else, or nobody, is signed in. */
  readonly onChanged: (key: string) => void;
  readonly log: Log;
}

export function createNewsroom({ control, records, destroyed, onChanged, log }: NewsParts): Newsroom {
  const heed = ({ key, refusal, refusalOfSignedIn = refusal, isDestroyed }: SessionEnd): void => {
    if (isDestroyed) destroyed.add(key);
    const links = [...(records.byKey(key)?.links ?? [])];
    const words = new Set<string>();
    for (const [link, facts] of links) {
      const told = facts?.isSignedIn === true ? refusalOfSignedIn : refusal;
      words.add(told.error);
      sayGoodbye(link, told);
    }
    if (links.length === 0) return;
    log.debug(
      `${links.length} connections of a session were ended here, and told ${[...words].join(" or ")}.`,
    );
  };

  hearOtherNodes(control, EVENT, (message, acknowledge) => {
    const news = newsOf(message);
    if (news !== undefined && "isChanged" in news) onChanged(news.key);
    else if (news !== undefined) heed(news);
    if (isFunction(acknowledge)) acknowledge(true);
  });

  const tellOthers = async (news: SessionEnd | SessionChange, what: string): Promise<boolean> => {
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
      return tellOthers(news, "a session has ended or was regenerated");
    },
    async tellOfChange(key) {
      await tellOthers({ key, isChanged: true }, "another user, or nobody, is signed in in a session");
    },
    hasReaders: () => reachesOtherNodes(control),
  };
}

/** News as another node has sent them, which may have another version of this library. */
function newsOf(message: unknown): SessionEnd | SessionChange | undefined {
  const key = property(message, "key");
  // It is kept for a while, whatever it is.
  if (typeof key !== "string" || !KEY.test(key)) return undefined;
  if (property(message, "isChanged") === true) return { key, isChanged: true };
  const refusal = refusalDataOf(property(message, "refusal"));
  const refusalOfSignedIn = refusalDataOf(property(message, "refusalOfSignedIn"));
  if (refusal === undefined) return undefined;
  const isDestroyed = property(message, "isDestroyed") === true;
  return { key, refusal, isDestroyed, ...(refusalOfSignedIn !== undefined && { refusalOfSignedIn }) };
}
