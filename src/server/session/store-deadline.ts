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

/** @param what - What is asked, as a line of the log names it. */
export function createDeadline(what: string, storeTimeout: number, log: Log): WithinDeadline {
  let isDown = false;
  return async (work) => {
    const late = new Error();
    try {
      const answer = await withinTime(work, storeTimeout, () => late);
      if (isDown) log.info(`shareSession: ${what} answers again.`);
      isDown = false;
      return answer;
    } catch (error) {
      if (error instanceof TokenError) throw error;
      const refusal = new TokenError("temporarily_unavailable", "The session cannot be checked now.");
      if (!isDown) {
        const { kind, details } = describeThrown(error);
        log.warn(
          `shareSession: ${what} ${error === late ? "takes too long" : `fails with ${kind}${details}`}. Open connections stay, and nobody is signed out; whoever connects is told temporarily_unavailable until it answers again.`,
        );
      }
      isDown = true;
      throw refusal;
    }
  };
}
