import { LONGEST_TIMER } from "./option.js";

/** One alarm that can be moved. */
export interface Expiry {
  /** Sets the alarm to a time in epoch milliseconds, in place of the one before; without a time there is none. */
  set(at: number | undefined): void;
  /** Takes the alarm back, for good. */
  stop(): void;
}

export function createExpiry(onExpired: () => void): Expiry {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const arm = (at: number): void => {
    // A timer may be early by a fraction of a millisecond, and cannot reach further than `LONGEST_TIMER`.
    const wake = (): void => (at > Date.now() ? arm(at) : onExpired());
    timer = setTimeout(wake, Math.min(Math.max(0, at - Date.now()), LONGEST_TIMER));
  };
  return {
    set(at) {
      clearTimeout(timer);
      if (at !== undefined && !isStopped) arm(at);
    },
    stop() {
      clearTimeout(timer);
      isStopped = true;
    },
  };
}
