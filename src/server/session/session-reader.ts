import { readStored, type SessionStore } from "./session-store.js";
import type { WithinDeadline } from "./store-deadline.js";

/** A store with a deadline, whose failures are told apart from sessions that there are not. */
export interface SessionReader {
  /**
   * What is stored of a session, or nothing.
   * @throws {@link TokenError} `temporarily_unavailable`
   */
  read(id: string): Promise<object | undefined>;
  /** The same for anything else that the store is asked. */
  readonly within: WithinDeadline;
}

export function createReader(store: SessionStore, within: WithinDeadline): SessionReader {
  return { within, read: (id) => within(() => readStored(store, id)) };
}
