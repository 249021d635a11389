import type { Log } from "../../logger.js";
import { isFunction, property } from "../../value.js";
import { tellOtherNodes } from "../cluster.js";
import { sayGoodbye } from "../control.js";
import { refusalDataOf } from "../refusal.js";
import type { SocketIoNamespace } from "../socket-io.js";
import type { RefusalData } from "../token-error.js";
import type { DestroyedSessions } from "./destroyed-sessions.js";
import type { SessionRecords } from "./session-records.js";

const EVENT = "session";

/** That a session ends. It names no id, as it goes through the adapter. */
interface SessionNews {
  readonly key: string;
  readonly refusal: RefusalData;
  /** What those are told instead that were signed in. */
  readonly refusalOfSignedIn?: RefusalData;
  /** Whether it is not to be saved again. */
  readonly isDestroyed: boolean;
}

export interface Newsroom {
  /** Ends the connections of a session, here before it returns, then on other nodes; whether all have confirmed. */
  tell(news: SessionNews): Promise<boolean>;
}

export interface NewsParts {
  readonly control: SocketIoNamespace;
  readonly records: SessionRecords;
  readonly destroyed: DestroyedSessions;
  readonly log: Log;
}

export function createNewsroom({ control, records, destroyed, log }: NewsParts): Newsroom {
  const heed = ({ key, refusal, refusalOfSignedIn = refusal, isDestroyed }: SessionNews): void => {
    if (isDestroyed) destroyed.add(key);
    const links = [...(records.byKey(key)?.links ?? [])];
    for (const [link, facts] of links) {
      sayGoodbye(link, facts?.isSignedIn === true ? refusalOfSignedIn : refusal);
    }
    if (links.length > 0) log.debug(`A session has ended: ${links.length} connections were closed here.`);
  };

  control.prependListener(EVENT, (message, acknowledge) => {
    const news = newsOf(message);
    if (news !== undefined) heed(news);
    if (isFunction(acknowledge)) acknowledge(true);
  });

  return {
    async tell(news) {
      heed(news);
      const isConfirmed = await tellOtherNodes(control, EVENT, news);
      if (!isConfirmed) {
        log.warn(
          "shareSession: not every node has confirmed that a session has ended. Its connections there end at the next re-check; look at the Socket.IO adapter.",
        );
      }
      return isConfirmed;
    },
  };
}

/** News as another node has sent them, which may have another version of this library. */
function newsOf(message: unknown): SessionNews | undefined {
  const key = property(message, "key");
  const refusal = refusalDataOf(property(message, "refusal"));
  const refusalOfSignedIn = refusalDataOf(property(message, "refusalOfSignedIn"));
  if (typeof key !== "string" || refusal === undefined) return undefined;
  const isDestroyed = property(message, "isDestroyed") === true;
  return { key, refusal, isDestroyed, ...(refusalOfSignedIn !== undefined && { refusalOfSignedIn }) };
}
