import type { Clock } from "../clock.js";
import { ENDED_BEFORE, noAnswer } from "../words/messages.js";

/** Limits how long a storage may take to answer, and knows the timers of the answers that are still pending. */
export interface AnswerTimeouts {
  /** The same promise, rejected when it takes too long. */
  limit<T>(promise: Promise<T>): Promise<T>;
  /** Takes every timer back, and rejects what is still pending. */
  clear(): void;
}

export function createAnswerTimeouts(clock: Clock, timeout: number): AnswerTimeouts {
  const pending = new Map<unknown, (cause: Error) => void>();
  return {
    limit: (promise) =>
      new Promise((resolve, reject) => {
        const timer = clock.setTimeout(() => {
          pending.delete(timer);
          reject(new Error(noAnswer(timeout)));
        }, timeout);
        pending.set(timer, reject);
        const end = (): void => {
          pending.delete(timer);
          clock.clearTimeout(timer);
        };
        promise.finally(end).then(resolve, reject);
      }),
    clear() {
      for (const [timer, reject] of pending) {
        clock.clearTimeout(timer);
        reject(new Error(ENDED_BEFORE));
      }
      pending.clear();
    },
  };
}
