import { systemClock } from "../clock.js";

/** How often an alarm looks at the clock, which may jump: timers go by another one, and stand still in a sleep. */
const LOOK_EVERY = 60_000;

/** One alarm that can be moved. */
export interface Expiry {
  /** Sets the alarm to a time in epoch milliseconds, in place of the one before; without a time there is none. */
  set(at: number | undefined): void;
  /** Takes the alarm back, for good. */
  stop(): void;
}

export function createExpiry(onExpired: () => void): Expiry {
  const clock = systemClock();
  let timer: unknown;
  let isStopped = false;
  const arm = (at: number): void => {
    // A timer may be early by a fraction of a millisecond.
    const wake = (): void => (at > clock.now() ? arm(at) : onExpired());
    timer = clock.setTimeout(wake, Math.min(LOOK_EVERY, Math.max(0, at - clock.now())));
  };
  return {
    set(at) {
      clock.clearTimeout(timer);
      if (at !== undefined && !isStopped) arm(at);
    },
    stop() {
      clock.clearTimeout(timer);
      isStopped = true;
    },
  };
}
