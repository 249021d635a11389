import type { Clock } from "../clock.js";

/** Limits how long promises may take, and knows the timers of those that are still due. */
export interface Deadlines {
  /** The same promise, rejected when it takes too long. */
  limit<T>(promise: Promise<T>): Promise<T>;
  /** Takes every timer back. */
  clear(): void;
}

export function createDeadlines(clock: Clock, deadline: number): Deadlines {
  const timers = new Set<unknown>();
  return {
    limit: (promise) =>
      new Promise((resolve, reject) => {
        const timer = clock.setTimeout(() => {
          timers.delete(timer);
          reject(new Error(`No answer within ${deadline} ms`));
        }, deadline);
        timers.add(timer);
        const end = (): void => {
          timers.delete(timer);
          clock.clearTimeout(timer);
        };
        promise.finally(end).then(resolve, reject);
      }),
    clear() {
      for (const timer of timers) clock.clearTimeout(timer);
      timers.clear();
    },
  };
}
