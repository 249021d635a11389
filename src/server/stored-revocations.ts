import type { Log } from "../logger.js";
import type { RevocationStore } from "./revocation-store.js";
import { readText, type Stored, textOf } from "./stored-text.js";
import { oneAtATime, withinTime } from "./timing.js";
import { TokenError } from "./token-error.js";

/** What is in a store of revocations, which other nodes may have added. */
export interface StoredRevocations {
  /**
   * Applies what was added to the store before this call.
   *
   * @throws {@link TokenError} `temporarily_unavailable` where the store does not say.
   */
  read(): Promise<void>;
  /** Whether the store has taken it. It does not reject. */
  add(stored: Stored, until: number): Promise<boolean>;
}

/**
 * @param timeout - How long the store may take for a read, or to add, in milliseconds.
 * @param apply - Is given each entry once. It must not throw.
 */
export function createStoredRevocations(
  store: RevocationStore,
  timeout: number,
  apply: (stored: Stored, until: number) => void,
  log: Log,
): StoredRevocations {
  const limited = <T>(work: () => T | Promise<T>): Promise<T> =>
    withinTime(work, timeout, () => new Error("The store took too long."));

  let seen: ReadonlySet<unknown> = new Set();
  let last: unknown;
  const take = (ids: unknown): void => {
    if (!Array.isArray(ids)) throw new Error("The store has answered something that is no list.");
    // What is frozen is what it was.
    if (ids === last && Object.isFrozen(ids)) return;
    for (const id of ids) {
      if (seen.has(id)) continue;
      const found = readText(id);
      if (found === undefined) {
        log.warnOnce(
          "revocations:unknown",
          "authenticateToken: the store of revocations has an entry that is none of this version of socket-rotor, which was ignored. Give it a key or a table of its own.",
        );
      } else if (found.until > Date.now()) apply(found.stored, found.until);
    }
    seen = new Set(ids);
    last = ids;
  };

  const readOnce = oneAtATime(() => limited(() => store.list()).then(take));

  let isDown = false;
  return {
    async read() {
      try {
        await limited(readOnce);
        if (isDown) log.info("authenticateToken: the store of revocations answers again.");
        isDown = false;
      } catch {
        if (!isDown) {
          log.warn(
            "authenticateToken: the store of revocations fails or takes too long. Open connections stay, and nobody is signed out; clients that connect are told temporarily_unavailable until it answers again.",
          );
        }
        isDown = true;
        throw new TokenError("temporarily_unavailable", "Revocations cannot be read now.");
      }
    },

    async add(stored, until) {
      try {
        await limited(() => store.add(textOf(stored, until), until));
        return true;
      } catch {
        return false;
      }
    },
  };
}
