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
  const pending = new Set<(why: string) => void>();
  return {
    limit: (promise) =>
      new Promise((resolve, reject) => {
        const end = (): void => {
          pending.delete(giveUp);
          clock.clearTimeout(timer);
        };
        const giveUp = (why: string): void => {
          end();
          reject(new Error(why));
        };
        const timer = clock.setTimeout(() => giveUp(noAnswer(timeout)), timeout);
        pending.add(giveUp);
        promise.finally(end).then(resolve, reject);
      }),
    clear() {
      for (const giveUp of pending) giveUp(ENDED_BEFORE);
    },
  };
}
