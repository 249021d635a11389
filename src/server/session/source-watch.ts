import type { Log } from "../../logger.js";
import { sayGoodbye } from "../control.js";
import { createExpiry } from "../expiry.js";
import type { Link } from "../link.js";
import { TokenError } from "../token-error.js";
import { repeat } from "./recheck.js";
import type { SessionRecord, SessionRecords } from "./session-records.js";
import type { SessionSource } from "./session-source.js";
import type { WithinDeadline } from "./store-deadline.js";

/** Ends the connections of sessions that a source says are over. */
export interface SourceWatch {
  /** Asks about a session again from time to time. Answers with what ends that. */
  start(record: SessionRecord): () => void;
  /** A connection was admitted by a session that ends at that time, in epoch milliseconds. */
  onAdmitted(link: Link, expiresAt: number): void;
}

export interface SourceWatchParts {
  readonly source: SessionSource;
  readonly within: WithinDeadline;
  readonly records: () => SessionRecords;
  readonly log: Log;
}

const ENDED = new TokenError("session_ended").data;
const CHANGED = new TokenError("session_changed").data;

export function createSourceWatch(
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
    for (const link of ended) sayGoodbye(link, ENDED);
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
    sayGoodbye(link, CHANGED);
  };

  return {
    start(record) {
      if (source.isAlive === undefined) return () => {};
      // That the source fails was said; there is another time.
      return repeat(recheckInterval, () => void look(record).catch(() => {}));
    },
    onAdmitted(link, expiresAt) {
      if (expiresAt === Number.POSITIVE_INFINITY) return;
      const expiry = createExpiry(() => onExpired(link));
      expiry.set(expiresAt);
      link.ended.subscribe(() => expiry.stop());
    },
  };
}
