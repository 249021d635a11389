import { ConnectionError } from "../errors.js";
import { isPromise } from "../value.js";
import { ENDED_BEFORE } from "../words/messages.js";
import type { AnswerTimeouts } from "./answer-timeouts.js";
import type { TokenStore } from "./token-store.js";

interface Parts {
  /** The adapter's. */
  write(token: string | null): void | Promise<void>;
  tokenStore: TokenStore;
  timeouts: AnswerTimeouts;
  isOver(): boolean;
  /** A write that took its time has ended in the adapter, or its time limit has. It comes first. */
  onEnd(): void;
  /** The adapter has ended a write that was given up: it may have stored the token after all. */
  onLate(): void;
  /** The storage holds it by now. */
  onLanded(): void;
  /** Nothing is being written any more. */
  onIdle(): void;
}

/** Writes the storage, one after another, so that the newest is the last to land. */
export function createWrites({
  write,
  tokenStore,
  timeouts,
  isOver,
  onEnd,
  onLate,
  onLanded,
  onIdle,
}: Parts) {
  let underWay = 0;
  let last: Promise<void> = Promise.resolve();
  const ours = new Set<string | null>();

  const end = (): void => {
    underWay -= 1;
    if (underWay > 0) return;
    ours.clear();
    onIdle();
  };

  return {
    get isUnderWay(): boolean {
      return underWay > 0;
    },
    /** Whether this is being written, or was a moment ago. */
    isOurs: (token: string | null): boolean => ours.has(token),
    /** Resolves when what was last begun has ended, however. */
    settled: (): Promise<void> => last.catch(() => {}),
    /**
     * Writes within the time limit, then calls `onWritten`. It stays synchronous where the storage is, so that a page
     * that is left right after `logout()` has removed its token. Throws, or rejects, with `ERR_STORAGE_WRITE`, after
     * `onRefused`.
     */
    write(token: string | null, onWritten: () => unknown, onRefused?: () => void): void | Promise<void> {
      const succeed = (): void => {
        onLanded();
        onWritten();
        end();
      };
      let isEnded = true;
      let isGivenUp = false;
      const refuse = (cause: unknown): never => {
        isGivenUp = true;
        if (!isEnded) onEnd();
        onRefused?.();
        end();
        throw new ConnectionError(
          "ERR_STORAGE_WRITE",
          token === null
            ? "The storage adapter could not remove the token: other tabs and the next page load still find it."
            : "The storage adapter could not store the token. login() has signed nobody in; a refreshed token is used in this tab alone.",
          { cause: tokenStore.maskError(cause, token) },
        );
      };
      const run = (): void | Promise<void> => {
        if (isOver()) return refuse(new Error(ENDED_BEFORE));
        let answer: void | Promise<void>;
        try {
          answer = write(token);
        } catch (cause) {
          return refuse(cause);
        }
        if (!isPromise(answer)) return succeed();
        isEnded = false;
        const onAnswer = (): void => {
          isEnded = true;
          onEnd();
          if (isGivenUp && !isOver()) onLate();
        };
        answer.then(onAnswer, onAnswer);
        return timeouts.limit(answer).then(succeed, refuse);
      };
      underWay += 1;
      ours.add(token);
      if (underWay > 1) {
        last = last.then(run, run);
        return last;
      }
      // What the adapter itself has written meanwhile waits for this one.
      let free = (): void => {};
      last = new Promise((resolve) => {
        free = resolve;
      });
      try {
        const done = run();
        if (isPromise(done)) done.then(free, free);
        else free();
        return done;
      } catch (error) {
        free();
        throw error;
      }
    },
  };
}
