import type { Log } from "../../logger.js";
import { describeThrown } from "../refusal.js";
import { TokenError } from "../token-error.js";
import { withinTime } from "../within-time.js";

/**
 * Asks a session store, or a session source, within a limit of time.
 *
 * @throws {@link TokenError} `temporarily_unavailable` where it fails or takes too long. Other {@link TokenError}s pass.
 */
export type WithinDeadline = <T>(work: () => T | Promise<T>) => Promise<T>;

/** An outage is told at most so often, in milliseconds: some sources fail on what a client has sent. */
const TOLD_EVERY = 60_000;

/** @param what - What is asked, as a line of the log names it. */
export function createDeadline(what: string, storeTimeout: number, log: Log): WithinDeadline {
  let isTold = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = (why: string): void => {
    const now = Date.now();
    if (isTold || (now >= toldAt && now - toldAt < TOLD_EVERY)) return;
    isTold = true;
    toldAt = now;
    log.warn(
      `shareSession: ${what} fails ${why}. Open connections stay, and nobody is signed out; new connections are told temporarily_unavailable until it answers again.`,
    );
  };
  return async (work) => {
    const late = new Error();
    try {
      const answer = await withinTime(work, storeTimeout, () => late);
      if (isTold) log.info(`shareSession: ${what} answers again.`);
      isTold = false;
      return answer;
    } catch (error) {
      if (error instanceof TokenError) throw error;
      const refusal = new TokenError("temporarily_unavailable", "The session cannot be checked now.");
      const { kind, details } = describeThrown(error);
      tell(error === late ? "to answer in time" : `with ${kind}${details}`);
      throw refusal;
    }
  };
}
