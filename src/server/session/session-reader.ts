import type { Log } from "../../logger.js";
import { TokenError } from "../token-error.js";
import { withinTime } from "../within-time.js";
import { readStored, type SessionStore } from "./session-store.js";

/** A store with a deadline, whose failures are told apart from sessions that there are not. */
export interface SessionReader {
  /**
   * What is stored of a session, or nothing.
   * @throws {@link TokenError} `temporarily_unavailable`
   */
  read(id: string): Promise<object | undefined>;
  /** The same for anything else that the store is asked. */
  within<T>(work: () => Promise<T>): Promise<T>;
}

export function createReader(store: SessionStore, storeTimeout: number, log: Log): SessionReader {
  let isDown = false;
  const within = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const answer = await withinTime(
        work,
        storeTimeout,
        () => new Error("The session store took too long."),
      );
      if (isDown) log.info("shareSession: the session store answers again.");
      isDown = false;
      return answer;
    } catch (error) {
      if (error instanceof TokenError) throw error;
      const refusal = new TokenError("temporarily_unavailable", "The session cannot be checked now.");
      if (!isDown) {
        log.warn(
          "shareSession: the session store fails or takes too long. Open connections stay, and nobody is signed out; whoever connects is told temporarily_unavailable until it answers again.",
        );
      }
      isDown = true;
      throw refusal;
    }
  };
  return { within, read: (id) => within(() => readStored(store, id)) };
}
