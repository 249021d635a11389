import type { Clock } from "../clock.js";
import { ENDED_BEFORE, noAnswer } from "../words/messages.js";

/** Limits how long promises may take, and knows the timers of those that are still due. */
export interface Deadlines {
  /** The same promise, rejected when it takes too long. */
  limit<T>(promise: Promise<T>): Promise<T>;
  /** Takes every timer back, and rejects what was still due. */
  clear(): void;
}

export function createDeadlines(clock: Clock, deadline: number): Deadlines {
  const due = new Map<unknown, (cause: Error) => void>();
  return {
    limit: (promise) =>
      new Promise((resolve, reject) => {
        const timer = clock.setTimeout(() => {
          due.delete(timer);
          reject(new Error(noAnswer(deadline)));
        }, deadline);
        due.set(timer, reject);
        const end = (): void => {
          due.delete(timer);
          clock.clearTimeout(timer);
        };
        promise.finally(end).then(resolve, reject);
      }),
    clear() {
      for (const [timer, reject] of due) {
        clock.clearTimeout(timer);
        reject(new Error(ENDED_BEFORE));
      }
      due.clear();
    },
  };
}
